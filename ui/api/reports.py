"""Reports over HTTP: what a widget shows, and the records behind each of its numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response

from engine.errors import InputError
from forms import query, records
from forms.paging import MOST
from reports import results
from reports.result import Change, Line, Result
from ui.api import reading as asked
from ui.api.callers import may
from ui.api.records import listed
from ui.api.shapes import shape
from ui.api.unit import answer, reading

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports/<report>/widgets/<widget>")
@may("read")
def compute(report: str, widget: str) -> Response:
    """The filters of the report are parameters by their ids; `as_of` looks back to a day."""
    given = asked.every()
    as_of = _day(given.pop("as_of", None))
    with reading() as work:
        return answer(_result(results.compute(work, report, widget, given, as_of)))


@blueprint.get("/reports/<report>/widgets/<widget>/rows")
@may("read")
def rows(report: str, widget: str) -> Response:
    """The records behind a number: of a line (`key`), of a slice of it (`series`), or of all."""
    given = asked.every()
    limit = asked.number(given, "limit", 50, 1, MOST)
    key, series, after = given.pop("key", None), given.pop("series", None), given.pop("after", None)
    as_of = _day(given.pop("as_of", None))
    given.pop("limit", None)
    if series is not None and key is None:
        raise InputError({"series": "name the key, too"})
    path = [part for part in (key, series) if part is not None]
    with reading() as work:
        found = results.behind(work, report, widget, path, given, as_of)
        page = records.find(
            work, found.form, where=found.where or None, limit=limit, after=after or None, count="exact"
        )
        return answer({"form": found.form, **listed(page, shape(work, query.form_of(work, found.form)))})


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year < 1900:
        raise InputError({"as_of": "expected a date such as 2026-03-01"})
    return day


def _result(found: Result) -> dict[str, Any]:
    return {
        "widget": found.widget, "type": found.type, "label": found.label, "head": found.head,
        "series": [{"id": one.id, "label": one.label, "format": one.format} for one in found.series],
        "lines": [_line(line) for line in found.lines],
        "total": _line(found.total) if found.total else None, "summary": found.summary,
        "change": _change(found.change) if found.change else None,
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    drills = [None if one is None else {"form": one.form, "where": one.where} for one in line.drills]
    values = [_plain(value) for value in line.values]
    return {"key": _plain(line.key), "label": line.label, "values": values, "drills": drills}


def _change(found: Change) -> dict[str, Any]:
    return {
        "before": _plain(found.before), "difference": _plain(found.difference), "share": _plain(found.share),
        "label": found.label, "verdict": found.verdict,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as JSON: amounts as numbers; whole ones without a fraction."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
