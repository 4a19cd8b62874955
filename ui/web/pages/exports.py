"""Exports: the list as it is narrowed and sorted, as a workbook."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from engine import audit
from forms import exports
from ui.web import listing
from ui.web.access import access
from ui.web.opening import openable
from ui.web.templating import label
from ui.web.unit import writing

blueprint = Blueprint("exports", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/records/<form>/export")
@access("person")
def take(form: str) -> ResponseReturnValue:
    """Write the workbook, and into the audit log who took it."""
    with writing() as work:
        found = openable(work, form)
        what = listing.asked(found)
        shown = listing.shown_fields(work, found, what)
        where = listing.conditions(work, found, what)
        content = exports.workbook(work, found, shown, where, listing.order(found, what), what.q or None)
        audit.write(work, "records.export", f"form:{found.id}", {"where": what.where, "view": what.view, "q": what.q})
        name = quote(f"{label(found.label)} {work.today.isoformat()}.xlsx", safe="")
    response = Response(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{name}"
    return response
