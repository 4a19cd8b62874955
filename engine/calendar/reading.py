"""Reading `calendars/*.yaml` into calendars; mistakes are told at their places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from engine import names
from engine.calendar.calendar import FIRST_YEAR, LAST_YEAR, Calendar, Span, Year
from engine.errors import ConfigError, Problems

if TYPE_CHECKING:
    from engine.source import Document

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_SPANS = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$"},
    "description": "Open hours in order, such as 09:00-12:00; a gap is a break (工作时段)",
}
_MONTH_DAY = r"\d\d-\d\d"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["label", "week"],
    "additionalProperties": False,
    "properties": {
        "label": {"type": "string"},
        "timezone": {"type": "string", "description": "The zone of its hours; else that of the app (时区)"},
        "week": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "patternProperties": {f"^{_DAY}(-{_DAY})?$": _SPANS},
            "description": "Open hours of a usual week; a day that is not named is a day off (每周工作时间)",
        },
        "make_up": _SPANS
        | {"description": "Hours of make-up days; else those of the first open weekday (调休上班时段)"},
        "years": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {
                r"^\d{4}$": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "source": {"type": "string", "description": "The notice that the data comes from (依据)"},
                        "off": {
                            "type": "object",
                            "additionalProperties": {
                                "type": "string",
                                "pattern": f"^{_MONTH_DAY}(\\.\\.{_MONTH_DAY})?$",
                            },
                            "description": "Days off by name: 国庆节: 10-01..10-07 (放假)",
                        },
                        "work": {
                            "type": "array",
                            "items": {"type": "string", "pattern": f"^{_MONTH_DAY}$"},
                            "description": "Make-up working days: 02-14 (调休上班)",
                        },
                        "hours": {
                            "type": "object",
                            "additionalProperties": False,
                            "patternProperties": {f"^{_MONTH_DAY}$": _SPANS},
                            "description": "Days with other hours, such as half days (特殊工作时段)",
                        },
                    },
                }
            },
        },
    },
}

USUAL: tuple[Span, ...] = ((time(9), time(18)),)


def default_calendar(zone: ZoneInfo) -> Calendar:
    """Monday to Friday, 9 to 18: what an app without a calendar runs on."""
    return Calendar("default", "周一至周五", zone, (USUAL,) * 5 + ((),) * 2, make_up=USUAL)


def compile_calendar(document: Document, problems: Problems, zone: ZoneInfo, id: str) -> Calendar | None:
    """Turn one file, already checked against SCHEMA, into a calendar; None when it has mistakes."""
    return _Reader(document, problems).calendar(zone, id)


class _Reader:
    def __init__(self, document: Document, problems: Problems) -> None:
        self.document, self.problems = document, problems
        self.wrong = False

    def calendar(self, zone: ZoneInfo, id: str) -> Calendar | None:
        value: dict[str, Any] = self.document.value
        zone = self._zone(value.get("timezone"), zone)
        week = self._week(value["week"])
        years = {int(year): self._year(int(year), given or {}) for year, given in (value.get("years") or {}).items()}
        make_up = self._spans(value["make_up"], "make_up") if "make_up" in value else next(filter(None, week), ())
        if not any(week):
            self._refuse(
                "the week has no open hours", "give at least one day its hours: mon-fri: [09:00-18:00]", "week"
            )
        return None if self.wrong else Calendar(id, value["label"], zone, week, years, make_up)

    def _zone(self, name: str | None, zone: ZoneInfo) -> ZoneInfo:
        if name is None:
            return zone
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self.wrong = True
            self.problems.add(names.unknown("time zone", name, available_timezones(), self.document.mark("timezone")))
            return zone

    def _week(self, given: dict[str, list[str]]) -> tuple[tuple[Span, ...], ...]:
        week: dict[int, tuple[Span, ...]] = {}
        for days, texts in given.items():
            first, last = (DAYS.index(end) for end in _ends(days, "-"))
            spans = self._spans(texts, "week", days)
            for number in range(first, last + 1):
                if number in week:
                    self._refuse(f"'{DAYS[number]}' has its hours twice", "name each day once", "week", days)
                week[number] = spans
            if last < first:
                self._refuse(f"'{days}' runs backwards", "the week begins with mon and ends with sun", "week", days)
        return tuple(week.get(number, ()) for number in range(7))

    def _spans(self, texts: list[str], *path: Any) -> tuple[Span, ...]:
        spans: list[Span] = []
        for position, text in enumerate(texts):
            try:
                start, end = (time.fromisoformat(part) for part in text.split("-"))
            except ValueError:
                self._refuse(f"'{text}' holds a time that does not exist", "write 09:00-12:00", *path, position)
                continue
            if start >= end:
                self._refuse(f"'{text}' ends before it begins", "hours do not run over midnight", *path, position)
            elif spans and start < spans[-1][1]:
                self._refuse(
                    f"'{text}' begins before the hours before it end", "put the hours in order", *path, position
                )
            else:
                spans.append((start, end))
        return tuple(spans)

    def _year(self, year: int, given: dict[str, Any]) -> Year:
        here = ("years", str(year))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self._refuse(f"the year {year} is out of reach", f"years run from {FIRST_YEAR} to {LAST_YEAR}", *here)
        off: dict[date, str] = {}
        for name, text in (given.get("off") or {}).items():
            for day in self._days(year, text, *here, "off", name):
                if day in off:
                    self._refuse(
                        f"{day} is off twice, as {off[day]} and {name}", "name each day once", *here, "off", name
                    )
                off[day] = name
        work = set()
        for position, text in enumerate(given.get("work") or []):
            for day in self._days(year, text, *here, "work", position):
                if day in off:
                    self._refuse(f"{day} is both off and a make-up day", "keep one of the two", *here, "work", position)
                work.add(day)
        hours = {
            day: self._spans(texts, *here, "hours", text)
            for text, texts in (given.get("hours") or {}).items()
            for day in self._days(year, text, *here, "hours", text)
        }
        return Year(off, frozenset(work), hours, given.get("source"))

    def _days(self, year: int, text: str, *path: Any) -> Iterator[date]:
        """The days of `10-01` or `10-01..10-07`; nothing, and a problem, when one does not exist."""
        try:
            first, last = (date.fromisoformat(f"{year}-{end}") for end in _ends(text, ".."))
        except ValueError:
            self._refuse(f"'{text}' is no day of {year}", "write month and day, such as 10-01..10-07", *path)
            return
        if last < first:
            hint = "a holiday over new year stands in both years, with its days of each"
            self._refuse(f"'{text}' runs backwards", hint, *path)
        while first <= last:
            yield first
            first += timedelta(days=1)

    def _refuse(self, message: str, hint: str, *path: Any) -> None:
        self.wrong = True
        self.problems.add(ConfigError(message, self.document.mark(*path), hint))


def _ends(text: str, separator: str) -> tuple[str, str]:
    """The two ends of a range; a single thing is both."""
    first, _, last = text.partition(separator)
    return first, last or first
