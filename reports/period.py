"""Period: a closed range of days, by name or by dates, and the range that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.errors import InputError
from reports.grain import GRAINS

PRESETS = {
    "today": "今天",
    "this_week": "本周",
    "this_month": "本月",
    "this_quarter": "本季度",
    "this_year": "本年",
    "last_month": "上月",
    "last_quarter": "上季度",
    "last_year": "去年",
    "last_30_days": "近 30 天",
    "last_12_months": "近 12 个月",
    "all": "全部",
}


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included; None is open. `grain` is set for whole calendar pieces."""

    start: date | None
    end: date | None
    grain: str | None = None

    def previous(self, today: date, mode: str) -> Period | None:
        """The range before: the same calendar piece, up to the same day of it with `to_date`.

        The 31st is compared with the last day of a shorter month. None for an open range.
        """
        if self.start is None or self.end is None:
            return None
        if self.grain is None:
            length = self.end - self.start
            return Period(self.start - length - timedelta(days=1), self.start - timedelta(days=1))
        grain = GRAINS[self.grain]
        start = grain.back(self.start, 1)
        end = self.start - timedelta(days=1)
        if mode == "to_date" and self.start <= today <= self.end:
            end = min(end, start + (today - self.start))
        return Period(start, end, self.grain)

    def until(self, today: date) -> Period:
        """The part of the range that has passed."""
        end = today if self.end is None else min(self.end, today)
        return Period(self.start, end, self.grain)


ALL = Period(None, None)


def read(text: str, today: date) -> Period:
    """Read a preset or `2026-01-01..2026-03-31`; either end may be left out. Raises InputError."""
    if text in PRESETS:
        return _preset(text, today)
    start, dots, end = text.partition("..")
    try:
        if not dots:
            raise ValueError
        period = Period(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
    except ValueError:
        raise InputError({"period": f"期间写作 2026-01-01..2026-03-31，或 {'、'.join(PRESETS)} 之一"}) from None
    if period.start and period.end and period.start > period.end:
        raise InputError({"period": "期间的开始晚于结束"})
    return period


def _preset(name: str, today: date) -> Period:
    if name == "all":
        return ALL
    if name == "today":
        return Period(today, today, "day")
    if name == "last_30_days":
        return Period(today - timedelta(days=29), today)
    if name == "last_12_months":
        return Period(GRAINS["month"].last(today, 12)[0], GRAINS["month"].end(today.replace(day=1)))
    which, unit = name.split("_")
    grain = GRAINS[unit]
    start = grain.start(today)
    if which == "last":
        start = grain.back(start, 1)
    return Period(start, grain.end(start), unit)
