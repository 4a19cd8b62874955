"""Latches: a level becomes an edge; one row per rule and record says whether the condition holds (R2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from rules.tables import latch

if TYPE_CHECKING:
    from engine.work import Work

PIECE = 500


@dataclass(frozen=True)
class Latch:
    """The state of one rule on one record; `episode` counts how often the condition has been entered."""

    record_id: int
    active: bool
    episode: int
    entered_at: datetime
    last_fired_at: datetime | None
    fire_count: int


def of(work: Work, rule: str, ids: Sequence[int]) -> dict[int, Latch]:
    """The latches of these records that exist."""
    columns = (
        latch.c.record_id,
        latch.c.active,
        latch.c.episode,
        latch.c.entered_at,
        latch.c.last_fired_at,
        latch.c.fire_count,
    )
    rows = work.execute(select(*columns).where(latch.c.rule == rule, latch.c.record_id.in_(ids)))
    return {row.record_id: Latch(**row._mapping) for row in rows}


def enter(work: Work, rule: str, ids: Sequence[int], *, fired: bool) -> dict[int, int]:
    """Close the latch of these records and answer the new episode of each that was open.

    A latch that another process has closed meanwhile is left alone, so that each episode has one owner.
    """
    episodes: dict[int, int] = {}
    for at in range(0, len(ids), PIECE):
        episodes |= _enter(work, rule, ids[at : at + PIECE], fired)
    return episodes


def _enter(work: Work, rule: str, ids: Sequence[int], fired: bool) -> dict[int, int]:
    insert = (postgresql if work.dialect == "postgresql" else sqlite).insert(latch)
    at = work.now if fired else None
    fresh = {"active": True, "entered_at": work.now, "fire_count": int(fired)}
    statement = insert.values(
        [{"rule": rule, "record_id": record_id, "episode": 1, "last_fired_at": at, **fresh} for record_id in ids]
    ).on_conflict_do_update(
        index_elements=[latch.c.rule, latch.c.record_id],
        set_={
            **fresh,
            "episode": latch.c.episode + 1,
            "left_at": None,
            "last_fired_at": at if fired else latch.c.last_fired_at,
        },
        where=latch.c.active.is_(False),
    )
    return {row.record_id: row.episode for row in work.execute(statement.returning(latch.c.record_id, latch.c.episode))}


def again(work: Work, rule: str, record_id: int, seen: Latch) -> bool:
    """Note one more firing within the same episode; False when another process was faster."""
    done = work.execute(
        update(latch)
        .where(
            latch.c.rule == rule,
            latch.c.record_id == record_id,
            latch.c.fire_count == seen.fire_count,
            latch.c.episode == seen.episode,
        )
        .values(last_fired_at=work.now, fire_count=latch.c.fire_count + 1)
    )
    return done.rowcount == 1


def leave(work: Work, rule: str, ids: Iterable[int]) -> dict[int, int]:
    """Open the latch of these records and answer the episode of each that was closed."""
    statement = (
        update(latch)
        .where(latch.c.rule == rule, latch.c.record_id.in_(list(ids)), latch.c.active.is_(True))
        .values(active=False, left_at=work.now)
        .returning(latch.c.record_id, latch.c.episode)
    )
    return {row.record_id: row.episode for row in work.execute(statement)}
