"""Reports: a page of widgets, each number a way to the records behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InputError
from engine.work import Work
from reports import results
from reports.choices import choices
from reports.period import PRESETS
from reports.report import Report
from ui.web.access import access
from ui.web.render import page
from ui.web.templating import label, t
from ui.web.unit import reading
from ui.web.values import once
from ui.web.widgets import Card, card

blueprint = Blueprint("reports", __name__)

GRID = 60


@blueprint.get("/reports/<report>")
@access("person")
def show(report: str) -> ResponseReturnValue:
    with reading() as work:
        found = results.open_report(work, report)
        given = {id: once(id) for id in found.filters if id in request.args}
        given |= _range(found)
        wrong = ""
        try:
            rows = _rows(work, found, given, _as_of())
        except InputError as refused:
            wrong = "；".join(word for words in refused.fields.values() for word in words)
            given, rows = {}, _rows(work, found, {}, None)
        return page(
            work,
            "report.html",
            422 if wrong else 200,
            report=found,
            rows=rows,
            wrong=wrong,
            given=given,
            as_of=once("as_of"),
            today=work.today.isoformat(),
            presets=PRESETS,
            filters=[
                (one, _shown(work, found, id, given), choices(work, found, id)) for id, one in found.filters.items()
            ],
            link=lambda **change: _link(report, given, **change),
        )


def _rows(work: Work, report: Report, given: dict[str, str], as_of: date | None) -> list[list[Card]]:
    return [
        [
            card(work, results.compute(work, report.id, cell.widget, given, as_of), _span(report, cell.span))
            for cell in row
        ]
        for row in report.rows
    ]


def _span(report: Report, span: int) -> int:
    return max(1, round(span * GRID / report.columns))


def _range(report: Report) -> dict[str, str]:
    """Two dates of the filter's own little form, as one range."""
    found = {}
    for id, one in report.filters.items():
        start, end = once(f"{id}.from"), once(f"{id}.to")
        if one.type == "date_range" and (start or end):
            found[id] = f"{start}..{end}"
    return found


def _as_of() -> date | None:
    text = once("as_of")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError({"as_of": t("请填写日期")}) from None


def _shown(work: Work, report: Report, id: str, given: dict[str, str]) -> str:
    """What a filter says now."""
    one, text = report.filters[id], given.get(id) or report.filters[id].default or ""
    if one.type == "date_range":
        return t(PRESETS[text]) if text in PRESETS else text.replace("..", " – ") or t("全部")
    known = dict(choices(work, report, id))
    return "、".join(label(known.get(word, word)) for word in text.split(",")) if text else t("全部")


def _link(report: str, given: dict[str, str], **change: str) -> str:
    parts: dict[str, Any] = {**given, "as_of": once("as_of"), **change}
    return url_for("reports.show", report=report, **{name: value for name, value in parts.items() if value})
