"""The sandbox clock over HTTP: read, and moved forward."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from engine import sandbox
from engine.errors import AccessDenied, InputError
from engine.idempotency import Answer
from engine.sandbox import Day, Movable
from engine.work import Work
from ui.api import reading as asked
from ui.api.callers import may
from ui.api.shapes import instant
from ui.api.unit import answer, me, once, reading, running

blueprint = Blueprint("sandbox", __name__)


@blueprint.get("/sandbox/clock")
@may("read")
def show() -> Response:
    asked.query()
    with reading() as work:
        return answer(_now(work.now))


@blueprint.post("/sandbox/clock")
@may("admin")
def move() -> Response:
    """Move `to` an instant or by `days`; what falls due on the way is done before the answer comes.

    With an Idempotency-Key the first request fixes the instant that is moved to; the same request again goes on
    to that same instant, so that a move that was cut off is finished and never done twice.
    """
    given = asked.keys(asked.body(), to=str, days=int)
    _may_move()
    to = _moment(given["to"])

    def fix(work: Work) -> Answer:
        return Answer(200, {"to": instant(sandbox.target_of(running(), work.now, to, given["days"]))})

    fixed = once(fix)
    target = datetime.fromisoformat(fixed.response["to"])
    done: list[Day] = []
    if target > running().clock.now() or not fixed.replayed:
        done = sandbox.move(running(), me(), to=max(target, running().clock.now()))
    told: dict[str, Any] = {"to": fixed.response["to"], **_now(running().clock.now())}
    told["days"] = [{"day": day.day.isoformat(), "due": day.due, "jobs": day.jobs} for day in done]
    return answer(told, headers={"Idempotency-Replayed": "true"} if fixed.replayed else {})


def _may_move() -> None:
    if not running().catalog.may(me(), "sandbox"):
        raise AccessDenied("需要可以移动沙箱时钟的角色")
    if not isinstance(running().clock, Movable):
        raise AccessDenied("这里用的是真实时间, 不是沙箱")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1900 < found.year < 2200:
        raise InputError({"to": "expected an instant with its offset, such as 2026-03-01T09:00:00+08:00"})
    return found


def _now(now: datetime) -> dict[str, Any]:
    return {"now": instant(now), "movable": isinstance(running().clock, Movable)}
