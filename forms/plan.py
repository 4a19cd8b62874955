"""Plan: a form worked out for one database: its hot statements as text, and how each value goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from engine.tables import Instant, bind_instant, read_instant
from forms import storage
from forms.fields import FieldType
from forms.form import Field, Form
from forms.storage import SEARCH, Storage

if TYPE_CHECKING:
    from engine.work import Work

Codec = Callable[[Any], Any]
SYSTEM = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
CHUNK = 2000
LINE = ("id", "parent", "position")
DIALECTS: dict[str, type[Dialect]] = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


def codec(kind: TypeEngine[Any], dialect: str) -> tuple[Codec | None, Codec | None]:
    """How a physical value goes to the driver and how it comes back; None where nothing is to be done."""
    if isinstance(kind, Instant):
        return lambda value: bind_instant(value, dialect), read_instant
    if isinstance(kind, Date):
        return (date.isoformat if dialect == "sqlite" else None), _read_date
    if isinstance(kind, Boolean):
        return None, bool
    return None, None


def _read_date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _chain(first: Codec | None, second: Codec | None) -> Codec | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


class Plan:
    """The statements of one form on one dialect. Values are given and answered as typed Python values."""

    def __init__(self, form: Form, kept: Storage, dialect: str) -> None:
        self.form, self.storage, self.dialect = form, kept, dialect
        self._quote = DIALECTS[dialect]().identifier_preparer.quote
        self.table = self._quote(kept.table.name)
        self.fields: tuple[Field, ...] = form.stored
        self.system = LINE if form.parent else SYSTEM
        self._encode: dict[str, Codec] = {}
        self._decode: list[tuple[str, Codec | None]] = []
        for name in self.system:
            self._decode.append((name, codec(kept.columns[name].type, dialect)[1]))
        for field in self.fields:
            bind, read = codec(kept.columns[field.id].type, dialect)
            own = type(field.type)
            encode = _chain(None if own.to_db is FieldType.to_db else field.type.to_db, bind)
            if encode:
                self._encode[field.id] = encode
            self._decode.append(
                (field.id, _chain(read, None if own.from_db is FieldType.from_db else field.type.from_db))
            )
        self._readers = dict(self._decode)
        self.empty: Mapping[str, None] = dict.fromkeys(field.id for field in self.fields)
        self.insert = self._insert()
        self.select = f"SELECT {self.columns} FROM {self.table} WHERE id = :id" + self._alive()
        self.lock = self.select + (" FOR UPDATE" if dialect == "postgresql" else "")
        self._updates: dict[tuple[str, ...], str] = {}

    def column(self, name: str) -> str:
        """The quoted column of a field or system field."""
        return self._quote(self.storage.columns[name].name)

    @property
    def names(self) -> tuple[str, ...]:
        """The system fields and stored fields in the order in which `decode` reads them."""
        return tuple(name for name, _ in self._decode)

    @property
    def columns(self) -> str:
        """The columns that `decode` reads, in its order."""
        return ", ".join(self.column(name) for name, _ in self._decode)

    def _alive(self) -> str:
        return "" if self.form.parent else " AND deleted_at IS NULL"

    def _insert(self) -> str:
        names = [name for name in self.system if name != "id"] + [field.id for field in self.fields]
        columns, holes = [self.column(name) for name in names], [f":{name}" for name in names]
        if self.storage.searchable:
            columns.append(SEARCH)
            holes.append(f":{SEARCH}")
        return (
            f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES ({', '.join(holes)})"
            " ON CONFLICT DO NOTHING RETURNING id"
        )

    def insert_many(self, work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert encoded rows whose ids are known; what is unique has been looked at before.

        On PostgreSQL whole columns travel as arrays, a few thousand rows in one statement.
        """
        if not rows:
            return
        names = list(rows[0])
        if self.dialect == "sqlite":
            work.driver_many(self._insert_rows(names, [f":{name}" for name in names], "VALUES ({})"), rows)
            return
        holes = [f":{name}::{self._array(name)}" for name in names]
        sql = self._insert_rows(names, holes, "SELECT * FROM unnest({})")
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            work.driver(sql, {name: [row[name] for row in chunk] for name in names})

    def _insert_rows(self, names: Sequence[str], holes: Sequence[str], source: str) -> str:
        columns = ", ".join(name if name == SEARCH else self.column(name) for name in names)
        return f"INSERT INTO {self.table} ({columns}) {source.format(', '.join(holes))}"

    def _array(self, name: str) -> str:
        column = self.storage.table.c[SEARCH] if name == SEARCH else self.storage.columns[name]
        return f"{column.type.compile(dialect=DIALECTS[self.dialect]())}[]"

    def next_ids(self, work: Work, count: int) -> list[int]:
        """So many ids that no other record has or will have."""
        if self.dialect == "postgresql":
            sql = "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
            return [row[0] for row in work.driver(sql, {"name": self.table, "count": count}).fetchall()]
        sql = "SELECT seq FROM sqlite_sequence WHERE name = :name"
        row = work.driver(sql, {"name": self.storage.table.name}).fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))

    def value(self, name: str, raw: Any) -> Any:
        """The typed value of one column of a row."""
        read = self._readers[name]
        return read(raw) if read is not None and raw is not None else raw

    def update(self, names: Sequence[str]) -> str:
        """Change these fields of one row, if it still has the version that was read."""
        key = tuple(names)
        found = self._updates.get(key)
        if found is None:
            sets = [f"{self.column(name)} = :{name}" for name in key if name != SEARCH]
            if SEARCH in key:
                sets.append(f"{SEARCH} = :{SEARCH}")
            if self.form.parent:
                where = "id = :id"
            else:
                sets += ["version = :version + 1", "updated_at = :updated_at", "updated_by = :updated_by"]
                where = "id = :id AND version = :version AND deleted_at IS NULL"
            found = self._updates[key] = f"UPDATE {self.table} SET {', '.join(sets)} WHERE {where}"
        return found

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The physical form of these values, as the driver takes them."""
        encoders = self._encode
        return {
            name: (encoders[name](value) if value is not None and name in encoders else value)
            for name, value in values.items()
        }

    def decode(self, row: Sequence[Any]) -> dict[str, Any]:
        """The typed values of a row of `select`, system fields first."""
        return {
            name: (read(value) if read is not None and value is not None else value)
            for (name, read), value in zip(self._decode, row, strict=True)
        }

    def computed(self, fields: Sequence[Field], row: Sequence[Any]) -> dict[str, Any]:
        """The typed values of computed fields, as a driver answers what their expressions make."""
        found: dict[str, Any] = {}
        for field, value in zip(fields, row, strict=True):
            read = codec(field.type.column(), self.dialect)[1]
            if value is not None and read is not None:
                value = read(value)
            found[field.id] = None if value is None else field.type.from_db(value)
        return found


def of(work: Work, form: Form) -> Plan:
    """The plan of a form on this work's database, made once."""
    key = ("plan", work.dialect)
    found = form.compiled.get(key)
    if found is None:
        found = form.compiled[key] = Plan(form, storage.of(work, form), work.dialect)
    assert isinstance(found, Plan)
    return found
