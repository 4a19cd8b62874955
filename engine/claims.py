"""Claims: one job in one pair of hands; the lease lets it go, the fence keeps a late hand from doing it again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
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
BATCH = 10  # jobs taken in one transaction

# Milliseconds on the database's own clock: what leases are measured with, whatever the app's clock says.
CLOCK = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}


class Fenced(Conflict):
    """The lease has passed to another worker; what this one was about to do is undone."""


# A serial in other hands waits, and so does one that would overtake an earlier job.
_FREE = f"""(j.serial IS NULL OR NOT EXISTS (SELECT 1 FROM g_job o WHERE o.serial = j.serial AND o.id <> j.id
    AND (o.{HELD} OR o.{READY} AND o.id < j.id)))"""
_DUE = f"j.{READY} AND j.run_at <= :now AND {_FREE}"


def _claim(dialect: str, which: str, order: str, limit: str = "1") -> str:
    lock = "FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    chosen = f"SELECT j.id FROM g_job j WHERE {which} ORDER BY {order} LIMIT {limit} {lock}"
    among = f"= ANY(ARRAY({chosen}))" if dialect == "postgresql" else f"IN ({chosen})"
    return f"""UPDATE g_job SET state = 'running', lease_token = :token, attempt = attempt + 1,
        lease_until = {CLOCK[dialect]} + :lease
    WHERE id {among}
    RETURNING id, kind, payload, key, attempt, max_attempts, cause_kind, cause_id, chain, depth, priority, run_at"""


def _left(dialect: str) -> str:
    """Jobs whose worker has gone away; taken one at a time, so that the one that ends its worker is alone."""
    return f"j.{HELD} AND j.state = 'running' AND j.lease_until < {CLOCK[dialect]} AND j.attempt < j.max_attempts"


_LEFT = {dialect: _claim(dialect, _left(dialect), "j.lease_until") for dialect in CLOCK}
_NEXT = {dialect: _claim(dialect, _DUE, "j.priority, j.run_at, j.id", ":limit") for dialect in CLOCK}
_ONE = {dialect: _claim(dialect, f"j.id = :id AND ({_DUE} OR {_left(dialect)})", "j.id") for dialect in CLOCK}
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


def claim(app: App, limit: int = 1) -> list[Claimed]:
    """Take what another worker has let go of, else the next jobs that are ready, in their order."""
    dialect = app.database.dialect
    return _take(app, (_LEFT[dialect], _NEXT[dialect]), {"limit": limit})


def claim_one(app: App, id: int) -> Claimed | None:
    """Take this very job, if it is ready or let go of."""
    return next(iter(_take(app, (_ONE[app.database.dialect],), {"id": id})), None)


def _take(app: App, statements: Iterable[str], given: Mapping[str, Any]) -> list[Claimed]:
    """Run the statements until one finds something; nothing when another worker was faster with a serial."""
    token = uuid.uuid4().hex
    parameters = {"token": token, "lease": LEASE, "now": bind_instant(app.clock.now(), app.database.dialect), **given}
    try:
        with app.work(SYSTEM, cause=Cause("system", "worker")) as work:
            found = (work.driver(statement, parameters).fetchall() for statement in statements)
            rows: list[Any] = next(filter(None, found), [])
    except IntegrityError:
        return []
    rows = sorted(rows, key=lambda row: (row[10], row[11], row[0]))  # RETURNING keeps no order
    return [_claimed(row, token) for row in rows]


def _claimed(row: Any, token: str) -> Claimed:
    id, kind, payload, key, attempt, most, *why = row[:10]
    return Claimed(id, kind, jsontext.load(payload), key, attempt, most, Cause(*why), token)
