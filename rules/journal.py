"""Journal: one row per firing, with its reason and its outcome; nothing a rule does is without one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from rules.tables import firing

if TYPE_CHECKING:
    from engine.work import Work


@dataclass(frozen=True)
class Firing:
    """One thing a rule did, or held back, for one record in one episode."""

    id: int
    key: str
    rule: str
    form: str
    record_id: int
    episode: int
    step: str | None
    state: str
    scheduled_for: datetime
    fired_at: datetime
    release_at: datetime | None
    attempt: int
    trace: Any
    outcome: list[Any]
    error: str | None
    chain: str
    depth: int
    catalog: str


@dataclass
class Entry:
    """A firing about to be written."""

    key: str
    rule: str
    form: str
    record_id: int
    episode: int
    step: str | None = None
    state: str = "done"
    scheduled_for: datetime | None = None
    release_at: datetime | None = None
    trace: Any = field(default_factory=dict)
    outcome: list[Any] = field(default_factory=list)
    error: str | None = None


def write(work: Work, entries: Sequence[Entry]) -> None:
    """Write these firings; a key that exists is an error, since latches let each episode through once."""
    if not entries:
        return
    rows = [
        {
            **{name: getattr(entry, name) for name in entry.__dataclass_fields__},
            "scheduled_for": entry.scheduled_for or work.now,
            "fired_at": work.now,
            "attempt": 1,
            "chain": work.cause.chain,
            "depth": work.cause.depth,
            "catalog": work.catalog.hash,
        }
        for entry in entries
    ]
    work.execute(insert(firing), rows)


def standing(work: Work, keys: Collection[str]) -> set[str]:
    """Those of these keys that have a firing: a period that was cut off goes on where it stopped."""
    return set(work.execute(select(firing.c.key).where(firing.c.key.in_(keys))).scalars())


def finish(work: Work, found: Firing, state: str, outcome: list[Any], error: str | None) -> None:
    """Note how another attempt at a firing ended."""
    work.execute(
        update(firing)
        .where(firing.c.id == found.id)
        .values(state=state, outcome=outcome, error=error, attempt=found.attempt + 1, release_at=None)
    )


def of_record(work: Work, form: str, record_id: int, limit: int = 50) -> list[Firing]:
    """The firings of a record, newest first."""
    rows = work.execute(
        select(firing)
        .where(firing.c.form == form, firing.c.record_id == record_id)
        .order_by(firing.c.id.desc())
        .limit(limit)
    )
    return [Firing(**row._mapping) for row in rows]


def of_rule(work: Work, rule: str | None = None, limit: int = 50, before: int | None = None) -> list[Firing]:
    """The firings of one rule, or of all, newest first; `before` is the id to go on from."""
    query = select(firing).order_by(firing.c.id.desc()).limit(limit)
    if rule is not None:
        query = query.where(firing.c.rule == rule)
    if before is not None:
        query = query.where(firing.c.id < before)
    return [Firing(**row._mapping) for row in work.execute(query)]


def waiting(work: Work, limit: int) -> list[Firing]:
    """Held firings whose time has come, and failed ones that may be tried again."""
    due = firing.c.release_at <= work.now
    query = select(firing).where(firing.c.state.in_(["held", "error"]), due).order_by(firing.c.id).limit(limit)
    if work.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return [Firing(**row._mapping) for row in work.execute(query)]
