"""Dataset: what is measured, once: dimensions to look along and measures that have one definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.expressions import Expression


@dataclass(frozen=True)
class Dimension:
    """A way to group rows: a field along declared references, or bands of a number.

    `below` names the lowest band; `edges` are numbers or the name of a setting that holds them.
    """

    id: str
    label: str
    path: tuple[str, ...]
    text: str  # the expression that groups, as it goes into a condition
    expression: Expression
    banded: bool = False
    edges: str | tuple[int, ...] = ()
    below: str | None = None


@dataclass(frozen=True)
class Measure:
    """A number over rows. `kind` is sum, count, distinct, min, max, avg or ratio.

    `value` is what is summed, `where` leaves rows out; a ratio divides `over[0]` by `over[1]`. `good` says which
    direction is welcome, and decides the colour of a change.
    """

    id: str
    label: str
    kind: str
    format: str
    good: str | None = None
    value: Expression | None = None
    where: Expression | None = None
    where_text: str | None = None
    over: tuple[str, str] | None = None

    @property
    def additive(self) -> bool:
        """Whether parts add up to the whole, so that an empty month is 0 and not unknown."""
        return self.kind in ("sum", "count")


@dataclass(frozen=True)
class Dataset:
    """Measures and dimensions over the records of one form; `time` is its own date field."""

    id: str
    label: str
    form: str
    time: str | None
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
