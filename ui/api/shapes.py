"""Shapes: records as JSON; which fields a reader gets is worked out once per form and roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.principal import Principal
from engine.work import Work
from forms import access, query
from forms.fields import FieldType
from forms.form import SYSTEM_FIELDS, Field, Form
from forms.records import Record

Codec = Callable[[Any], Any]
Column = tuple[str, Codec | None]


def instant(value: datetime | None) -> str | None:
    """An instant as the API writes it."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def codec(field: Field) -> Codec | None:
    """How a value of this field becomes JSON; None where it already is."""
    return None if type(field.type).json is FieldType.json else field.type.json


class Shape:
    """What one kind of reader gets of a form: system fields, stored fields, computed ones, and tables."""

    def __init__(self, principal: Principal, seen: Iterable[Field], system: Iterable[str], title: bool = True) -> None:
        seen = list(seen)
        self.system, self.title = tuple(system), title
        self.stored: list[Column] = [(one.id, codec(one)) for one in seen if one.stored]
        self.computed: list[Column] = [(one.id, codec(one)) for one in seen if one.computed]
        self.tables = [(one.id, _of_rows(principal, one.lines)) for one in seen if one.lines]

    def written(self, record: Record) -> dict[str, Any]:
        """A record as it was just written, without what has to be reckoned."""
        found = self._plain(record.stored, self.system)
        for name, shape in self.tables:
            found[name] = [shape.row(row) for row in record[name]]
        if record.warnings:
            found["warnings"] = list(record.warnings)
        return found

    def whole(self, record: Record) -> dict[str, Any]:
        """A record with its title and computed fields."""
        found = self._plain(record.stored, self.system)
        if self.title:
            found["title"] = record.title
        for name, read in self.computed:
            value = record[name]
            found[name] = value if value is None or read is None else read(value)
        for name, shape in self.tables:
            found[name] = [shape.row(row) for row in record[name]]
        return found

    def row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """One row of a table inside a record."""
        return self._plain(values, ("id",))

    def _plain(self, values: Mapping[str, Any], system: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in system:
            value = values.get(name)
            found[name] = instant(value) if isinstance(value, datetime) else value
        for name, read in self.stored:
            value = values[name]
            found[name] = value if value is None or read is None else read(value)
        return found


def readable(principal: Principal, form: Form) -> list[Field]:
    """The fields of a form that this reader may see, on the rows that are open to them."""
    return [one for one in form.fields.values() if access.readable(principal, one)]


def _of_rows(principal: Principal, form: Form) -> Shape:
    return Shape(principal, readable(principal, form), ("id",))


def shape(work: Work, form: Form) -> Shape:
    """What this reader gets of a form, worked out once for all with the same roles."""
    key = ("api", work.principal.system, work.principal.roles)
    found = form.compiled.get(key)
    if found is None:
        found = form.compiled[key] = Shape(work.principal, readable(work.principal, form), SYSTEM_FIELDS, title=False)
    assert isinstance(found, Shape)
    return found


def chosen(work: Work, form: Form, names: list[str] | None) -> Shape:
    """The shape with only the named fields. Raises InputError for unknown names, AccessDenied for hidden ones."""
    if names is None:
        return shape(work, form)
    for name in names:
        if name != "title":
            query.field_or_system(form, work.principal, name)
    seen = [one for one in readable(work.principal, form) if one.id in names]
    system = [name for name in SYSTEM_FIELDS if name in names or name in ("id", "version")]
    return Shape(work.principal, seen, system, "title" in names)


def single(work: Work, form: Form, names: list[str] | None) -> Shape:
    """The same for one record, which also says what it is called; in lists that has to be asked for."""
    if names is not None:
        return chosen(work, form, names)
    return Shape(work.principal, readable(work.principal, form), SYSTEM_FIELDS)


def of_task(principal: Principal, record: Record) -> Shape:
    """What a step shows of its record, which may be more or less than roles allow."""
    return Shape(principal, [one for one in record.form.fields.values() if one.id in record], SYSTEM_FIELDS)
