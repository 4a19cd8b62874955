"""Asking: from a widget, the filters above it and today's date to the questions it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from engine.errors import InputError
from engine.names import nearest
from reports.dataset import Dataset, Dimension, Measure
from reports.grain import GRAINS
from reports.period import ALL, Period, read
from reports.question import Question, equal
from reports.report import Filter, Report
from reports.widgets import Widget

if TYPE_CHECKING:
    from engine.work import Work


def questions(work: Work, report: Report, widget: Widget, given: Mapping[str, str], today: date) -> list[Question]:
    """One question per dataset that the widget shows, in the order of its measures."""
    _known(report, given)
    chosen = {id: given.get(id) or found.default for id, found in report.filters.items() if id not in widget.without}
    grouped: dict[str, tuple[Dataset, list[Measure]]] = {}
    for one in widget.shown:
        grouped.setdefault(one.dataset.id, (one.dataset, []))[1].append(one.measure)
    asked = [
        _question(report, widget, dataset, tuple(measures), chosen, today) for dataset, measures in grouped.values()
    ]
    return asked if today == work.today else [replace(question, as_of=today) for question in asked]


def _known(report: Report, given: Mapping[str, str]) -> None:
    for name in given:
        if name not in report.filters:
            hint = nearest(name, report.filters)
            raise InputError({name: f"没有这个筛选{f'，是 {hint} 吗' if hint else ''}"})


def _question(
    report: Report,
    widget: Widget,
    dataset: Dataset,
    measures: tuple[Measure, ...],
    chosen: Mapping[str, str | None],
    today: date,
) -> Question:
    time, period, conditions = dataset.time, ALL, []
    for id, text in chosen.items():
        found = report.filters[id]
        if dataset.id not in found.binds or not text:
            continue
        if found.type == "date_range":
            time, period = found.binds[dataset.id], read(text, today)
        else:
            conditions.append(_one_of(dataset.dimensions[found.binds[dataset.id]], text, found))
    grain = GRAINS.get(widget.by or "")
    if grain is not None:
        time = dataset.time
        last = widget.given.get("last")
        if last:
            pieces = grain.last(min(period.end or today, today), last)
            period = Period(pieces[0], grain.end(pieces[-1]))
    question = Question(
        dataset=dataset,
        measures=measures,
        by=dataset.dimensions[widget.by] if widget.by and grain is None else None,
        stack=dataset.dimensions[widget.stack] if widget.stack else None,
        grain=grain,
        time=time,
        period=period,
        conditions=tuple(conditions),
        top=widget.top,
    )
    mode = getattr(widget, "compare", None)
    if not mode:
        return question
    before = period.previous(today, mode)
    return replace(question, before=before, period=period.until(today) if mode == "to_date" else period)


def _one_of(dimension: Dimension, text: str, found: Filter) -> str:
    """The condition for the values chosen, several divided by commas."""
    kind = dimension.expression.type.kind
    parts = []
    for word in text.split(","):
        value: object = word
        if kind in ("integer", "reference", "person"):
            if not word.isdigit() or len(word) > 18:
                raise InputError({found.id: f"不是有效的值: {word}"})
            value = int(word)
        elif kind == "choice" and word not in (dimension.expression.type.options or ()):
            raise InputError({found.id: f"没有这个选项: {word}"})
        parts.append(equal(dimension, value))
    return " or ".join(parts) if len(parts) == 1 else f"({' or '.join(parts)})"
