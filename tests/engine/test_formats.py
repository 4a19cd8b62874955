"""Formats: one way to write each value, in the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.formats import FORMATS, Reader, show, usual

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE, ENGLISH = Reader("zh-CN", SHANGHAI), Reader("en", SHANGHAI)
LATE = datetime(2026, 3, 1, 20, 5, tzinfo=UTC)  # already the second in Shanghai


@pytest.mark.parametrize(
    ("format", "value", "chinese", "english"),
    [
        ("money", Decimal("12345.6"), "12,345.60", "12,345.60"),
        ("money", Decimal("-12345.605"), "−12,345.61", "−12,345.61"),
        ("money", Decimal("-0.001"), "0.00", "0.00"),
        ("money", Decimal("12345678901234567.89"), "12,345,678,901,234,567.89", "12,345,678,901,234,567.89"),
        ("money_wan", Decimal("9999.99"), "1 万", "10K"),
        ("money_wan", Decimal("999.5"), "999.50", "1K"),
        ("money_wan", Decimal("12345"), "1.23 万", "12.35K"),
        ("money_wan", Decimal("-99999999.99"), "−1 亿", "−100M"),
        ("money_wan", Decimal("456000000"), "4.56 亿", "456M"),
        ("percent", Decimal("0.864"), "86.4%", "86.4%"),
        ("percent", Decimal("0.0005"), "0.05%", "0.05%"),
        ("percent", Decimal("-1"), "−100%", "−100%"),
        ("int", Decimal("1234.5"), "1,235", "1,235"),
        ("number", Decimal("1234.5600"), "1,234.56", "1,234.56"),
        ("days", 1, "1天", "1 day"),
        ("days", Decimal("-3"), "−3天", "−3 days"),
        ("date", date(2026, 3, 1), "2026-03-01", "2026-03-01"),
        ("date", LATE, "2026-03-02", "2026-03-02"),
        ("date_long", date(2026, 3, 1), "2026年3月1日", "March 1, 2026"),
        ("datetime", LATE, "2026-03-02 04:05", "2026-03-02 04:05"),
        ("time", LATE, "04:05", "04:05"),
        ("time", "08:30", "08:30", "08:30"),
        ("yes_no", False, "否", "no"),
    ],
)
def test_a_value_reads_well(format: str, value: Any, chinese: str, english: str) -> None:
    assert (show(value, format, CHINESE), show(value, format, ENGLISH)) == (chinese, english)


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_a_dash(format: str) -> None:
    assert show(None, format, CHINESE) == "—"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("money", Decimal("5"), "5.00"),
        ("percent", Decimal("0.05"), "5%"),
        ("integer", 1200, "1,200"),
        ("date", date(2026, 3, 1), "2026-03-01"),
        ("datetime", LATE, "2026-03-02 04:05"),
        ("boolean", True, "是"),
        ("choices", ("a", "b"), "a、b"),
        ("text", "好", "好"),
        ("text", "", "—"),
        ("choices", (), "—"),
        ("money", None, "—"),
    ],
)
def test_a_kind_has_its_usual_format(kind: str, value: Any, words: str) -> None:
    assert usual(value, kind, CHINESE) == words
