"""The unit of work of a request: one snapshot to read, one transaction to write, done once per Idempotency-Key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Response, current_app, g, request

from engine import idempotency
from engine.app import App
from engine.events import Cause
from engine.idempotency import Answer
from engine.principal import Principal
from engine.work import Work
from ui.api import reading as asked


def running() -> App:
    """The app that this API serves."""
    app: App = current_app.extensions["guiju"]
    return app


def me() -> Principal:
    """Whoever the key acts for."""
    who: Principal = g.principal
    return who


def cause() -> Cause:
    """Why things happen: this request."""
    return Cause("api", f"{request.method} {request.path}")


@contextmanager
def reading() -> Iterator[Work]:
    """A snapshot."""
    with running().work(me(), cause=cause(), read=True) as work:
        yield work


@contextmanager
def writing() -> Iterator[Work]:
    """A transaction; an error undoes it whole."""
    with running().work(me(), cause=cause()) as work:
        yield work


def once(respond: Callable[[Work], Answer]) -> Answer:
    """Do a POST in one transaction; with an Idempotency-Key a second time only tells the first answer."""
    asked.query()
    key = asked.idempotency_key()
    if key is None:
        with writing() as work:
            return respond(work)
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    method_path = f"POST {request.path}"[:400]
    return idempotency.once(running(), me(), key, method_path, digest, respond, cause())


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value, option=orjson.OPT_UTC_Z), status, headers, content_type="application/json")


def told(found: Answer, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of `once`, marked when it is told again."""
    again = {"Idempotency-Replayed": "true"} if found.replayed else {}
    return answer(found.response, found.status, {**(headers or {}), **again})
