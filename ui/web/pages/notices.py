"""Notices: what the app told me."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine import notices
from ui.web.access import access
from ui.web.back import own_page
from ui.web.render import page, toast
from ui.web.templating import t
from ui.web.times import said
from ui.web.unit import reading, writing
from ui.web.values import once, row_id

blueprint = Blueprint("notices", __name__)

PAGE = 30


@blueprint.get("/notices")
@access("person")
def show() -> ResponseReturnValue:
    unread, before = once("show") == "unread", once("before")
    with reading() as work:
        found = notices.mine(work, unread=unread, limit=PAGE + 1, before=row_id(before) if before else None)
        rows = [{"notice": notice, "at": said(work, notice.created_at)} for notice in found[:PAGE]]
        next = found[PAGE - 1].id if len(found) > PAGE else None
        return page(work, "notices.html", rows=rows, unread_only=unread, next=next)


@blueprint.post("/notices/read")
@access("person")
def read_all() -> ResponseReturnValue:
    with writing() as work:
        count = notices.mark_read(work)
    return toast(redirect(url_for("notices.show"), 303), t("{count} 条已标为已读", count=count))


@blueprint.post("/notices/<id>")
@access("person")
def follow(id: str) -> ResponseReturnValue:
    """Mark one as read and go where it leads."""
    wanted = row_id(id)
    with writing() as work:
        mine = notices.mine(work, limit=1, before=wanted + 1)
        notices.mark_read(work, [wanted])
    link = mine[0].link if mine and mine[0].id == wanted else None
    return redirect(own_page(link or "") or url_for("notices.show"), 303)
