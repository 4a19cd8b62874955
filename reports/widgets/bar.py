"""Bar: a column per group, stacked or side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import charts
from reports.result import Result
from reports.widgets import BY, LAST, TOP, Widget, widget_types


@widget_types.register("bar")
class Bar(Widget):
    """Columns along a dimension or along time.

    aging: {type: bar, show: receivables.balance, by: region, stack: aging}
    """

    options = {
        **BY,
        **TOP,
        **LAST,
        "stack": {"type": "string", "description": "堆叠维度 / second dimension, stacked"},
        "horizontal": {"type": "boolean", "description": "横向 / bars instead of columns"},
        "click": {"enum": ["rows"], "description": "点击查看明细 / a click lists the records"},
    }
    axis = "must"
    many = True

    @property
    def lying(self) -> bool:
        """Bars that lie leave room for long names."""
        return bool(self.given.get("horizontal", self.stack is not None))

    def option(self, result: Result) -> Mapping[str, Any]:
        names = charts.category([line.label for line in result.lines], inverse=self.lying)
        numbers = charts.values(result.series[0])
        if self.lying:
            names["axisLine"] = {"show": False}
            names["axisLabel"] = {**names["axisLabel"], "width": 84, "overflow": "truncate"}
        return charts.frame(
            result,
            grid={
                "left": 8,
                "right": 24,
                "top": 32 if len(result.series) > 1 else 8,
                "bottom": 4,
                "containLabel": True,
            },
            legend=charts.legend(result),
            xAxis=numbers if self.lying else names,
            yAxis=names if self.lying else numbers,
            series=[self._series(result, index) for index in range(len(result.series))],
        )

    def _series(self, result: Result, index: int) -> dict[str, Any]:
        series = result.series[index]
        found: dict[str, Any] = {
            "type": "bar",
            "name": series.label,
            "barMaxWidth": 24,
            "itemStyle": {
                "color": series.color or charts.color(index),
                "borderRadius": 2,
                "borderColor": "var(--card)",
                "borderWidth": 1,
            },
            "tooltip": {"valueFormatter": charts.formatter(series)},
            "data": [charts.datum(line, index) for line in result.lines],
        }
        return {**found, "stack": "all"} if self.stack else found
