"""Storage: the table of a form, by the names that the database's lock keeps for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, MetaData, Table, Text

from engine.tables import Id, Instant
from forms import lock
from forms.form import Form

if TYPE_CHECKING:
    from engine.work import Work

SEARCH = "search_text"
SYSTEM_COLUMNS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at")
LINE_COLUMNS = ("id", "parent", "position")
RESERVED = frozenset({*SYSTEM_COLUMNS, *LINE_COLUMNS, SEARCH})


@dataclass(frozen=True)
class Storage:
    """A form's table and the column of each stored field, whatever they are called in the database."""

    table: Table
    columns: Mapping[str, Column[Any]]

    @property
    def searchable(self) -> bool:
        return SEARCH in self.table.c


def of(work: Work, form: Form) -> Storage:
    """The storage of a form; the names are read from the database once per catalog."""
    if form.storage is None:
        bind(work.catalog["form"], lock.read(work))
    assert form.storage is not None
    return form.storage


def bind(forms: Mapping[str, Form], locked: lock.Lock) -> None:
    """Give every form, and every sub-table in it, its table."""
    metadata = MetaData()
    for form in forms.values():
        for one in (form, *(field.lines for field in form.lines)):
            if one is not None and one.storage is None:
                one.storage = build(one, locked, metadata)


def build(form: Form, locked: lock.Lock, metadata: MetaData) -> Storage:
    """The table of one form as it ought to be."""
    names = locked.names(form.id)
    columns: list[Column[Any]] = [Column("id", Id, primary_key=True, autoincrement=True)]
    if form.parent:
        columns += [Column("parent", Id, nullable=False), Column("position", Integer, nullable=False)]
    else:
        columns += [
            Column("version", Integer, nullable=False),
            Column("created_at", Instant, nullable=False),
            Column("created_by", Id),
            Column("updated_at", Instant, nullable=False),
            Column("updated_by", Id),
            Column("deleted_at", Instant),
        ]
    own = {field.id: Column(names.column(field.id), field.type.column()) for field in form.stored}
    columns += own.values()
    if not form.parent and any(field.search for field in form.fields.values()):
        columns.append(Column(SEARCH, Text))
    table = Table(names.table, metadata, *columns, sqlite_autoincrement=True)
    known = {name: table.c[name] for name in (*SYSTEM_COLUMNS, *LINE_COLUMNS) if name in table.c}
    return Storage(table, known | {id: table.c[column.name] for id, column in own.items()})
