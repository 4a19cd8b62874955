"""Me: who I am, how the pages look to me, where I am logged in, and the way out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import passwords, people, sessions
from engine.errors import InputError
from engine.work import Work
from ui.web import session
from ui.web.access import access
from ui.web.back import own_page
from ui.web.render import page, toast
from ui.web.shell import position
from ui.web.templating import t
from ui.web.texts import LOCALES
from ui.web.times import said
from ui.web.unit import me, reading, writing
from ui.web.values import field, row_id

blueprint = Blueprint("me", __name__)


@blueprint.get("/me")
@access("person")
def show() -> ResponseReturnValue:
    with reading() as work:
        return _page(work)


@blueprint.post("/me/password")
@access("person")
def change_password() -> ResponseReturnValue:
    try:
        if field("new") != field("again"):
            raise InputError({"again": t("两次输入的新密码不一样")})
        with writing() as work:
            passwords.change(work, field("old"), field("new"))
    except InputError as refused:
        with reading() as work:
            return _page(work, 422, {name: "；".join(words) for name, words in refused.fields.items()})
    response = redirect(url_for("login.show"), 303)
    return toast(session.end(response), t("密码已修改，请重新登录"))


@blueprint.post("/me/sessions/<id>/close")
@access("person")
def close_session(id: str) -> ResponseReturnValue:
    with writing() as work:
        sessions.close_one(work, me().id or 0, row_id(id))
    return toast(redirect(url_for("me.show"), 303), t("已退出那台设备"))


@blueprint.post("/locale")
@access("public")
def speak() -> ResponseReturnValue:
    """Choose the language of this browser."""
    chosen = field("locale")
    response = redirect(own_page(field("back")) or url_for("home.show"), 303)
    if chosen in LOCALES:
        response.set_cookie("locale", chosen, max_age=31536000, path="/", samesite="Lax", secure=request.is_secure)
    return response


def _page(work: Work, status: int = 200, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    mine = people.get(work, me().id or 0)
    rows = [
        {"id": one.id, "address": one.address, "agent": _browser(one.user_agent), "seen": said(work, one.last_seen)}
        for one in sessions.of(work, mine.id)
    ]
    return page(
        work, "me.html", status, mine=mine, position=position(work, g.principal), sessions=rows, errors=errors or {}
    )


def _browser(agent: str) -> str:
    """The browser and system in a user agent, as far as anybody needs to recognise their own."""
    browser = next((name for name in ("Edg", "Firefox", "Chrome", "Safari") if name in agent), "")
    system = next((name for name in ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux") if name in agent), "")
    return " · ".join(part for part in (browser.replace("Edg", "Edge"), system) if part) or agent[:40] or "—"
