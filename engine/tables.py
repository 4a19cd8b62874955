"""The one metadata that every room hangs its own tables on; `g_` marks them apart from the tables of forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Integer, MetaData, String, Table, Text, inspect
from sqlalchemy.types import TypeDecorator

from engine import jsontext

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows only in a column that is INTEGER, so both names stand for the same 64-bit id.
Id = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; on SQLite fixed-width ISO text, so that order is time order."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return bind_instant(value, dialect.name)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else read_instant(value)


class Json(TypeDecorator[Any]):
    """A plain value as JSON text; the same bytes on both databases, so that they can be hashed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else jsontext.dump(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else jsontext.load(value)


def missing(connection: Connection) -> list[Table]:
    """Return the tables of the rooms that this database does not have yet; one look for all of them."""
    there = set(inspect(connection).get_table_names())
    return [table for table in metadata.sorted_tables if table.name not in there]


def bind_instant(value: datetime, dialect: str) -> Any:
    """Return an instant as the driver of this dialect takes it; for statements run below SQLAlchemy."""
    value = value.astimezone(UTC)
    if dialect == "postgresql":
        return value
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(value: Any) -> datetime:
    """Return the instant that a driver answered."""
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value.astimezone(UTC)  # type: ignore[no-any-return]
