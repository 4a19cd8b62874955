"""When a scheduled rule is due: the last period that has begun, in the app's zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from rules.triggers import built_in, trigger_types

ZONE = ZoneInfo("Asia/Shanghai")
list(built_in())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("kind", "value", "now", "key", "due"),
    [
        ("daily", "08:00", "2026-03-01 08:00", "day:2026-03-01", "2026-03-01 08:00"),
        ("daily", "08:00", "2026-03-01 07:59", "day:2026-02-28", "2026-02-28 08:00"),
        ("daily", "00:00", "2026-03-01 00:30", "day:2026-03-01", "2026-03-01 00:00"),
        ("weekly", {"day": "mon", "at": "09:00"}, "2026-11-21 12:00", "week:2026-47", "2026-11-16 09:00"),
        ("weekly", {"day": "mon", "at": "09:00"}, "2026-11-16 08:59", "week:2026-46", "2026-11-09 09:00"),
        ("monthly", {"day": 31, "at": "02:00"}, "2026-03-01 00:00", "month:2026-02", "2026-02-28 02:00"),
        ("monthly", {"day": 1, "at": "02:00"}, "2026-03-01 02:00", "month:2026-03", "2026-03-01 02:00"),
        ("every", "2 hours", "2026-03-01 05:10", "at:2026-03-01T04:00", "2026-03-01 04:00"),
        ("every", "30 minutes", "2026-03-01 00:29", "at:2026-03-01T00:00", "2026-03-01 00:00"),
    ],
)
def test_the_last_period_that_has_begun(kind: str, value: object, now: str, key: str, due: str) -> None:
    period = trigger_types[kind](value).latest(at(now), ZONE)
    assert period is not None
    assert (period.key, period.at) == (key, at(due))


def test_a_period_is_the_same_all_day_long() -> None:
    keys = {trigger_types["daily"]("08:00").latest(at(f"2026-03-01 {hour:02}:15"), ZONE).key for hour in range(8, 24)}
    assert keys == {"day:2026-03-01"}
