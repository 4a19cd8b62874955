"""Outbox: what went out into the world, what did not, and what a person does about it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine import outbox, trays
from engine.errors import InputError
from ui.web.access import access
from ui.web.render import page, toast
from ui.web.templating import t
from ui.web.times import said
from ui.web.unit import reading, writing
from ui.web.values import field, once, row_id

blueprint = Blueprint("outbox", __name__)

PAGE = 50
DOING = {"retry": trays.retry, "skip": trays.skip, "confirm": outbox.confirm}


@blueprint.get("/outbox")
@access("person", can="audit")
def show() -> ResponseReturnValue:
    before = once("before")
    with reading() as work:
        found = outbox.rows(work, limit=PAGE + 1, before=row_id(before) if before else None)
        rows = [{"message": row, "at": said(work, row.created_at)} for row in found[:PAGE]]
        return page(work, "outbox.html", rows=rows, next=found[PAGE - 1].id if len(found) > PAGE else None)


@blueprint.post("/outbox/<id>")
@access("person", can="audit")
def act(id: str) -> ResponseReturnValue:
    """Try a failed message again, give it up, or say that an uncertain one arrived."""
    doing = DOING.get(field("do"))
    if doing is None:
        raise InputError({"do": t("请选择要做什么")})
    with writing() as work:
        doing(work, row_id(id), field("reason").strip() or t("在发件箱页面处理"))
    return toast(redirect(url_for("outbox.show"), 303), t("已处理"))
