"""Problems: every error of the API as problem details (RFC 9457), in words its reader can act on."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from engine.errors import (
    AccessDenied,
    Busy,
    Conflict,
    DeliveryError,
    EvaluationError,
    GuardRefused,
    InputError,
    NotFound,
)

log = logging.getLogger("guiju.api")

TITLES = {
    400: ("malformed", "The request cannot be read"),
    401: ("unauthorized", "A valid API key is needed"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    409: ("conflict", "Someone was faster"),
    412: ("stale", "Changed since it was read"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-content", "The content type is not supported"),
    422: ("input", "Something in it has to be changed"),
    428: ("version-needed", "The version that was read is needed"),
    500: ("internal", "Something went wrong"),
    503: ("busy", "Busy, try again"),
}


class Refused(Exception):
    """What is wrong with the request itself, before anything is done."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


def answer_errors(flask: Flask) -> None:
    """Register the answer to each kind of error."""
    flask.register_error_handler(Refused, lambda error: problem(error.status, error.detail, **error.more))
    flask.register_error_handler(GuardRefused, _guard)
    flask.register_error_handler(InputError, _input)
    flask.register_error_handler(AccessDenied, lambda error: problem(403, str(error)))
    flask.register_error_handler(NotFound, lambda error: problem(404, str(error)))
    flask.register_error_handler(Conflict, lambda error: problem(409, str(error)))
    flask.register_error_handler(EvaluationError, lambda error: problem(422, str(error)))
    flask.register_error_handler(DeliveryError, lambda error: problem(503, str(error)))
    flask.register_error_handler(Busy, lambda error: problem(503, str(error)))
    flask.register_error_handler(HTTPException, _http)
    flask.register_error_handler(Exception, _unexpected)


def problem(status: int, detail: str = "", **more: Any) -> Response:
    """One problem; `errors` maps a field to its words ("" holds the whole request)."""
    kind, title = TITLES.get(status, ("error", "Error"))
    told = {"type": f"urn:guiju:problem:{kind}", "title": title, "status": status}
    if detail:
        told["detail"] = detail
    response = Response(orjson.dumps({**told, **more}, default=str), status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="guiju"'
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def _input(error: InputError) -> Response:
    rows = error.more.get("rows")
    more = {"rows": {str(number): words for number, words in rows.items()}} if rows else {}
    return problem(422, str(error).removeprefix(": "), errors=error.fields, **more)


def _guard(error: GuardRefused) -> Response:
    """A refusal by a guard says which, what adds up to it, and the flow that leads on from it."""
    lines = [{"label": label, "value": value} for label, value in error.lines]
    way = {"flow": error.flow} if error.flow else {}
    return problem(422, error.message, errors=error.fields, guard=error.guard, lines=lines, **way)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status == 404:
        return problem(404, "no such address")
    response = problem(status, error.description or "")
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))  # type: ignore[attr-defined]
    return response


def _unexpected(error: Exception) -> Response:
    """What nobody foresaw: the log has all of it, the answer only a number to find it by."""
    reference = secrets.token_hex(4)
    log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    return problem(500, f"reference {reference}")
