"""The gate: before any page is run, who is asking is found out, and whether they may."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.principal import Principal
from ui.web import csrf, session
from ui.web.access import access_of, require
from ui.web.texts import LOCALES

NOBODY = Principal(None, "", "")


def let_in() -> ResponseReturnValue | None:
    """Let the request through, or answer it: unknown address, nobody logged in, no permission, foreign write."""
    g.principal, g.secret, g.locale = NOBODY, session.visitor_secret(), chosen_locale(None)
    mark = access_of(current_app, request.endpoint) if request.endpoint else None
    if mark is None:
        if request.routing_exception is not None:
            raise request.routing_exception
        raise NotFound("没有这个页面")
    if mark.who == "key":
        return None  # the API reads its bearer key itself; cookies mean nothing there
    if request.method not in csrf.SAFE:
        csrf.check_origin()
    found = session.current()
    if found:
        g.locale = chosen_locale(found.principal.locale)
        g.principal, g.secret = replace(found.principal, locale=g.locale), found.secret
    if mark.who == "person":
        if not found:
            return session.ask_to_log_in()
        if mark.can:
            require(g.principal, mark.can)
    if request.method not in csrf.SAFE:
        csrf.check_token(g.secret)
    return None


def chosen_locale(own: str | None) -> str:
    """The language chosen in this browser, else the person's own, else that of the app."""
    chosen = request.cookies.get("locale", "")
    return chosen if chosen in LOCALES else own or current_app.extensions["guiju"].catalog.locale
