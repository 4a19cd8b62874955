"""Serials: the next number of a series; gapless ones are counted in the transaction, fast ones in blocks beside it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Integer, String, Table

from engine import driver
from engine.database import Database
from engine.tables import metadata
from forms.fields.serial import SerialField
from forms.form import Field, Form

if TYPE_CHECKING:
    from engine.work import Work

table = Table(
    "g_serial",
    metadata,
    Column("form", String(64), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("period", String(200), primary_key=True),
    Column("last", Integer, nullable=False),
)

_NEXT = """INSERT INTO g_serial (form, field, period, last) VALUES (:form, :field, :period, :count)
ON CONFLICT (form, field, period) DO UPDATE SET last = g_serial.last + :count RETURNING last"""
BLOCK = 20

_turn = threading.Lock()
_blocks: WeakKeyDictionary[Database, dict[tuple[str, str, str], range]] = WeakKeyDictionary()


def numbers(work: Work, form: Form, field: Field, count: int = 1) -> list[str]:
    """The next numbers of a serial field, in order."""
    kind = field.type
    assert isinstance(kind, SerialField)
    key = (form.id, field.id, kind.period(work.today))
    if kind.gapless or work.dialect == "sqlite":  # SQLite has one writer, so nothing waits longer for being gapless
        last = _take(work, key, count)
        return [kind.number(key[2], last - count + number) for number in range(1, count + 1)]
    return [kind.number(key[2], _from_block(work, key)) for _ in range(count)]


def _take(work: Work, key: tuple[str, str, str], count: int) -> int:
    row = work.driver(_NEXT, {"form": key[0], "field": key[1], "period": key[2], "count": count}).fetchone()
    return int(row[0])


def _from_block(work: Work, key: tuple[str, str, str]) -> int:
    """A number of the block that this process has drawn; numbers of transactions that fail are lost."""
    database = work.app.database
    with _turn:
        blocks = _blocks.setdefault(database, {})
        block = blocks.get(key)
        if not block:
            with database.engine.begin() as beside:
                given = {"form": key[0], "field": key[1], "period": key[2], "count": BLOCK}
                last = int(driver.run(beside, _NEXT, given).fetchone()[0])
            block = range(last - BLOCK + 1, last + 1)
        blocks[key] = block[1:]
        return block[0]
