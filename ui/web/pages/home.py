"""Home: what waits for me."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ui.web.access import access
from ui.web.render import page
from ui.web.times import greeting, today
from ui.web.unit import me, reading

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@access("person")
def show() -> ResponseReturnValue:
    with reading() as work:
        return page(work, "home.html", greeting=greeting(work), today=today(work), name=me().name)
