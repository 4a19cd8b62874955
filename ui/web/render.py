"""Rendering: one template gives the whole page, or the one block of it that htmx asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from flask import current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from engine.work import Work
from ui.web import shell

SAID = "said"  # the cookie that carries a toast over a redirect


def page(
    work: Work, template: str, status: int = 200, *, block: str | None = None, **values: Any
) -> ResponseReturnValue:
    """Render a template; when htmx asks to fill the element `part-BLOCK`, only that block of it.

    Called inside the unit of work, because what is shown may still be read from it.
    """
    found = current_app.jinja_env.get_or_select_template(template)
    values["work"] = work
    current_app.update_template_context(values)
    if block is not None and request.headers.get("HX-Target") == f"part-{block}":
        return make_response("".join(found.blocks[block](found.new_context(values))), status)
    spoken = request.cookies.get(SAID)
    values["shell"] = shell.around(work, g.pop(SAID, None) or (unquote(spoken)[:300] if spoken else None))
    response = make_response(found.render(values), status)
    if spoken:
        response.delete_cookie(SAID, path="/", samesite="Lax")
    return response


def toast(response: Any, words: str) -> ResponseReturnValue:
    """Say this on the page that the redirect leads to."""
    response.set_cookie(
        SAID, quote(words), max_age=30, path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response  # type: ignore[no-any-return]


def toast_here(words: str) -> None:
    """Say this on the page that is being made."""
    g.said = words


def fragment(template: str, **values: Any) -> ResponseReturnValue:
    """A piece of a page that is never a page of its own."""
    return make_response(current_app.jinja_env.get_or_select_template(template).render(values))
