"""Sandbox: move the clock forward and see what that brings."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import sandbox
from engine.calendar import instant
from engine.errors import Conflict, InputError
from engine.sandbox import Day
from engine.work import Work
from rules import journal
from ui.web.access import access
from ui.web.render import page, toast_here
from ui.web.templating import label, t
from ui.web.times import today
from ui.web.unit import me, reading, running
from ui.web.values import field

blueprint = Blueprint("sandbox", __name__)

MOST = 2000  # firings looked at after a move


@blueprint.get("/sandbox")
@access("person", can="sandbox")
def show() -> ResponseReturnValue:
    with reading() as work:
        return _page(work)


@blueprint.post("/sandbox")
@access("person", can="sandbox")
def move() -> ResponseReturnValue:
    """Move by days or to a date and time; the answer says what each day brought."""
    with reading() as work:
        last = next((one.id for one in journal.of_rule(work, limit=1)), 0)
    try:
        days = sandbox.move(running(), me(), to=_moment(), days=_days())
    except (InputError, Conflict) as refused:
        words = refused.fields if isinstance(refused, InputError) else {"to": [str(refused)]}
        with reading() as work:
            return _page(
                work, 409 if isinstance(refused, Conflict) else 422, errors={k: "；".join(v) for k, v in words.items()}
            )
    with reading() as work:
        toast_here(t("时钟已移到 {day}", day=today(work)))
        return _page(work, days=days, fired=_fired(work, last))


def _fired(work: Work, after: int) -> dict[str, list[tuple[str, int]]]:
    """The rules that fired since, by day: their labels and how often, the most frequent first."""
    found: dict[str, Counter[str]] = {}
    for one in journal.of_rule(work, limit=MOST):
        if one.id <= after:
            break
        day = one.fired_at.astimezone(work.catalog.timezone).date().isoformat()
        rule = work.catalog["rule"].get(one.rule)
        found.setdefault(day, Counter())[label(rule.label) if rule is not None else one.rule] += 1
    return {day: counted.most_common() for day, counted in found.items()}


def _days() -> int | None:
    text = field("days").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InputError({"days": t("请填写天数")})
    return int(text)


def _moment() -> datetime | None:
    text = field("to").strip()
    if not text:
        return None
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise InputError({"to": t("请填写日期和时间")}) from None
    return instant(typed.date(), typed.time() or time(9), running().catalog.timezone)


def _page(
    work: Work,
    status: int = 200,
    *,
    days: list[Day] | None = None,
    errors: dict[str, str] | None = None,
    fired: dict[str, list[tuple[str, int]]] | None = None,
) -> ResponseReturnValue:
    local = work.now.astimezone(work.catalog.timezone)
    movable = isinstance(running().clock, sandbox.Movable)
    return page(
        work,
        "sandbox.html",
        status,
        local=local,
        weekday=today(work),
        movable=movable,
        days=days,
        fired=fired or {},
        errors=errors or {},
    )
