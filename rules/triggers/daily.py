"""Daily: every day at a time of the app's zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.triggers import Period, Trigger, trigger_types

CLOCK = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$"}


def at_time(day: datetime, clock: str) -> datetime:
    """The instant of a clock time on a day; `day` carries the zone."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day.date(), time(hour, minute), day.tzinfo)


@trigger_types.register("daily")
class Daily(Trigger):
    """Look once a day, from this time on.

    trigger: {daily: "08:00"}
    """

    schema = {**CLOCK, "description": "每天的时间, 24 小时制 / time of day, HH:MM"}

    def latest(self, now: datetime, zone: ZoneInfo) -> Period:
        at = at_time(now.astimezone(zone), self.value)
        if at > now:
            at = at_time(at - timedelta(days=1), self.value)
        return Period(f"day:{at:%Y-%m-%d}", at)

    def describe(self) -> str:
        return f"每天 {self.value}"
