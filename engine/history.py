"""History: what changed on a record, by whom, why and when; one row per version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from engine import jsontext
from engine.tables import Id, Instant, Json, metadata, read_instant

if TYPE_CHECKING:
    from engine.work import Work

KINDS = ("created", "updated", "deleted", "restored")
Changes = Mapping[str, Sequence[Any]]

table = Table(
    "g_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("form", String(64), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("changes", Json, nullable=False),
    Column("actor_id", Id),
    Column("actor", Text, nullable=False),
    Column("cause_kind", String(20), nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("form", "record_id", "version"),
)

_INSERT = """INSERT INTO g_history
    (form, record_id, version, kind, changes, actor_id, actor, cause_kind, cause_id, chain, at)
VALUES (:form, :record_id, :version, :kind, :changes, :actor_id, :actor, :cause_kind, :cause_id, :chain, :at)"""
_COLUMNS = "id, version, kind, changes, actor_id, actor, cause_kind, cause_id, chain, at"
_OF = f"""SELECT {_COLUMNS} FROM g_history WHERE form = :form AND record_id = :record_id AND version < :before
ORDER BY version DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a record: `changes` maps a field to (before, after) as JSON knows them."""

    id: int
    version: int
    kind: str
    changes: Mapping[str, tuple[Any, Any]]
    actor_id: int | None
    actor: str
    cause_kind: str
    cause_id: str
    chain: str
    at: datetime


def write(work: Work, form: str, record_id: int, version: int, kind: str, changes: Changes) -> None:
    """Keep what one write did to one record; the same version twice is refused by the database."""
    row = {"form": form, "record_id": record_id, "version": version, "kind": kind, "changes": jsontext.dump(changes)}
    work.driver(_INSERT, {**work.stamp, **row})


def write_many(work: Work, form: str, kind: str, rows: Iterable[tuple[int, int, Changes]]) -> None:
    """Keep many writes of one form at once: (record id, version, changes) each."""
    common = {**work.stamp, "form": form, "kind": kind}
    work.driver_many(
        _INSERT,
        [
            {**common, "record_id": id, "version": version, "changes": jsontext.dump(changes)}
            for id, version, changes in rows
        ],
    )


def of(work: Work, form: str, record_id: int, limit: int = 50, before: int | None = None) -> list[Entry]:
    """Return the versions of one record, newest first; `before` is the version to go on from.

    Whoever shows them has asked forms first whether the reader may see the record and its fields.
    """
    found = work.driver(_OF, {"form": form, "record_id": record_id, "before": before or 2**31 - 1, "limit": limit})
    return [_entry(row) for row in found.fetchall()]


def _entry(row: Sequence[Any]) -> Entry:
    changes = {name: (pair[0], pair[1]) for name, pair in jsontext.load(row[3]).items()}
    id, version, kind, _, actor_id, actor, cause_kind, cause_id, chain, at = row
    return Entry(id, version, kind, changes, actor_id, actor, cause_kind, cause_id, chain, read_instant(at))
