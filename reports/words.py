"""Words: what a picture says, in one sentence; and what a change means."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import formats
from reports.dataset import Measure
from reports.question import Question
from reports.result import Change, Result, Series

if TYPE_CHECKING:
    from engine.work import Work

FORMATS = {"money": "money_wan", "percent": "percent", "integer": "int", "number": "number", "days": "days"}


def show(work: Work, value: Any, format: str, *, full: bool = False) -> str:
    """A value as people read it; `full` writes money to the cent."""
    if value is None:
        return formats.EMPTY
    name = "money" if full and format == "money" else FORMATS[format]
    if isinstance(value, Decimal) and format in ("integer", "days"):
        value = value.quantize(Decimal("0.1"))
        name = "number" if value != value.to_integral_value() else name
        value = value if name == "number" else int(value)
    return formats.show(value, name, formats.Reader(work.principal.locale, work.catalog.timezone))


def change(work: Work, measure: Measure, now: Any, before: Any, question: Question) -> Change | None:
    """How a number moved; None where one of the two is unknown."""
    if now is None or before is None or question.before is None:
        return None
    difference = now - before
    share = None if not before else Decimal(difference) / abs(Decimal(before))
    until = question.before.end
    label = f"较上期同期（至 {until:%m-%d}）" if until else "较上期"
    verdict = "neutral"
    if measure.good and difference:
        verdict = "good" if (difference > 0) == (measure.good == "up") else "bad"
    return Change(before, difference, share, label, verdict)


def summary(work: Work, result: Result) -> str:
    """The picture in one sentence: what is highest, and the sum where parts add up."""
    if not result.lines:
        return f"{result.label}：没有数据"
    if not result.head and len(result.lines) == 1 and len(result.series) == 1:
        return f"{result.label}：{show(work, result.value, result.series[0].format)}"
    if len(result.series) > 1 and result.total is None:
        return _stacked(work, result)
    series = result.series[0]
    known = [line for line in result.lines if line.values[0] is not None]
    if not known:
        return f"{result.label}：没有数据"
    highest = max(known, key=lambda line: line.values[0])
    text = f"{result.label}：最高 {highest.label} {show(work, highest.values[0], series.format)}"
    if result.total is not None and result.total.values[0] is not None:
        text += f"；{_whole(series)} {show(work, result.total.values[0], series.format)}"
    return text


def _stacked(work: Work, result: Result) -> str:
    sums = [(line, sum(value or 0 for value in line.values)) for line in result.lines]
    highest, value = max(sums, key=lambda pair: pair[1])
    format = result.series[0].format
    total = sum(value for _, value in sums)
    return f"{result.label}：最高 {highest.label} {show(work, value, format)}；合计 {show(work, total, format)}"


def _whole(series: Series) -> str:
    return "整体" if series.format == "percent" else "合计"
