"""Working days as rows, so that SQL can count them: `number` runs on, and a day off keeps the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Integer, String, Table, delete, insert, select

from engine.calendar.calendar import Calendar
from engine.tables import metadata

if TYPE_CHECKING:
    from engine.work import Work

FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2045, 12, 31)  # the days that SQL can reach

workdays = Table(
    "g_workday",
    metadata,
    Column("calendar", String(80), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("number", Integer, nullable=False, index=True),
)

numberings = Table(
    "g_workday_state",
    metadata,
    Column("calendar", String(80), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)


def prepare(work: Work, calendars: Iterable[Calendar]) -> None:
    """Bring the rows of these calendars in line with what is declared; nothing is written when nothing changed."""
    known = {row.calendar: row.fingerprint for row in work.execute(select(numberings))}
    for calendar in calendars:
        rows = _rows(calendar)
        fingerprint = hashlib.sha256(repr([row["number"] for row in rows]).encode()).hexdigest()
        if known.get(calendar.id) == fingerprint:
            continue
        for table in (workdays, numberings):
            work.execute(delete(table).where(table.c.calendar == calendar.id))
        work.execute(insert(workdays), rows)
        work.execute(insert(numberings).values(calendar=calendar.id, fingerprint=fingerprint))


def _rows(calendar: Calendar) -> list[dict[str, object]]:
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    return [{"calendar": calendar.id, "day": day, "number": calendar.number(day)} for day in days]
