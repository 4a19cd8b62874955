"""Choices: what a filter above the widgets offers to this reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forms import query
from reports import labels
from reports.report import Report

if TYPE_CHECKING:
    from engine.work import Work

MOST = 200


def choices(work: Work, report: Report, filter_id: str) -> list[tuple[str, str]]:
    """Value and label of each choice: the declared options, or what occurs in the rows that the reader may see."""
    found = report.filters[filter_id]
    if found.type != "choice" or not found.binds:
        return []
    dataset_id, name = next(iter(found.binds.items()))
    dataset = work.catalog["dataset"][dataset_id]
    dimension, form = dataset.dimensions[name], work.catalog["form"][dataset.form]
    keys: list[Any] | None = labels.order(work, form, dimension)
    if keys is None:
        asked = query.select(work, form)
        column = dimension.expression.sql(asked.env)
        statement = asked.select(column).distinct().order_by(column).limit(MOST)
        keys = [key for key in work.execute(statement).scalars() if key is not None]
    named = labels.labels(work, form, dimension, keys)
    return [(str(key), named[key]) for key in keys]
