"""Result: what a widget shows, as values, as a table, as a chart option, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Series:
    """One measure, or one slice of a stacked one; `format` and `good` come from the measure, `color` is a token."""

    id: str
    label: str
    format: str
    good: str | None = None
    color: str | None = None


@dataclass(frozen=True)
class Line:
    """One group: its key and label, the values of each series, and the records behind each value."""

    key: Any
    label: str
    values: Sequence[Any]
    drills: Sequence[Drill | None] = ()
    color: str | None = None


@dataclass(frozen=True)
class Drill:
    """The records behind a number: a form, and the condition that lists them."""

    form: str
    where: str


@dataclass(frozen=True)
class Change:
    """How a number moved against the period before; `share` is None where the base was nothing."""

    before: Any
    difference: Any
    share: Any
    label: str
    verdict: str  # good, bad, neutral


@dataclass(frozen=True)
class Result:
    """All that a page, a file or a program needs of one widget.

    `option` is the chart option (colours as `var(--token)`, number formats as `fn:name`), None for widgets that
    are drawn by the page. `summary` tells the picture in one sentence. `columns` heads the first column.
    """

    widget: str
    type: str
    label: str
    head: str
    series: Sequence[Series]
    lines: Sequence[Line]
    total: Line | None = None
    option: Mapping[str, Any] | None = None
    summary: str = ""
    change: Change | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The one number of a widget that shows one."""
        return self.lines[0].values[0] if self.lines else None
