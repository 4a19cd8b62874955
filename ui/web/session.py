"""Sessions in the browser: one opaque cookie; everything else about a session is a row."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from engine import sessions
from engine.principal import Principal
from ui.web.unit import running


@dataclass(frozen=True, slots=True)
class Found:
    """A living session: who it belongs to, and the secret that its cookie carries."""

    principal: Principal
    secret: str


def cookie_name(kind: str) -> str:
    """Over TLS the browser itself holds the cookie to this host and path; without it the name cannot be kept."""
    return f"__Host-{kind}" if request.is_secure else kind


def put_cookie(response: Response, kind: str, value: str, *, max_age: int | None = None) -> None:
    response.set_cookie(
        cookie_name(kind), value, max_age=max_age, path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def visitor_secret() -> str:
    """What the token of the login form is made from, before there is a session."""
    return request.cookies.get(cookie_name("visitor"), "")


def current() -> Found | None:
    """The session that the cookie names, if it still lives."""
    token = request.cookies.get(cookie_name("sid"), "")
    if not token:
        return None
    session = sessions.find(running(), token)
    return Found(session.principal, token) if session and session.principal else None


def ask_to_log_in() -> ResponseReturnValue:
    """Send to the login page; what was asked for is kept only when it is a page of ours that can be asked again."""
    target = url_for("login.show")
    if request.method == "GET" and "HX-Request" not in request.headers and request.endpoint != "home.show":
        target = url_for("login.show", next=request.full_path.rstrip("?"))
    if "HX-Request" in request.headers:
        return make_response("", 401, {"HX-Redirect": target})
    return redirect(target, 303)


def begin(response: Response, token: str) -> Response:
    """Hand the new session to the browser; whatever it had before is gone."""
    put_cookie(response, "sid", token)
    response.delete_cookie(cookie_name("visitor"), path="/", secure=request.is_secure)
    return response


def end(response: Response) -> Response:
    response.delete_cookie(cookie_name("sid"), path="/", secure=request.is_secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def make_visitor(response: Response) -> Response:
    """Give a visitor the secret of the login form."""
    put_cookie(response, "visitor", g.secret, max_age=3600)
    return response


def new_secret() -> str:
    return secrets.token_urlsafe(32)
