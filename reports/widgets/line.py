"""Line: how measures move over time; the piece that is not over yet is dashed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import charts
from reports.result import Result
from reports.widgets import BY, LAST, Widget, widget_types


@widget_types.register("line")
class Line(Widget):
    """A line per measure.

    trend: {type: line, show: [receivables.billed, payments.collected], by: month, last: 12}
    """

    options = {**BY, **LAST, "area": {"type": "boolean", "description": "面积图 / fill the area below"}}
    axis = "must"
    many = True

    def option(self, result: Result) -> Mapping[str, Any]:
        return charts.frame(
            result,
            tooltip={"trigger": "axis", "confine": True},
            grid={
                "left": 8,
                "right": 16,
                "top": 32 if len(result.series) > 1 else 12,
                "bottom": 4,
                "containLabel": True,
            },
            legend=charts.legend(result),
            xAxis=charts.category([line.label for line in result.lines], boundaryGap=False),
            yAxis=charts.values(result.series[0], scale=False),
            series=[one for index in range(len(result.series)) for one in self._lines(result, index)],
        )

    def _lines(self, result: Result, index: int) -> list[dict[str, Any]]:
        """The line of what is over, and a dashed piece to what is not."""
        series = result.series[index]
        data = [charts.datum(line, index) for line in result.lines]
        common: dict[str, Any] = {
            "type": "line",
            "name": series.label,
            "symbol": "circle",
            "symbolSize": 6,
            "itemStyle": {"color": series.color or charts.color(index)},
            "tooltip": {"valueFormatter": charts.formatter(series)},
        }
        if self.given.get("area"):
            common["areaStyle"] = {"opacity": 0.12}
        if not result.more.get("unfinished") or len(data) < 2:
            return [{**common, "data": data}]
        solid = [*data[:-1], None]
        dashed = [None] * (len(data) - 2) + data[-2:]
        return [
            {**common, "data": solid},
            {**common, "data": dashed, "lineStyle": {"type": "dashed"}, "symbol": "emptyCircle"},
        ]
