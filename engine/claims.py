"""Claims: one job in one pair of hands; the lease lets it go, the fence keeps a late hand from doing it again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from engine import jsontext
from engine.errors import Conflict
from engine.events import Cause
from engine.jobs import HELD, READY
from engine.principal import SYSTEM
from engine.tables import bind_instant

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

LEASE = 60_000  # milliseconds

# Milliseconds on the database's own clock: what leases are measured with, whatever the app's clock says.
CLOCK = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}


class Fenced(Conflict):
    """The lease has passed to another worker; what this one was about to do is undone."""


def _claim(dialect: str, which: str = "") -> str:
    """One statement: first what another worker has let go of, then what is ready; a serial in other hands waits."""
    lock = "FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    free = f"""(j.serial IS NULL OR NOT EXISTS (SELECT 1 FROM g_job o WHERE o.serial = j.serial AND o.id <> j.id
        AND (o.{HELD} OR o.{READY} AND o.id < j.id)))"""
    return f"""UPDATE g_job SET state = 'running', lease_token = :token, attempt = attempt + 1,
        lease_until = {CLOCK[dialect]} + :lease
    WHERE id = coalesce(
        (SELECT j.id FROM g_job j WHERE j.{HELD} AND j.state = 'running' AND j.lease_until < {CLOCK[dialect]}
            AND j.attempt < j.max_attempts {which} ORDER BY j.lease_until LIMIT 1 {lock}),
        (SELECT j.id FROM g_job j WHERE j.{READY} AND j.run_at <= :now AND {free} {which}
            ORDER BY j.priority, j.run_at, j.id LIMIT 1 {lock}))
    RETURNING id, kind, payload, key, attempt, max_attempts, cause_kind, cause_id, chain, depth"""


_CLAIM = {dialect: _claim(dialect) for dialect in CLOCK}
_CLAIM_ONE = {dialect: _claim(dialect, "AND j.id = :id") for dialect in CLOCK}
_MINE = f"WHERE id = :id AND lease_token = :token AND {HELD}"
_FENCE = f"UPDATE g_job SET state = 'done', finished_at = :at, last_error = NULL {_MINE}"
_HOLD = f"UPDATE g_job SET attempt = attempt {_MINE}"
_HAND_OVER = "UPDATE g_job SET state = 'handing_over' WHERE id = :id AND lease_token = :token AND state = 'running'"
_BEAT = {dialect: f"UPDATE g_job SET lease_until = {clock} + :lease {_MINE}" for dialect, clock in CLOCK.items()}
_PUT_BACK = f"""UPDATE g_job SET state = :state, run_at = :run_at, last_error = :error, finished_at = :finished
{_MINE}"""


@dataclass(slots=True)
class Claimed:
    """A job that this worker holds until its lease runs out."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    key: str
    attempt: int
    max_attempts: int
    cause: Cause
    token: str
    handed_over: bool = False

    def fence(self, work: Work, *, last: bool = True) -> None:
        """Be the first statement of the transaction that has the effect: it is undone if another hand holds the job.

        With `last`, the job is done in this same transaction: effect and job commit together, exactly once.
        A handler of several transactions passes `last=False` in all but the last.
        """
        self._guarded(work, _FENCE if last else _HOLD, {"at": work.bind(work.now)} if last else {})

    def hand_over(self, app: App) -> None:
        """Commit that from here on the outside world may have been touched; a crash then asks a person."""
        with app.work(SYSTEM, cause=self.cause) as work:
            self._guarded(work, _HAND_OVER, {})
        self.handed_over = True

    def beat(self, work: Work) -> None:
        """Renew the lease."""
        self._guarded(work, _BEAT[work.dialect], {"lease": LEASE})

    def put_back(self, work: Work, state: str, error: str, wait: timedelta = timedelta()) -> None:
        """Give the job up: `ready` again after `wait`, `dead` or `uncertain`."""
        finished = None if state == "ready" else work.bind(work.now)
        more = {"state": state, "run_at": work.bind(work.now + wait), "error": error, "finished": finished}
        self._guarded(work, _PUT_BACK, more)

    def _guarded(self, work: Work, sql: str, more: Mapping[str, Any]) -> None:
        if work.driver(sql, {"id": self.id, "token": self.token, **more}).rowcount != 1:
            raise Fenced(f"job {self.id} ({self.kind}) is in other hands")


def claim(app: App, id: int | None = None) -> Claimed | None:
    """Take the next job that is ready or whose lease has run out, or this very one; None when there is none."""
    dialect, token = app.database.dialect, uuid.uuid4().hex
    parameters = {"token": token, "lease": LEASE, "now": bind_instant(app.clock.now(), dialect), "id": id}
    statement = (_CLAIM if id is None else _CLAIM_ONE)[dialect]
    try:
        with app.work(SYSTEM, cause=Cause("system", "worker")) as work:
            row = work.driver(statement, parameters).fetchone()
    except IntegrityError:  # another worker was faster with a job of the same serial
        return None
    if row is None:
        return None
    id, kind, payload, key, attempt, most, *why = row
    return Claimed(id, kind, jsontext.load(payload), key, attempt, most, Cause(*why), token)
