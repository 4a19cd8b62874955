"""Pie: the shares of a whole; a ring with `hole`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import charts
from reports.result import Result
from reports.widgets import BY, TOP, Widget, widget_types


@widget_types.register("pie")
class Pie(Widget):
    """Shares of a whole; with `top` the rest is one slice.

    grades: {type: pie, show: customers.customers, by: grade, hole: true}
    """

    options = {
        **BY,
        **TOP,
        "hole": {"type": "boolean", "description": "环形 / a ring"},
    }
    axis = "must"

    def option(self, result: Result) -> Mapping[str, Any]:
        slices = [
            {
                **charts.datum(line, 0),
                "name": line.label,
                "itemStyle": {"color": line.color or charts.color(index)},
            }
            for index, line in enumerate(result.lines)
        ]
        series = {
            "type": "pie",
            "radius": ["48%", "72%"] if self.given.get("hole") else "72%",
            "center": ["50%", "44%"],
            "itemStyle": {"borderColor": "var(--card)", "borderWidth": 2},
            "label": {"show": False},
            "tooltip": {"valueFormatter": charts.formatter(result.series[0])},
            "data": slices,
        }
        names = {
            "show": True,
            "bottom": 0,
            "icon": "roundRect",
            "itemWidth": 10,
            "itemHeight": 10,
            "textStyle": {"color": "var(--t2)", "fontSize": 12},
        }
        return charts.frame(result, legend=names, series=[series])
