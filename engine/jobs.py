"""Jobs: work that survives a crash; a row each, claimed with a lease and fenced by its token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from engine import jsontext
from engine.tables import Id, Instant, Json, metadata

if TYPE_CHECKING:
    from engine.work import Work

STATES = ("ready", "running", "handing_over", "done", "dead", "uncertain", "cancelled")
MAX_ATTEMPTS = 8

table = Table(
    "g_job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("payload", Json, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("serial", Text),
    Column("attempt", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger),  # milliseconds on the database's own clock
    Column("last_error", Text),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("catalog", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
# SQLite takes a partial index only where a statement repeats its condition word for word.
READY = "state = 'ready'"
HELD = "state IN ('running', 'handing_over')"
WAITING = "state IN ('dead', 'uncertain')"


def _index(name: str, *columns: Column[Any], where: str, unique: bool = False) -> None:
    Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


_index("ix_g_job_ready", table.c.priority, table.c.run_at, table.c.id, where=READY)
_index("ix_g_job_held", table.c.lease_until, where=HELD)
_index("ix_g_job_waiting", table.c.id, where=WAITING)
_index("ix_g_job_serial", table.c.serial, table.c.id, where="serial IS NOT NULL")
_index("uq_g_job_serial", table.c.serial, where=f"serial IS NOT NULL AND {HELD}", unique=True)

_PUT = """INSERT INTO g_job (kind, payload, key, state, priority, run_at, serial, attempt, max_attempts, cause_kind,
    cause_id, chain, depth, catalog, created_at)
VALUES (:kind, :payload, :key, 'ready', :priority, :run_at, :serial, 0, :max_attempts, :cause_kind, :cause_id, :chain,
    :depth, :catalog, :at)
ON CONFLICT (key) DO NOTHING RETURNING id"""


def put(
    work: Work,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    run_at: datetime | None = None,
    serial: str | None = None,
    priority: int = 5,
    max_attempts: int = MAX_ATTEMPTS,
) -> int | None:
    """Put one job in this transaction and return its id, or None when there already is one with this key.

    It runs after the commit, not before `run_at`; jobs of one `serial` run one at a time, in order.
    """
    row = {"kind": kind, "payload": jsontext.dump(payload), "key": key, "priority": priority, "serial": serial,
           "run_at": work.bind(run_at or work.now), "max_attempts": max_attempts, "depth": work.cause.depth,
           "catalog": work.catalog.hash}  # fmt: skip
    found = work.driver(_PUT, {**work.stamp, **row}).fetchone()
    if found is None:
        return None
    id: int = found[0]
    if run_at is None or run_at <= work.now:
        wake(work, id)
    return id


def wake(work: Work, id: int) -> None:
    """Ring for this job once the transaction is safe."""
    waiting = work.cache.get("jobs to wake")
    if waiting is None:
        waiting = work.cache["jobs to wake"] = []
        work.after_commit(lambda: work.app.bell.ring(waiting))
    waiting.append(id)
