"""Titles: what a record is called, for one or for many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from forms import rows
from forms.env import MEMO, RecordEnv
from forms.form import Form

if TYPE_CHECKING:
    from engine.work import Work


def title(env: RecordEnv) -> str:
    """What this record is called, in the language of the one who looks."""
    form = env.form
    if form.title is None:
        return f"{form.label} {env.values.get('id') or ''}".strip()
    return form.title.render(env, env.work.principal.locale)


def one(work: Work, form_id: str, id: int, around: Iterable[int | None]) -> str | None:
    """What this record is called; those `around` it are looked up with it, since they will be asked for next."""
    known: dict[Any, Any] = work.cache.setdefault(MEMO, {}).setdefault(("titles", form_id), {})
    if id not in known:
        of(work, form_id, {id, *(other for other in around if other is not None)})
    return known.get(id)


def of(work: Work, form_id: str, ids: Iterable[int]) -> Mapping[int, str]:
    """What these records are called, deleted ones too; unknown ids are left out. At most two queries.

    A title is open to whoever may see a record that refers to it.
    """
    form: Form = work.catalog["form"][form_id]
    known: dict[Any, Any] = work.cache.setdefault(MEMO, {}).setdefault(("titles", form_id), {})
    missing = {id for id in ids if id is not None and id not in known}
    if missing:
        family: list[RecordEnv] = []
        loaded = rows.load(work, form, missing, deleted=True)
        family += [RecordEnv(work, form, values, family, settled=True) for values in loaded.values()]
        known.update({env.values["id"]: title(env) for env in family})
    return {id: known[id] for id in ids if id in known}
