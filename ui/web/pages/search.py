"""Search: records by name, number or pinyin initials, and the pages of the app itself."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ui.web.access import access
from ui.web.render import page
from ui.web.unit import reading
from ui.web.values import once

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@access("person")
def found() -> ResponseReturnValue:
    words = once("q").strip()[:100]
    with reading() as work:
        return page(work, "search.html", block="palette_found", words=words)
