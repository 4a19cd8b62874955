"""Columns and values of a backup, by names that both databases share."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, LargeBinary, Numeric, Table, Text
from sqlalchemy.types import DateTime, TypeEngine

from engine.tables import Instant, metadata
from forms import migrations
from forms.form import Form

FORMAT = 1
PIECE = 1000  # rows read or written at once
KINDS: Mapping[str, TypeEngine[Any]] = {
    "instant": Instant(), "boolean": Boolean(create_constraint=False), "date": Date(), "integer": BigInteger(),
    "float": Float(), "number": Numeric(), "bytes": LargeBinary(), "text": Text(),
}  # fmt: skip
_TESTS: Mapping[str, tuple[type, ...]] = {
    "instant": (Instant, DateTime), "boolean": (Boolean,), "date": (Date,), "integer": (Integer,),
    "float": (Float,), "number": (Numeric,), "bytes": (LargeBinary,),
}  # fmt: skip
_BACK: Mapping[str, Any] = {
    "b": base64.b64decode,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "j": lambda value: value,
}


def kind_of(kind: TypeEngine[Any]) -> str:
    """The kind of a column."""
    return next((name for name, types in _TESTS.items() if isinstance(kind, types)), "text")


def declared(forms: Mapping[str, Form]) -> dict[str, Table]:
    """The tables whose columns we know: those of the rooms, and those of forms that are bound to their tables."""
    found = {table.name: table for table in metadata.sorted_tables}
    for form in forms.values():
        for one in migrations.with_tables(form):
            if one.storage is not None:
                found[one.storage.table.name] = one.storage.table
    return found


def told(value: Any) -> Any:
    """A value as JSON, marked where JSON does not know its kind."""
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return {"j": value} if isinstance(value, (dict, list, tuple)) else value


def read(value: Any) -> Any:
    """The value that was told."""
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    return _BACK[kind](inner)
