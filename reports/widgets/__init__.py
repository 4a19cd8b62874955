"""Widgets: how a number is shown. One file per kind; a widget asks, it never holds a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.registry import Registry

if TYPE_CHECKING:
    from reports.dataset import Dataset, Measure
    from reports.result import Result

widget_types: Registry[Widget] = Registry("widget", "guiju.widgets")


@dataclass(frozen=True)
class Shown:
    """A measure of a dataset that a widget shows."""

    dataset: Dataset
    measure: Measure


class Widget:
    """Base of all widgets. The engine asks and answers a Result; `option` turns it into a chart, where there is one."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    axis: ClassVar[str] = "none"  # none, maybe, must: whether it looks along `by`
    many: ClassVar[bool] = False  # whether it shows several measures
    zeros: ClassVar[bool] = True  # whether groups without anything to show are shown

    def __init__(self, id: str, given: Mapping[str, Any], shown: Sequence[Shown]) -> None:
        self.id, self.given, self.shown = id, given, tuple(shown)
        self.label: str = given.get("label") or shown[0].measure.label
        self.without = frozenset(given.get("without", ()))

    @property
    def by(self) -> str | None:
        """The dimension or grain it looks along."""
        found: str | None = self.given.get("by")
        return found

    @property
    def stack(self) -> str | None:
        found: str | None = self.given.get("stack")
        return found

    @property
    def top(self) -> int | None:
        found: int | None = self.given.get("top")
        return found

    def option(self, result: Result) -> Mapping[str, Any] | None:
        """The chart option for this result; None where the page draws the widget itself."""
        return None


SHOW = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    "description": "显示的指标, 数据集.指标 / dataset.measure, or several",
}
COMMON: Mapping[str, Any] = {
    "type": {"type": "string", "description": "组件类型 / kind of widget"},
    "label": {"type": "string", "description": "标题 / heading"},
    "show": SHOW,
    "without": {"type": "array", "items": {"type": "string"}, "description": "不受这些筛选影响 / filters it ignores"},
}
BY: Mapping[str, Any] = {
    "by": {"type": "string", "description": "维度, 或 day week month quarter year / dimension or grain of time"},
}
TOP: Mapping[str, Any] = {
    "top": {"type": "integer", "minimum": 1, "maximum": 500, "description": "只取前几名 / first so many"}
}
LAST: Mapping[str, Any] = {
    "last": {"type": "integer", "minimum": 1, "maximum": 400, "description": "最近几期 / last so many pieces of time"}
}


def built_in() -> Iterator[str]:
    """The explicit list of built-in widgets; importing one registers it."""
    from reports.widgets import bar, gauge, leaderboard, line, number, pie, progress, table, tilemap

    listed = (number, gauge, progress, bar, line, pie, leaderboard, table, tilemap)
    yield from (module.__name__ for module in listed)
