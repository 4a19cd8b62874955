"""Duration: `4 workhours`, `1 workday`, `30 minutes`, `-3 days`, as an author writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = ("minutes", "hours", "days", "weeks", "workhours", "workdays")
WORKING = ("workhours", "workdays")
PATTERN = r"^[+-]?[0-9]{1,5} (minute|hour|day|week|workhour|workday)s?$"
SCHEMA = {
    "type": "string",
    "pattern": PATTERN,
    "description": "A stretch of time such as 30 minutes, 4 workhours, 1 workday, 3 days (时长)",
}
_FORM = re.compile(PATTERN)


class BadDuration(ValueError):
    """The text is no duration; `hint` says how to write one."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of one unit; working units need a calendar to become an instant."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str, *, signed: bool = False) -> Duration:
        """Read what an author wrote; BadDuration with a hint when it makes no sense.

        A sign is only accepted where `signed` says so, as in the steps of a ladder.
        """
        hint = f"write a whole number and a unit, such as 4 workhours; the units are {', '.join(UNITS)}"
        if not isinstance(text, str) or not _FORM.fullmatch(text):
            raise BadDuration(f"{text!r} is not a duration", hint)
        amount, unit = text.split(" ")
        if not signed and amount[0] in "+-":
            raise BadDuration(f"the duration {text!r} has a sign", "leave the sign out; it always counts forward")
        if not signed and int(amount) == 0:
            raise BadDuration(f"the duration {text!r} is empty", "write at least 1")
        return cls(int(amount), unit if unit.endswith("s") else unit + "s")

    @property
    def working(self) -> bool:
        """True when only working time counts."""
        return self.unit in WORKING

    def __str__(self) -> str:
        return f"{self.amount} {self.unit[:-1] if abs(self.amount) == 1 else self.unit}"
