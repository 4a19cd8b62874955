"""Apps: all that one may open, as a phone shows it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ui.web.access import access
from ui.web.render import page
from ui.web.unit import reading

blueprint = Blueprint("apps", __name__)


@blueprint.get("/apps")
@access("person")
def show() -> ResponseReturnValue:
    with reading() as work:
        return page(work, "apps.html")
