"""Rows: reading stored records by id or by owner, many at once; whoever asks has seen to access."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from forms import plan
from forms.form import Form

if TYPE_CHECKING:
    from engine.work import Work

Values = dict[str, Any]


def load(work: Work, form: Form, ids: Collection[int], deleted: bool = False) -> dict[int, Values]:
    """The records of these ids that there are, by id."""
    if not ids:
        return {}
    return {values["id"]: values for values in _where(work, form, "id", ids, deleted)}


def children(work: Work, form: Form, via: str, owners: Collection[int]) -> dict[int, list[Values]]:
    """The records that refer to each of these owners through the field `via`, in the order in which they came."""
    found: dict[int, list[Values]] = {owner: [] for owner in owners}
    if owners:
        for values in _where(work, form, via, owners, False):
            found[values[via]].append(values)
    return found


def _where(work: Work, form: Form, name: str, ids: Collection[int], deleted: bool) -> Iterable[Values]:
    made = plan.of(work, form)
    key = ("rows", work.dialect, name, deleted)
    sql = form.compiled.get(key)
    if sql is None:
        sql = form.compiled[key] = _statement(made, name, deleted)
    parameter = list(ids) if work.dialect == "postgresql" else orjson.dumps(list(ids)).decode()
    return map(made.decode, work.driver(str(sql), {"ids": parameter}).fetchall())


def _statement(made: plan.Plan, name: str, deleted: bool) -> str:
    column = made.column(name)
    among = (
        f"{column} = ANY(:ids)" if made.dialect == "postgresql" else f"{column} IN (SELECT value FROM json_each(:ids))"
    )
    alive = "" if deleted or made.form.parent else " AND deleted_at IS NULL"
    order = "position, id" if made.form.parent else "id"
    return f"SELECT {made.columns} FROM {made.table} WHERE {among}{alive} ORDER BY {order}"
