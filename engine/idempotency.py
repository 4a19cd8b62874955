"""Idempotency: a request that is sent twice is done once and answered twice the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Integer, String, Table, Text

from engine import jsontext
from engine.database import clashed
from engine.errors import Busy, Conflict, InputError
from engine.events import Cause
from engine.principal import SYSTEM, Principal
from engine.tables import Id, Instant, Json, metadata

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

KEPT = timedelta(days=7)
LONGEST = 200  # characters of a key
TRIES = 3  # for a unit of work that the database has undone because it clashed with another

table = Table(
    "g_idempotency",
    metadata,
    Column("principal_id", Id, primary_key=True, autoincrement=False),  # 0 is the system
    Column("key", String(LONGEST), primary_key=True),
    Column("method_path", Text, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
)
Index("ix_g_idempotency_created_at", table.c.created_at)

_FIND = "SELECT method_path, body_hash, status, response FROM g_idempotency WHERE principal_id = :who AND key = :key"
_KEEP = """INSERT INTO g_idempotency (principal_id, key, method_path, body_hash, status, response, created_at)
VALUES (:who, :key, :method_path, :body_hash, :status, :response, :at)"""
_TAKE = "SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 7180002))"
_OLD = "SELECT count(*) FROM (SELECT 1 FROM g_idempotency WHERE created_at < :before LIMIT 1) AS old"
_CLEAN = "DELETE FROM g_idempotency WHERE created_at < :before"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: an HTTP status and a plain value; `replayed` when it is told again."""

    status: int
    response: Any
    replayed: bool = False


def once(
    app: App,
    principal: Principal,
    key: str,
    method_path: str,
    body_hash: str,
    respond: Callable[[Work], Answer],
    cause: Cause | None = None,
) -> Answer:
    """Do what a request asks for in one unit of work, in which its answer is kept, or answer as the first time.

    `respond` gets that unit of work. What it raises undoes everything, the key included. Raises Conflict
    while the first request is still being answered, InputError when the key came with another request.
    """
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= LONGEST):
        raise InputError({"": f"Idempotency-Key 须为 1 到 {LONGEST} 个可打印的 ASCII 字符"})
    request = {"who": principal.id or 0, "key": key, "method_path": method_path, "body_hash": body_hash}
    for tries_left in reversed(range(TRIES)):
        try:
            with _alone(app, request), app.work(principal, cause=cause) as work:
                return _answer(work, request, respond)
        except Busy as busy:
            if not tries_left or not clashed(busy):
                raise
    raise AssertionError("the last try returns or raises")


def clean(app: App) -> int:
    """Forget answers that are older than a week."""
    with app.work(SYSTEM, read=True) as work:
        before = {"before": work.bind(work.now - KEPT)}
        if not work.driver(_OLD, before).fetchone()[0]:
            return 0
    with app.work(SYSTEM) as work:
        return int(work.driver(_CLEAN, before).rowcount)


def _answer(work: Work, request: dict[str, Any], respond: Callable[[Work], Answer]) -> Answer:
    name = f"{request['who']}:{request['key']}"
    if work.dialect == "postgresql" and not work.driver(_TAKE, {"name": name}).fetchone()[0]:
        raise _in_progress()
    kept = work.driver(_FIND, request).fetchone()
    if kept is not None:
        if (kept[0], kept[1]) != (request["method_path"], request["body_hash"]):
            raise InputError({"": "这个 Idempotency-Key 已用于另一个请求"})
        return Answer(kept[2], jsontext.load(kept[3]), replayed=True)
    answer = respond(work)
    row = {"status": answer.status, "response": jsontext.dump(answer.response), "at": work.bind(work.now)}
    work.driver(_KEEP, {**request, **row})
    return answer


_running: set[tuple[str, int, str]] = set()
_running_lock = threading.Lock()


@contextmanager
def _alone(app: App, request: dict[str, Any]) -> Iterator[None]:
    """On SQLite, where all requests are answered in this process, refuse the second before it waits in line."""
    if app.database.dialect == "postgresql":
        yield
        return
    name = (str(app.database.url), request["who"], request["key"])
    with _running_lock:
        if name in _running:
            raise _in_progress()
        _running.add(name)
    try:
        yield
    finally:
        with _running_lock:
            _running.discard(name)


def _in_progress() -> Conflict:
    return Conflict("同一个请求正在处理中，请稍后再试")
