"""Charts: what all chart options have in common; colours are tokens, so that a theme can change under a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.result import Drill, Line, Result, Series

SERIES = ("var(--c1)", "var(--c2)", "var(--c4)", "var(--c3)", "var(--a2)", "var(--a1)", "var(--a3)", "var(--a0)")
RAMP = ("var(--a0)", "var(--a1)", "var(--a2)", "var(--a3)", "var(--a4)")
FORMATS: Mapping[str, str] = {"money": "fn:wan", "percent": "fn:percent", "number": "fn:money", "days": "fn:integer"}


def formatter(series: Series) -> str:
    """The name of the number format that the page fills in."""
    return FORMATS.get(series.format, "fn:integer")


def ramp(index: int, count: int) -> str:
    """The colour of a band, from the lowest to the highest, whatever their count."""
    if count <= 1:
        return RAMP[0]
    return RAMP[round(index * (len(RAMP) - 1) / (count - 1))]


def color(index: int) -> str:
    return SERIES[index % len(SERIES)]


def plain(value: Any) -> float | int | None:
    """A number as a chart takes it; charts show, they do not count."""
    if value is None:
        return None
    return value if isinstance(value, int) else float(value)


def datum(line: Line, index: int) -> dict[str, Any]:
    """One mark: its value, and where a click leads."""
    found: dict[str, Any] = {"value": plain(line.values[index])}
    drill = line.drills[index] if index < len(line.drills) else None
    if drill is not None:
        found["drill"] = drilled(drill)
    return found


def drilled(drill: Drill) -> dict[str, str]:
    return {"form": drill.form, "where": drill.where}


def frame(result: Result, **more: Any) -> dict[str, Any]:
    """The frame of a chart: its sentence for those who do not see it, and calm tooltips."""
    return {
        "aria": {"enabled": True, "label": {"description": result.summary}},
        "tooltip": {"trigger": "item", "confine": True},
        **more,
    }


def category(labels: Sequence[str], **more: Any) -> dict[str, Any]:
    """An axis of names."""
    return {
        "type": "category",
        "data": list(labels),
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "var(--line-2)"}},
        "axisLabel": {"color": "var(--t2)", "fontSize": 12},
        **more,
    }


def values(series: Series, **more: Any) -> dict[str, Any]:
    """An axis of numbers."""
    return {
        "type": "value",
        "splitLine": {"lineStyle": {"color": "var(--line)"}},
        "axisLabel": {"color": "var(--t3)", "fontSize": 12, "formatter": formatter(series)},
        **more,
    }


def legend(result: Result) -> dict[str, Any]:
    return {
        "show": len(result.series) > 1,
        "top": 0,
        "left": 0,
        "itemWidth": 10,
        "itemHeight": 10,
        "icon": "roundRect",
        "textStyle": {"color": "var(--t2)", "fontSize": 12},
        "data": [series.label for series in result.series],
    }
