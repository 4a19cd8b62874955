"""Monthly: on a day of the month; the last day stands in where a month is shorter."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.triggers import Period, Trigger, trigger_types
from rules.triggers.daily import CLOCK, at_time


@trigger_types.register("monthly")
class Monthly(Trigger):
    """Look once a month.

    trigger: {monthly: {day: 1, at: "02:00"}}
    """

    schema = {
        "type": "object",
        "properties": {
            "day": {"type": "integer", "minimum": 1, "maximum": 31, "description": "几号 / day of the month"},
            "at": {**CLOCK, "description": "时间 / time of day"},
        },
        "required": ["day", "at"],
        "additionalProperties": False,
    }

    def latest(self, now: datetime, zone: ZoneInfo) -> Period:
        local = now.astimezone(zone)
        at = self._in_month(local)
        if at > now:
            at = self._in_month(local.replace(day=1) - timedelta(days=1))
        return Period(f"month:{at:%Y-%m}", at)

    def _in_month(self, day: datetime) -> datetime:
        last = calendar.monthrange(day.year, day.month)[1]
        return at_time(day.replace(day=min(self.value["day"], last)), self.value["at"])

    def describe(self) -> str:
        return f"每月 {self.value['day']} 日 {self.value['at']}"
