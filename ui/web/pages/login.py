"""Login and logout."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import passwords, sessions
from engine.events import Cause
from engine.passwords import LoginRefused
from engine.principal import SYSTEM
from engine.throttle import Throttled
from ui.web import session
from ui.web.access import access
from ui.web.back import own_page
from ui.web.templating import label, t
from ui.web.unit import running
from ui.web.values import field, once

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
@access("public")
def show() -> ResponseReturnValue:
    if g.principal.id is not None:
        return redirect(url_for("home.show"), 303)
    return _page(next=once("next"))


@blueprint.post("/login")
@access("public")
def enter() -> ResponseReturnValue:
    """Answer the same words and, as near as can be, in the same time whatever was wrong."""
    login, password, next = field("login").strip(), field("password"), field("next")
    address = request.remote_addr or ""
    try:
        person = passwords.login(running(), login, password, address=address)
    except LoginRefused as refused:
        return _page(login=login, next=next, refused=t(str(refused)), status=422)
    except Throttled as throttled:
        return _page(login=login, next=next, refused=str(throttled), status=429)
    with running().work(SYSTEM, cause=Cause("page", "login")) as work:
        token = sessions.open(work, person, address=address, user_agent=str(request.user_agent))
    return session.begin(redirect(own_page(next) or url_for("home.show"), 303), token)


@blueprint.post("/logout")
@access("person")
def leave() -> ResponseReturnValue:
    with running().work(g.principal, cause=Cause("page", "logout")) as work:
        sessions.close(work, g.secret)
    return session.end(redirect(url_for("login.show"), 303))


def _page(login: str = "", next: str = "", refused: str = "", status: int = 200) -> ResponseReturnValue:
    fresh = not g.secret
    if fresh:
        g.secret = session.new_secret()
    text = render_template(
        "login.html",
        app_title=label(running().catalog.title),
        login=login,
        next=next if own_page(next) else "",
        refused=refused,
    )
    response = make_response(text, status)
    return session.make_visitor(response) if fresh else response
