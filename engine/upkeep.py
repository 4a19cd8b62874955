"""Upkeep: the engine as a room of its own, with its tables, the jobs it runs and the work that falls due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import calendar, outbox, people  # noqa: F401  people: its tables belong to every database
from engine.room import Room

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work


def _prepare(work: Work, old: Catalog | None, new: Catalog) -> None:
    calendar.prepare(work, new.calendars.values())


ENGINE = Room("engine", jobs={"deliver": outbox.deliver}, prepare=_prepare)
