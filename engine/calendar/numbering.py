"""Working days as rows, so that SQL can count them: `number` runs on, and a day off keeps the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Date, Index, Integer, String, Table, delete, insert, select

from engine.calendar.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from engine.tables import metadata

if TYPE_CHECKING:
    from engine.work import Work

FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)

workdays = Table(
    "g_workday",
    metadata,
    Column("calendar", String(80), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("number", Integer, nullable=False),
)
Index("ix_g_workday_number", workdays.c.calendar, workdays.c.number, workdays.c.day)  # from a number to its first day

numberings = Table(
    "g_workday_state",
    metadata,
    Column("calendar", String(80), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)


# One statement for all days of a calendar: its numbers arrive as a JSON list that begins with the first day.
_FILL = {
    "sqlite": """INSERT INTO g_workday (calendar, day, number)
SELECT :calendar, date(:first, '+' || key || ' days'), value FROM json_each(:numbers)""",
    "postgresql": """INSERT INTO g_workday (calendar, day, number)
SELECT :calendar, CAST(:first AS date) + CAST(place - 1 AS integer), CAST(number AS integer)
FROM json_array_elements_text(CAST(:numbers AS json)) WITH ORDINALITY AS listed (number, place)""",
}


def prepare(work: Work, calendars: Iterable[Calendar]) -> None:
    """Bring the rows of these calendars in line with what is declared; nothing is written when nothing changed."""
    known = {row.calendar: row.fingerprint for row in work.execute(select(numberings))}
    for calendar in calendars:
        numbers = json.dumps(_numbers(calendar))
        fingerprint = hashlib.sha256(numbers.encode()).hexdigest()
        if known.get(calendar.id) == fingerprint:
            continue
        for table in (workdays, numberings):
            work.execute(delete(table).where(table.c.calendar == calendar.id))
        row = {"calendar": calendar.id, "first": FIRST_DAY.isoformat(), "numbers": numbers}
        work.driver(_FILL[work.dialect], row)
        work.execute(insert(numberings).values(calendar=calendar.id, fingerprint=fingerprint))


def _numbers(calendar: Calendar) -> list[int]:
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    return [calendar.number(day) for day in days]
