"""Clock: the times on the wall that a scenario names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.calendar import instant

PATTERN = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"


def at(text: str, zone: ZoneInfo) -> datetime:
    """The instant of a time such as `2026-03-16 09:00`; ValueError when there is no such day."""
    local = datetime.strptime(text, "%Y-%m-%d %H:%M")
    return instant(local.date(), local.time(), zone)
