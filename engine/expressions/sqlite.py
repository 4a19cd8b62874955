"""Exact arithmetic and dates for SQLite, given to each connection; an overflow is an error, never a float."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.expressions.functions.dates import add_months

MOST = 2**63 - 1


def install(connection: sqlite3.Connection) -> None:
    """Make the `g_` functions known to this connection."""
    for name, arity, function in _FUNCTIONS:
        connection.create_function(name, arity, function, deterministic=True)


def half_away(number: int, divisor: int) -> int:
    """number / divisor as a whole number, halves away from zero."""
    quotient = (2 * abs(number) + abs(divisor)) // (2 * abs(divisor))
    return -quotient if (number < 0) != (divisor < 0) else quotient


def _fits(number: int) -> int:
    if -MOST <= number <= MOST:
        return number
    raise ArithmeticError("a number grew beyond what the database holds")


def g_add(left: int | None, right: int | None, sign: int) -> int | None:
    return None if left is None or right is None else _fits(left + sign * right)


def g_mul(left: int | None, right: int | None, drop: int) -> int | None:
    if left is None or right is None:
        return None
    return _fits(half_away(left * right, 10**drop) if drop > 0 else left * right)


def g_div(left: int | None, right: int | None, places: int) -> int | None:
    if left is None or not right:
        return None
    return _fits(half_away(left * 10**places, right) if places >= 0 else half_away(left, right * 10**-places))


def g_drop(number: int | None, places: int) -> int | None:
    return None if number is None else half_away(number, 10**places)


def g_floor(number: int | None, scale: int) -> int | None:
    return None if number is None else number // 10**scale


def g_ceil(number: int | None, scale: int) -> int | None:
    return None if number is None else -(-number // 10**scale)


def g_add_months(day: str | None, count: int | None) -> str | None:
    if day is None or count is None:
        return None
    return add_months(date.fromisoformat(day), count).isoformat()


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def g_date_of(instant: str | None, zone: str) -> str | None:
    """The business date of a stored instant."""
    if instant is None:
        return None
    aware = datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(UTC)
    return aware.astimezone(_zone(zone)).date().isoformat()


_FUNCTIONS = (
    ("g_add", 3, g_add),
    ("g_mul", 3, g_mul),
    ("g_div", 3, g_div),
    ("g_drop", 2, g_drop),
    ("g_floor", 2, g_floor),
    ("g_ceil", 2, g_ceil),
    ("g_add_months", 2, g_add_months),
    ("g_date_of", 2, g_date_of),
)
