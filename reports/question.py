"""Question: what one widget asks of one dataset, in declared terms; the conditions are texts of the language,
so that the rows behind every number can be listed by the same words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.dataset import Dataset, Dimension, Measure
from reports.grain import Grain
from reports.period import ALL, Period


@dataclass(frozen=True)
class Question:
    """Measures of a dataset, along up to two axes, over a range of its time field."""

    dataset: Dataset
    measures: tuple[Measure, ...]
    by: Dimension | None = None
    stack: Dimension | None = None
    grain: Grain | None = None
    time: str | None = None
    period: Period = ALL
    before: Period | None = None  # a second range to compare with
    conditions: tuple[str, ...] = ()
    top: int | None = None
    order: Measure | None = None
    as_of: date | None = None  # a past day; None is today

    @property
    def parts(self) -> tuple[Measure, ...]:
        """The measures that are asked of the database: those shown, and what their ratios are made of."""
        found: dict[str, Measure] = {}
        for measure in (*self.measures, *((self.order,) if self.order else ())):
            if measure.over:
                for name in measure.over:
                    found[name] = self.dataset.measures[name]
            else:
                found[measure.id] = measure
        return tuple(found.values())


def in_period(field_name: str, period: Period) -> list[str]:
    """The conditions that keep a date field within a period."""
    texts = []
    if period.start is not None:
        texts.append(f"{field_name} >= {quoted(period.start)}")
    if period.end is not None:
        texts.append(f"{field_name} <= {quoted(period.end)}")
    return texts


def quoted(value: object) -> str:
    """A value as the language writes it."""
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    return repr(value.isoformat() if isinstance(value, date) else str(value))


def equal(dimension: Dimension, key: object) -> str:
    """The condition that keeps one group of a dimension."""
    if key is None:
        return f"{dimension.text} is None"
    if dimension.expression.type.kind in ("reference", "person"):
        return f"{dimension.text} == {key}"
    return f"{dimension.text} == {quoted(key)}"
