"""Upkeep: the engine as a room of its own, with the jobs it runs and the work that falls due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import calendar, idempotency, keys, notices, outbox, people, seals, sessions, throttle, trays  # noqa: F401  tables
from engine.calendar.watch import watch
from engine.room import Room

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work


def _prepare(work: Work, old: Catalog | None, new: Catalog) -> None:
    calendar.prepare(work, new.calendars.values())


ENGINE = Room(
    "engine",
    jobs={"deliver": outbox.deliver},
    due=(trays.sweep, seals.seal, idempotency.clean, watch),
    prepare=_prepare,
)
