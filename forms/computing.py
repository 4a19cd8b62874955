"""Computing: the values of computed fields for saved records, reckoned where the rows are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from forms import plan, prepared
from forms.form import Field, Form
from forms.prepared import Needs, Prepared
from forms.sqlenv import FormSql

if TYPE_CHECKING:
    from engine.work import Work


def values(work: Work, form: Form, ids: Collection[int], fields: Sequence[Field]) -> dict[int, dict[str, Any]]:
    """The computed fields of these records, by id, in one query."""
    if not fields or not ids:
        return {id: {} for id in ids}
    made = plan.of(work, form)
    rows = _statement(work, form, fields).rows(work, ids=prepared.ids(work, ids))
    return {row[0]: made.computed(fields, row[1:]) for row in rows}


def _statement(work: Work, form: Form, fields: Sequence[Field]) -> Prepared:
    names = tuple(field.id for field in fields)
    needs = form.compiled.get(("needs", names))
    if needs is None:
        needs = form.compiled[("needs", names)] = Needs.of(field.compute for field in fields if field.compute)
    assert isinstance(needs, Needs)

    def build() -> Prepared:
        env = FormSql(work, form)
        columns = [field.compute.sql(env) for field in fields if field.compute]
        wanted = select(env.alias.c.id, *columns).select_from(env.from_)
        return prepared.prepare(wanted.where(prepared.among(env.alias.c.id, work.dialect)), work.dialect)

    found = prepared.kept(work, form, ("computed", names), needs, build)
    assert isinstance(found, Prepared)
    return found
