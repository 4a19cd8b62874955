"""Formats: how values read in messages, pages and exports, by the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit

EMPTY = "—"
MINUS = "−"  # U+2212, as wide as a digit's plus
UTC = ZoneInfo("UTC")

# Large amounts are counted in these steps; what is smaller is written out.
STEPS = {
    "zh": ((Decimal(10**8), " 亿"), (Decimal(10**4), " 万")),
    "": ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a value is written: the language, and the zone of their clock."""

    locale: str = "zh-CN"
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a value; `kinds` are the kinds of values it can write."""

    name: str
    kinds: frozenset[str]
    write: Callable[[Any, Reader], str]


FORMATS: dict[str, Format] = {}
NUMBERS = ("integer", "number", "money", "percent", "duration")

# How a value of each kind is written when nothing else is asked for.
USUAL = {
    "money": "money",
    "percent": "percent",
    "integer": "int",
    "number": "number",
    "duration": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "yes_no",
}


def show(value: Any, format: str, reader: Reader) -> str:
    """Write a value by the name of a format; what is empty is a dash."""
    return EMPTY if value is None else FORMATS[format].write(value, reader)


def usual(value: Any, kind: str, reader: Reader) -> str:
    """Write a value the way its kind is usually written."""
    if value is None or value == () or value == "":
        return EMPTY
    if kind in USUAL:
        return show(value, USUAL[kind], reader)
    if isinstance(value, tuple | list):
        return "、".join(map(str, value)) if _language(reader) == "zh" else ", ".join(map(str, value))
    return str(value)


def _format(name: str, *kinds: str) -> Callable[[Callable[[Any, Reader], str]], Callable[[Any, Reader], str]]:
    def remember(write: Callable[[Any, Reader], str]) -> Callable[[Any, Reader], str]:
        FORMATS[name] = Format(name, frozenset(kinds), write)
        return write

    return remember


@_format("money", *NUMBERS)
def money(value: Decimal | int, reader: Reader) -> str:
    """12,345.60"""
    return _number(value, 2, "#,##0.00", reader)


@_format("money_wan", *NUMBERS)
def money_wan(value: Decimal | int, reader: Reader) -> str:
    """1.23 万, 4.56 亿; in other languages 12.35K, 4.56M."""
    for step, unit in STEPS.get(_language(reader), STEPS[""]):
        counted = _rounded(Decimal(value) / step, 2)
        if abs(counted) >= 1:
            return _number(counted, 2, "#,##0.##", reader) + unit
    return money(value, reader)


@_format("percent", *NUMBERS)
def percent(value: Decimal | int, reader: Reader) -> str:
    """86.4% for 0.864, with at most two decimals."""
    return _number(Decimal(value) * 100, 2, "#,##0.##", reader) + "%"


@_format("int", *NUMBERS)
def whole(value: Decimal | int, reader: Reader) -> str:
    """12,346"""
    return _number(value, 0, "#,##0", reader)


@_format("number", *NUMBERS)
def number(value: Decimal | int, reader: Reader) -> str:
    """12,345.678, without zeros at the end."""
    return _number(value, 6, "#,##0.######", reader)


@_format("days", *NUMBERS)
def days(value: Decimal | int, reader: Reader) -> str:
    """3天, in English 3 days."""
    rounded = _rounded(value, 2)
    count = int(rounded) if rounded == int(rounded) else rounded
    written: str = format_unit(count, "duration-day", "short", locale=_locale(reader.locale))
    return written.replace("-", MINUS)


@_format("date", "date", "datetime")
def day(value: date, reader: Reader) -> str:
    """2026-03-01; an instant's day is that of the reader's zone."""
    return str(_local(value, reader).strftime("%Y-%m-%d"))


@_format("date_long", "date", "datetime")
def long_date(value: date, reader: Reader) -> str:
    """2026年3月1日, as letters write it."""
    return format_date(_local(value, reader), "long", locale=_locale(reader.locale))


@_format("datetime", "datetime")
def moment(value: datetime, reader: Reader) -> str:
    """2026-03-01 09:30 in the reader's zone."""
    return str(_local(value, reader).strftime("%Y-%m-%d %H:%M"))


@_format("time", "time", "datetime")
def clock(value: str | time | datetime, reader: Reader) -> str:
    """09:30"""
    return value if isinstance(value, str) else str(_local(value, reader).strftime("%H:%M"))


@_format("yes_no", "boolean")
def yes_no(value: bool, reader: Reader) -> str:
    """是 or 否"""
    words = ("否", "是") if _language(reader) == "zh" else ("no", "yes")
    return words[value]


def _number(value: Decimal | int, places: int, pattern: str, reader: Reader) -> str:
    rounded = _rounded(value, places)
    return format_decimal(rounded + 0, pattern, locale=_locale(reader.locale)).replace("-", MINUS)


def _rounded(value: Decimal | int, places: int) -> Decimal:
    """Half away from zero, as both back ends of expressions do."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _local(value: Any, reader: Reader) -> Any:
    return value.astimezone(reader.timezone) if isinstance(value, datetime) else value


def _language(reader: Reader) -> str:
    return reader.locale.split("-")[0]


@lru_cache(maxsize=32)
def _locale(name: str) -> Locale:
    return Locale.parse(name, sep="-")
