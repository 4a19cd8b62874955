"""What the crash loop runs and kills: a client that sends requests, and a worker that has effects and posts mail."""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from engine import claims, idempotency, jobs, outbox, worker
from engine.app import App
from engine.claims import Claimed
from engine.database import Database
from engine.errors import Busy, Conflict
from engine.idempotency import Answer
from engine.principal import SYSTEM
from engine.room import Room
from engine.work import Work

LEASE = 400  # milliseconds, so that a pause past it is short
PACE = 0.03  # seconds between two requests of a client
THINKING = 0.01  # seconds a handler takes before its effect


def open_app(url: str, room: Room) -> App:
    claims.LEASE = LEASE
    return App.open_published(Database(url), [room])


def room() -> Room:
    return Room("crash", jobs={"effect": effect})


def effect(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
    """Write one row, however often it is tried."""
    time.sleep(THINKING)
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        work.driver("INSERT INTO crash_effect (n) VALUES (:n)", {"n": payload["n"]})


def client(url: str, name: str, acknowledged: str) -> None:
    """Send numbered requests for ever and note each answer; the first is the last one again that got no answer."""
    app, notes = open_app(url, room()), Path(acknowledged)
    with notes.open("ab", buffering=0) as told:
        for number in itertools.count(notes.read_bytes().count(b"\n")):
            n = f"{name}{number}"
            while not answered(app, n):
                time.sleep(0.05)
            told.write(f"{n}\n".encode())
            time.sleep(PACE)


def answered(app: App, n: str) -> bool:
    """Send one request; False when it may be sent again."""

    def respond(work: Work) -> Answer:
        work.driver("INSERT INTO crash_write (n) VALUES (:n)", {"n": n})
        jobs.put(work, "effect", {"n": n}, key=f"effect:{n}", serial=n[0], max_attempts=1000)
        outbox.send(work, "email", "customer@example.com", subject=n, body="x", key=f"mail:{n}")
        return Answer(201, n)

    try:
        return idempotency.once(app, SYSTEM, n, "POST /", hashlib.sha256(n.encode()).hexdigest(), respond).response == n
    except (Busy, Conflict, OperationalError):  # a client may be gone before the server knows it
        return False


def work(url: str, smtp: str, fenced: bool = True) -> None:
    """Take jobs for ever; without the fence, as the negative control does, a late hand has its effect too."""
    global THINKING
    os.environ["GUIJU_SMTP_URL"] = smtp
    if not fenced:
        THINKING *= 5  # so that a pause finds it before its effect
        Claimed._guarded = _unguarded  # type: ignore[method-assign]
    app = open_app(url, room())
    while True:
        try:
            worker.drain(app)
            app.due()
        except Busy:
            continue
        time.sleep(0.02)


def _unguarded(self: Claimed, work: Work, sql: str, more: Mapping[str, Any]) -> None:
    work.driver(sql, {"id": self.id, "token": self.token, **more})
