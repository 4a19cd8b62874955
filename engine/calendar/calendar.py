"""Calendar: which days and hours are working time, and arithmetic over them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from engine.calendar.duration import Duration
from engine.errors import EvaluationError

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2010, 2050  # the years that can be reckoned with, here and in SQL

Span = tuple[time, time]
Roll = Literal["none", "previous", "next"]


@dataclass(frozen=True, slots=True)
class Year:
    """What one year declares: days off with their names, make-up days, other hours, and the notice it comes from."""

    off: Mapping[date, str]
    work: frozenset[date]
    hours: Mapping[date, tuple[Span, ...]]
    source: str | None = None


@dataclass(frozen=True, eq=False)
class Calendar:
    """A week of open hours, and per year the days that differ; a year without data follows the week.

    Instants that come in are aware; those that go out are in UTC. Days are those of `zone`.
    """

    id: str
    label: str
    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]  # Monday first
    years: Mapping[int, Year] = field(default_factory=dict)
    make_up: tuple[Span, ...] = ()  # hours of a make-up day that its weekday does not have

    def hours(self, day: date) -> tuple[Span, ...]:
        """The open hours of a day, in order; none on a day off."""
        year = self.years.get(day.year)
        usual = self.week[day.weekday()]
        if year is None:
            return usual
        if day in year.hours:
            return year.hours[day]
        if day in year.work:
            return usual or self.make_up
        return () if day in year.off else usual

    def is_workday(self, day: date) -> bool:
        return bool(self.hours(day))

    def holiday(self, day: date) -> str | None:
        """The name of the holiday that a day off belongs to."""
        year = self.years.get(day.year)
        return year.off.get(day) if year else None

    def number(self, day: date) -> int:
        """How many working days there were since the first year that can be reckoned with, with this day."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise EvaluationError(f"{day} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
        return bisect_right(self._workdays, day)

    def workdays_between(self, a: date, b: date) -> int:
        """The working days after `a` up to and with `b`; negative when `b` lies before `a`."""
        return self.number(b) - self.number(a)

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it when n is negative; 0 answers the day itself."""
        if n == 0:
            return day
        position = self.number(day) + n - 1 if n > 0 else self.number(day - ONE_DAY) + n
        if not 0 <= position < len(self._workdays):
            raise EvaluationError(f"{n} working days from {day} leave the years {FIRST_YEAR} to {LAST_YEAR}")
        return self._workdays[position]

    def roll(self, day: date, how: Roll) -> date:
        """Move a day that is not a working day to the one before or after it."""
        if how == "none" or self.is_workday(day):
            return day
        return self.add_workdays(day, 1 if how == "next" else -1)

    def open_at(self, instant: datetime) -> bool:
        local = instant.astimezone(self.zone)
        return any(start <= local.time() < end for start, end in self.hours(local.date()))

    def next_open(self, instant: datetime) -> datetime:
        """The instant itself when it lies in open hours, else the next opening."""
        opening = next(opens for opens, closes in self._spans(instant) if instant < closes)
        return max(opening, instant).astimezone(UTC)

    def due_at(self, start: datetime, within: Duration) -> datetime:
        """The instant at which something that started at `start` is due.

        Working units count from the next opening when the start lies outside the open hours: four
        workhours from Friday 16:00 in a 9-to-17 week end on Monday at 12:00; one workday ends at the
        same time of the next working day, or when that day closes. Hours and minutes are elapsed
        time; days and weeks keep the time on the wall, also when the clocks change.
        """
        if within.unit in ("minutes", "hours"):
            return (start.astimezone(UTC) + timedelta(**{within.unit: within.amount})).astimezone(UTC)
        if within.unit == "workhours":
            if within.amount < 0:
                raise ValueError("workhours only count forward")
            return self._after_workhours(start, timedelta(hours=within.amount))
        if within.unit == "workdays":
            opening = self.next_open(start).astimezone(self.zone)
            day = self.add_workdays(opening.date(), within.amount)
            return self._instant(day, self._open_time(day, opening.time()))
        local = start.astimezone(self.zone)
        return self._instant(local.date() + timedelta(**{within.unit: within.amount}), local.time())

    def warning(self, today: date) -> str | None:
        """Words for an admin when a year is about to be reckoned without its official holidays."""
        if not self.years:
            return None
        if today.year not in self.years:
            return f"日历「{self.label}」没有 {today.year} 年的节假日安排, 目前只按星期计算工作日"
        if today.month >= 11 and today.year + 1 not in self.years:
            return f"日历「{self.label}」还没有 {today.year + 1} 年的节假日安排, 请在通知发布后补充"
        return None

    @cached_property
    def _workdays(self) -> Sequence[date]:
        first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
        every = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in every if self.hours(day)]

    def _spans(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans from the day of the instant on."""
        day = instant.astimezone(self.zone).date()
        while day.year <= LAST_YEAR:
            for start, end in self.hours(day):
                yield self._instant(day, start), self._instant(day, end)
            day += ONE_DAY
        raise EvaluationError(f"the calendar {self.id} is not open again before the end of {LAST_YEAR}")

    def _after_workhours(self, start: datetime, left: timedelta) -> datetime:
        spans = ((max(opens, start), closes) for opens, closes in self._spans(start) if start < closes)
        for begin, closes in spans:
            if left <= closes - begin:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
        raise AssertionError("the spans of a calendar end with an error")

    def _open_time(self, day: date, wanted: time) -> time:
        """The wanted time when the day is open then, else the last closing before it, else the opening."""
        reached = [(start, end) for start, end in self.hours(day) if start <= wanted]
        return min(wanted, reached[-1][1]) if reached else self.hours(day)[0][0]

    def _instant(self, day: date, at: time) -> datetime:
        """The wall time of the zone as an instant; in a gap the next valid time, in a fold the first."""
        return instant(day, at, self.zone)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A time on the wall as an instant in UTC; in a gap the next valid time, in a fold the first."""
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), zone)
    back = local.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):  # the clocks jump over it
        return _end_of_gap(local, zone)
    return local.astimezone(UTC)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks jump over this time."""
    low, high = (local - ONE_DAY).astimezone(UTC), (local + ONE_DAY).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


def quiet_until(at: datetime, quiet_from: time, quiet_to: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that hold this instant end, or None outside them; they may span midnight."""
    local = at.astimezone(zone)
    now = local.time()
    if quiet_from <= quiet_to:
        return instant(local.date(), quiet_to, zone) if quiet_from <= now < quiet_to else None
    if now >= quiet_from:
        return instant(local.date() + ONE_DAY, quiet_to, zone)
    return instant(local.date(), quiet_to, zone) if now < quiet_to else None
