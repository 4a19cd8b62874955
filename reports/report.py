"""Report: a page of widgets, the filters above them, and who may open it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.principal import Principal

if TYPE_CHECKING:
    from reports.widgets import Widget


@dataclass(frozen=True)
class Filter:
    """A knob above the widgets; `binds` maps a dataset to the dimension or date field that it narrows."""

    id: str
    label: str
    type: str  # date_range, choice
    default: str | None
    binds: Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """A widget's place: so many of the columns of its row."""

    widget: str
    span: int


@dataclass(frozen=True)
class Report:
    """One page. `rows` lists the widgets as they stand; a phone shows them in this order, one below the other."""

    id: str
    label: str
    roles: frozenset[str]
    filters: Mapping[str, Filter]
    widgets: Mapping[str, Widget]
    columns: int
    rows: tuple[tuple[Cell, ...], ...] = field(default_factory=tuple)

    def opens(self, principal: Principal) -> bool:
        """Whether this person may open the page; rows are scoped to the reader in any case."""
        return principal.system or bool(self.roles & principal.roles)
