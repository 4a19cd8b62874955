"""Computing: the values of computed fields for saved records, reckoned where the rows are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from forms.form import Field, Form
from forms.sqlenv import FormSql

if TYPE_CHECKING:
    from engine.work import Work


def values(work: Work, form: Form, ids: Collection[int], fields: Sequence[Field]) -> dict[int, dict[str, Any]]:
    """The computed fields of these records, by id, in one query."""
    if not fields or not ids:
        return {id: {} for id in ids}
    env = FormSql(work, form)
    columns = [field.compute.sql(env).label(field.id) for field in fields if field.compute]
    statement = select(env.alias.c.id, *columns).select_from(env.from_).where(env.alias.c.id.in_(sorted(ids)))
    return {row[0]: read(fields, row[1:]) for row in work.execute(statement)}


def read(fields: Sequence[Field], row: Sequence[Any]) -> dict[str, Any]:
    """Typed values from the physical form in which a query answers them."""
    return {
        field.id: None if value is None else field.type.from_db(value) for field, value in zip(fields, row, strict=True)
    }
