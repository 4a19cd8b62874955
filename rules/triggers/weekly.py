"""Weekly: on one day of the week at a time of the app's zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.triggers import Period, Trigger, trigger_types
from rules.triggers.daily import CLOCK, at_time

DAYS = {"mon": "一", "tue": "二", "wed": "三", "thu": "四", "fri": "五", "sat": "六", "sun": "日"}


@trigger_types.register("weekly")
class Weekly(Trigger):
    """Look once a week.

    trigger: {weekly: {day: mon, at: "09:00"}}
    """

    schema = {
        "type": "object",
        "properties": {
            "day": {"enum": list(DAYS), "description": "星期几 / day of the week"},
            "at": {**CLOCK, "description": "时间 / time of day"},
        },
        "required": ["day", "at"],
        "additionalProperties": False,
    }

    def latest(self, now: datetime, zone: ZoneInfo) -> Period:
        local = now.astimezone(zone)
        back = (local.weekday() - list(DAYS).index(self.value["day"])) % 7
        at = at_time(local - timedelta(days=back), self.value["at"])
        if at > now:
            at = at_time(at - timedelta(days=7), self.value["at"])
        return Period(f"week:{at:%G-%V}", at)

    def describe(self) -> str:
        return f"每周{DAYS[self.value['day']]} {self.value['at']}"
