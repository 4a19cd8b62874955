"""Grain: how fine time is cut; every grain is made of months or days that the database groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Grain:
    """Cut time into day, week (from Monday), month, quarter or year."""

    name: str

    @property
    def base(self) -> str:
        """What the database groups by: months add up to quarters and years, days to weeks."""
        return "day" if self.name in ("day", "week") else "month"

    def start(self, day: date) -> date:
        """The first day of the piece that a day lies in."""
        if self.name == "day":
            return day
        if self.name == "week":
            return day - timedelta(days=day.weekday())
        if self.name == "year":
            return date(day.year, 1, 1)
        first = 3 * ((day.month - 1) // 3) + 1 if self.name == "quarter" else day.month
        return date(day.year, first, 1)

    def back(self, start: date, pieces: int) -> date:
        """The first day of the piece so many before."""
        if self.name in ("day", "week"):
            return start - timedelta(days=pieces * (7 if self.name == "week" else 1))
        months = pieces * {"month": 1, "quarter": 3, "year": 12}[self.name]
        number = start.year * 12 + start.month - 1 - months
        return date(number // 12, number % 12 + 1, 1)

    def end(self, start: date) -> date:
        """The last day of the piece that begins here."""
        return self.back(start, -1) - timedelta(days=1)

    def last(self, day: date, count: int) -> list[date]:
        """The first days of the last so many pieces, the one of `day` included."""
        start = self.start(day)
        return [self.back(start, pieces) for pieces in range(count - 1, -1, -1)]

    def show(self, start: date) -> str:
        """How a piece is called."""
        if self.name == "year":
            return f"{start.year}"
        if self.name == "quarter":
            return f"{start.year} Q{(start.month + 2) // 3}"
        return f"{start:%Y-%m}" if self.name == "month" else f"{start:%m-%d}"


GRAINS = {name: Grain(name) for name in ("day", "week", "month", "quarter", "year")}
