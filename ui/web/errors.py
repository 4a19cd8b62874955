"""Errors as pages: each kind has its status, says in plain words what happened, and offers a way on."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from engine.errors import AccessDenied, Conflict, EvaluationError, InputError, NotFound

log = logging.getLogger("guiju.web")

TITLES = {
    400: "请求无法识别",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这样的操作",
    409: "有人抢先一步",
    413: "内容太大",
    422: "有内容需要修改",
    500: "出了一点问题",
    503: "系统正忙",
}


def answer(flask: Flask) -> None:
    """Register what is shown for each kind of error."""
    for kind, status in ((InputError, 422), (AccessDenied, 403), (NotFound, 404), (Conflict, 409)):
        flask.register_error_handler(kind, lambda error, status=status: error_page(status, _words(error)))
    flask.register_error_handler(EvaluationError, lambda error: error_page(422, str(error)))
    flask.register_error_handler(OperationalError, _busy)
    flask.register_error_handler(HTTPException, _http)
    flask.register_error_handler(Exception, _unexpected)


def error_page(status: int, words: str = "", reference: str = "") -> ResponseReturnValue:
    """A whole page for a navigation, a toast-sized fragment for a request by htmx."""
    template = "error_fragment.html" if "HX-Request" in request.headers else "error.html"
    known = status if status in TITLES else (500 if status >= 500 else 400)
    text = render_template(
        template, status=status, title=TITLES[known], words=words, reference=reference, person=g.get("principal")
    )
    response = make_response(text, status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _words(error: Exception) -> str:
    if isinstance(error, InputError):
        return "；".join(word for words in error.fields.values() for word in words)
    return str(error)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    return error_page(error.code)


def _busy(error: OperationalError) -> ResponseReturnValue:
    """A lock that did not come free in time is no fault of the request; anything else is."""
    if any(word in str(error.orig) for word in ("locked", "busy", "lock timeout", "deadlock")):
        return error_page(503)
    return _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    """What nobody foresaw: the log has all of it, the page only a number to find it by."""
    reference = secrets.token_hex(4)
    log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    return error_page(500, reference=reference)
