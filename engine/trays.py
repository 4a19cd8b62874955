"""Trays: the jobs that wait for a person, and what a person may do with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from engine import audit
from engine.claims import CLOCK
from engine.errors import Conflict, InputError
from engine.jobs import HELD, WAITING, table, wake
from engine.principal import SYSTEM

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

log = logging.getLogger("guiju.trays")

_LEFT = f"{HELD} AND lease_until < {{clock}} AND (state = 'handing_over' OR attempt >= max_attempts)"
_COUNT = f"SELECT count(*) FROM g_job WHERE {_LEFT}"
_SWEEP = f"""UPDATE g_job SET finished_at = :at,
    state = CASE state WHEN 'handing_over' THEN 'uncertain' ELSE 'dead' END,
    last_error = CASE state WHEN 'handing_over' THEN 'its worker went away while handing it over'
                            ELSE 'its worker went away at every attempt' END
WHERE {_LEFT}"""


@dataclass(frozen=True, slots=True)
class Tray:
    """One job as an operator sees it."""

    id: int
    kind: str
    key: str
    state: str
    attempt: int
    run_at: datetime
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None


def rows(work: Work, *, waiting: bool = True, limit: int = 50, before: int | None = None) -> list[Tray]:
    """Return the jobs that wait for a person, or all, newest first; `before` is the id to go on from."""
    c = table.c
    wanted = select(c.id, c.kind, c.key, c.state, c.attempt, c.run_at, c.last_error, c.created_at, c.finished_at)
    wanted = wanted.order_by(c.id.desc()).limit(limit)
    if waiting:
        wanted = wanted.where(text(WAITING))
    if before is not None:
        wanted = wanted.where(c.id < before)
    return [Tray(**row._mapping) for row in work.execute(wanted)]


def retry(work: Work, id: int, reason: str) -> None:
    """Let a dead or uncertain job run again from its first attempt; the reason is kept in the audit log."""
    _move(work, id, "ready", "job.retry", reason, attempt=0, run_at=work.now, finished_at=None)
    wake(work, id)


def skip(work: Work, id: int, reason: str) -> None:
    """Give a dead or uncertain job up for good; the reason is kept in the audit log."""
    _move(work, id, "cancelled", "job.skip", reason, finished_at=work.now)


def settle(work: Work, id: int, reason: str) -> None:
    """Say of an uncertain job that its effect has happened; the reason is kept in the audit log."""
    _move(work, id, "done", "job.settle", reason, states=("uncertain",), finished_at=work.now)


def sweep(app: App) -> int:
    """Put into the trays what was left half way: mails in the middle of handing over, jobs that end their worker."""
    clock = CLOCK[app.database.dialect]
    with app.work(SYSTEM, read=True) as work:
        if not work.driver(_COUNT.format(clock=clock)).fetchone()[0]:
            return 0
    with app.work(SYSTEM) as work:
        swept = int(work.driver(_SWEEP.format(clock=clock), {"at": work.bind(work.now)}).rowcount)
    log.warning("%s jobs were left half way by their workers and wait for a person", swept)
    return swept


def _move(
    work: Work,
    id: int,
    state: str,
    action: str,
    reason: str,
    states: tuple[str, ...] = ("dead", "uncertain"),
    **values: object,
) -> None:
    if not reason.strip():
        raise InputError({"reason": "请说明原因"})
    before = work.execute(select(table.c.state, table.c.key, table.c.last_error).where(table.c.id == id)).first()
    moved = work.execute(update(table).where(table.c.id == id, table.c.state.in_(states)).values(state=state, **values))
    if before is None or moved.rowcount != 1:
        raise Conflict("这项作业已不在待处理状态", before.state if before else None)
    audit.write(
        work,
        action,
        f"job:{id}",
        {"key": before.key, "was": before.state, "error": before.last_error, "reason": reason},
    )
