"""Gauge: a share on a half circle, with its target."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports import charts
from reports.result import Result
from reports.widgets import Widget, widget_types


@widget_types.register("gauge")
class Gauge(Widget):
    """A share of one.

    rate: {type: gauge, show: payments.collection_rate, target: 0.9}
    """

    options = {"target": {"type": "number", "minimum": 0, "maximum": 10, "description": "目标 / target, 0.9 is 90 %"}}

    @property
    def target(self) -> Decimal | None:
        found = self.given.get("target")
        return Decimal(str(found)) if found is not None else None

    def option(self, result: Result) -> Mapping[str, Any]:
        value = charts.plain(result.value)
        top = max(1.0, value or 0, float(self.target or 0))
        dial: dict[str, Any] = {
            "type": "gauge",
            "startAngle": 180,
            "endAngle": 0,
            "min": 0,
            "max": top,
            "radius": "100%",
            "center": ["50%", "72%"],
            "pointer": {"show": False},
            "progress": {"show": True, "width": 16, "itemStyle": {"color": "var(--c1)"}},
            "axisLine": {"lineStyle": {"width": 16, "color": [[1, "var(--line)"]]}},
            "axisTick": {"show": False},
            "splitLine": {"show": False},
            "axisLabel": {"show": False},
            "detail": {
                "formatter": "fn:percent",
                "fontSize": 24,
                "fontWeight": 600,
                "color": "var(--t1)",
                "offsetCenter": [0, "-8%"],
            },
            "data": [{"value": value}],
        }
        rows = [dial]
        if self.target is not None:
            rows.append(_mark(float(self.target), top))
        return charts.frame(result, series=rows)


def _mark(target: float, top: float) -> dict[str, Any]:
    """A second, bare gauge whose pointer is the mark of the target."""
    return {
        "type": "gauge",
        "startAngle": 180,
        "endAngle": 0,
        "min": 0,
        "max": top,
        "radius": "100%",
        "center": ["50%", "72%"],
        "silent": True,
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"show": False},
        "detail": {"show": False},
        "pointer": {
            "icon": "rect",
            "width": 2,
            "length": 26,
            "offsetCenter": [0, "-84%"],
            "itemStyle": {"color": "var(--t1)"},
        },
        "data": [{"value": target}],
    }
