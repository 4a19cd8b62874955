"""Working time: calendars with holidays and make-up days, durations, and arithmetic over both."""

from engine.calendar.calendar import Calendar, instant, quiet_until
from engine.calendar.duration import BadDuration, Duration
from engine.calendar.numbering import prepare, workdays
from engine.calendar.reading import SCHEMA, compile_calendar, default_calendar

__all__ = [
    "SCHEMA",
    "BadDuration",
    "Calendar",
    "Duration",
    "compile_calendar",
    "default_calendar",
    "instant",
    "prepare",
    "quiet_until",
    "workdays",
]
