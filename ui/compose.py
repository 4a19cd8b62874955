"""Composition: the rooms of the product, put together; nothing else knows all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.app import App
from engine.catalog import loading
from engine.clock import Clock
from engine.database import Database
from engine.room import DocumentKind, Room
from engine.versions import Version
from flows.room import ROOM as FLOWS
from forms.room import ROOM as FORMS
from reports.room import ROOM as REPORTS
from rules.room import ROOM as RULES

ROOMS: tuple[Room, ...] = (FORMS, FLOWS, RULES, REPORTS)


def kinds() -> tuple[DocumentKind, ...]:
    """Every kind of file in an app folder, in the order in which they are compiled."""
    return tuple(kind for room in ROOMS for kind in room.kinds)


def schemas() -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of each kind of file."""
    return {**loading.schemas(), **{kind.name: kind.schema() for kind in kinds()}}


def open_app(folder: Path, database_url: str, *, clock: Clock | None = None) -> App:
    """Publish an app folder into a database and answer the running app."""
    return App.open(folder, Database(database_url), ROOMS, clock)


def publish(folder: Path, database: Database, note: str) -> Version:
    """Publish an app folder; answers the version that runs now."""
    app = App.open(folder, database, ROOMS)
    return app.publish(app.catalog, note=note)
