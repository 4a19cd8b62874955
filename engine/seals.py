"""Seals: a chain of hashes over the audit log, so that a changed, removed or inserted row shows."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, String, Table

from engine import jsontext
from engine.only_added import only_added
from engine.principal import SYSTEM
from engine.tables import Id, Instant, metadata, read_instant

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

log = logging.getLogger("guiju.seals")

BATCH = 5_000
SETTLE_SECONDS = 0.5  # how long to wait for transactions that may still add a lower number

table = Table(
    "g_audit_seal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first_id", Id, nullable=False, unique=True),  # so that nothing is sealed twice
    Column("last_id", Id, nullable=False),
    Column("count", Integer, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
only_added(table)

_LAST = "SELECT id, last_id, digest FROM g_audit_seal ORDER BY id DESC LIMIT 1"
_NEWEST = "SELECT max(id) FROM g_audit"
_ROWS = """SELECT id, at, action, subject, actor_id, actor, cause_kind, cause_id, chain, detail FROM g_audit
WHERE id > :after AND id <= :upto ORDER BY id LIMIT :limit"""
_ADD = """INSERT INTO g_audit_seal (first_id, last_id, count, previous, digest, at)
VALUES (:first_id, :last_id, :count, :previous, :digest, :at) ON CONFLICT DO NOTHING RETURNING id"""
_SEALS = "SELECT id, first_id, last_id, count, previous, digest FROM g_audit_seal ORDER BY id"
_AHEAD = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_SETTLED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= :ahead"
START = "0" * 64


def seal(app: App) -> int:
    """Seal what has been added since the last seal and answer how many rows that were; due work, safe to run anywhere.

    Each seal is also told in the log, so that the end of the chain is known outside the database.
    """
    with app.work(SYSTEM, read=True) as work:
        newest, last = work.driver(_NEWEST).fetchone()[0], work.driver(_LAST).fetchone()
        if newest is None or (last and last[1] >= newest):
            return 0
    if not _settled(app):
        return 0
    total = 0
    while count := _seal_batch(app, newest):
        total += count
    return total


def verify(work: Work) -> list[str]:
    """Compare every row with the chain and return what does not fit, in words."""
    problems: list[str] = []
    digest, last_id = START, 0
    for id, first, last, count, previous, sealed in work.driver(_SEALS).fetchall():
        if previous != digest:
            problems.append(f"seal {id} does not follow the seal before it: seals are missing or were exchanged")
        if first != last_id + 1:
            problems.append(f"rows {last_id + 1} to {first - 1} of g_audit belong to no seal")
        found, seen = _digest(previous, _between(work, first - 1, last))
        if found != sealed:
            problems.append(
                f"rows {first} to {last} of g_audit are not what was sealed: {count} were, {seen} are there"
            )
        digest, last_id = sealed, last
    return problems


def _settled(app: App) -> bool:
    """True when no transaction can still add a row below those seen; PostgreSQL gives numbers before the commit."""
    if app.database.dialect == "sqlite":
        return True
    with app.work(SYSTEM, read=True) as work:
        ahead = work.driver(_AHEAD).fetchone()[0]
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        with app.work(SYSTEM, read=True) as work:
            if work.driver(_SETTLED, {"ahead": ahead}).fetchone()[0]:
                return True
        time.sleep(0.02)
    return False


def _seal_batch(app: App, upto: int) -> int:
    with app.work(SYSTEM) as work:
        last = work.driver(_LAST).fetchone()
        after, previous = (last[1], last[2]) if last else (0, START)
        rows = work.driver(_ROWS, {"after": after, "upto": upto, "limit": BATCH}).fetchall()
        if not rows:
            return 0
        digest, count = _digest(previous, rows)
        row = {"first_id": after + 1, "last_id": rows[-1][0], "count": count, "previous": previous, "digest": digest}
        if work.driver(_ADD, {**row, "at": work.bind(work.now)}).fetchone() is None:
            return 0  # another process was faster
    log.info("audit rows %s to %s sealed: %s", row["first_id"], row["last_id"], digest)
    return count


def _between(work: Work, after: int, upto: int) -> Iterator[Any]:
    while rows := work.driver(_ROWS, {"after": after, "upto": upto, "limit": BATCH}).fetchall():
        yield from rows
        after = rows[-1][0]


def _digest(previous: str, rows: Iterable[Any]) -> tuple[str, int]:
    """Return the hash over the seal before and these rows, and how many they were."""
    hashed, count = hashlib.sha256(previous.encode()), 0
    for id, at, *rest in rows:
        hashed.update(jsontext.canonical([id, read_instant(at).isoformat(), *rest]) + b"\n")
        count += 1
    return hashed.hexdigest(), count
