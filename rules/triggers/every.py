"""Every: at a fixed distance in minutes or hours, counted from midnight of the app's zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.triggers import Period, Trigger, trigger_types


@trigger_types.register("every")
class Every(Trigger):
    """Look again and again during the day.

    trigger: {every: 2 hours}
    """

    schema = {
        "type": "string",
        "pattern": r"^[1-9][0-9]* (minutes?|hours?)$",
        "description": "间隔, 如 2 hours、30 minutes / distance between two looks",
    }

    def latest(self, now: datetime, zone: ZoneInfo) -> Period:
        number, unit = self.value.split()
        step = timedelta(minutes=int(number) * (60 if unit.startswith("hour") else 1))
        local = now.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + step * ((local - midnight) // step)
        return Period(f"at:{at:%Y-%m-%dT%H:%M}", at)

    def describe(self) -> str:
        return f"每隔 {self.value}"
