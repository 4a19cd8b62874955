"""Composition: the rooms of the product, put together; nothing else knows all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import time
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from engine import versions
from engine.app import App
from engine.bell import Bell
from engine.calendar import instant
from engine.catalog import Catalog, loading
from engine.clock import Clock
from engine.database import Database
from engine.errors import ConfigError, NotFound
from engine.events import Cause
from engine.principal import SYSTEM
from engine.queue import RedisBell
from engine.room import DocumentKind, Room
from engine.sandbox import SandboxClock
from engine.sandbox import table as sandbox_table
from engine.tables import metadata, missing
from engine.versions import Version
from engine.work import Work
from flows.room import ROOM as FLOWS
from forms import migrations
from forms.room import ROOM as FORMS
from reports.room import ROOM as REPORTS
from rules.room import ROOM as RULES
from ui import sample
from ui.sample import load_sample
from ui.scenarios.room import ROOM as SCENARIOS

__all__ = ["ROOMS", "join_app", "kinds", "load_sample", "open_app", "open_database", "plan", "publish", "schemas"]

MORNING = time(9)  # when the day of the sample data begins
ROOMS: tuple[Room, ...] = (FORMS, FLOWS, RULES, REPORTS, SCENARIOS)


def kinds() -> tuple[DocumentKind, ...]:
    """Every kind of file in an app folder, in the order in which they are compiled."""
    return tuple(kind for room in ROOMS for kind in room.kinds)


def schemas() -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of each kind of file."""
    return {**loading.schemas(), **{kind.name: kind.schema() for kind in kinds()}}


def open_app(
    folder: Path, database_url: str, *, redis: str | None = None, sandbox: bool = False, clock: Clock | None = None
) -> App:
    """Publish an app folder into a database and answer the running app.

    With `sandbox` its clock can be moved forward, from the day of the app's sample data on in a new database;
    a database in which it ever was keeps that clock.
    Raises ConfigErrors when the folder has mistakes; the database is then untouched.
    """
    catalog = Catalog.load(folder, kinds())
    with _opening(database_url) as database:
        app = App(catalog, database, ROOMS, clock or _clock(database, sandbox), _bell(redis))
        if sandbox and isinstance(app.clock, SandboxClock) and _is_new(database):
            day = sample.day_of(folder)
            app.clock.begin(instant(day, MORNING, catalog.timezone) if day else app.clock.now())
        app.publish(catalog)
    return app


def join_app(folder: Path, database_url: str, *, redis: str | None = None, sandbox: bool = False) -> App:
    """Answer the app that is published in a database; where nothing is yet, the folder is published first."""
    try:
        with _opening(database_url) as database:
            return App.open_published(database, ROOMS, _clock(database, sandbox), _bell(redis))
    except NotFound:
        return open_app(folder, database_url, redis=redis, sandbox=sandbox)


def open_database(url: str) -> Database:
    """The database at this address; ConfigError when it is none that we know."""
    try:
        return Database(url)
    except (ValueError, ArgumentError, NoSuchModuleError) as error:
        advice = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        raise ConfigError(f"this is no address of a database: {error}", hint=advice) from None


@contextmanager
def _opening(url: str) -> Iterator[Database]:
    """A database that is closed again when what is done with it fails."""
    database = open_database(url)
    try:
        yield database
    except BaseException:
        database.close()
        raise


def plan(folder: Path, database: Database) -> list[str]:
    """Tell what publishing an app folder would change: its files, then the tables. Nothing is changed.

    Raises ConfigErrors also for what must not happen to the tables, such as a field that is gone without a word.
    """
    catalog = Catalog.load(folder, kinds())
    app = App(catalog, database, ROOMS)
    told: list[str] = []
    with suppress(_OnlyLooked), database.write() as connection:
        versions.take_turn(connection)
        metadata.create_all(connection, missing(connection), checkfirst=False)
        work = Work(app, connection, catalog, SYSTEM, app.clock.now(), Cause("system", "plan"))
        version = versions.active(connection)
        before = versions.files(connection, version.id) if version else {}
        told += _files(before, catalog.files)
        told += [str(change) for change in migrations.plan(work, catalog).changes]
        raise _OnlyLooked
    return told


class _OnlyLooked(Exception):
    """Undoes the transaction in which a plan was made."""


def _files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"{'add' if name not in before else 'remove' if name not in after else 'change'} {name}"


def publish(folder: Path, database: Database, note: str) -> Version:
    """Publish an app folder; answers the version that runs now."""
    catalog = Catalog.load(folder, kinds())
    return App(catalog, database, ROOMS, _clock(database, False)).publish(catalog, note=note)


def _bell(redis: str | None) -> Bell | None:
    return RedisBell(redis) if redis else None


def _clock(database: Database, sandbox: bool) -> Clock | None:
    """A sandbox clock where it is wanted, or where it has been moved before: time must not run backwards."""
    return SandboxClock(database) if sandbox or _was_moved(database) else None


def _is_new(database: Database) -> bool:
    with database.read() as connection:
        return not inspect(connection).has_table(versions.pointer.name)


def _was_moved(database: Database) -> bool:
    with database.read() as connection:
        if not inspect(connection).has_table(sandbox_table.name):
            return False
        return connection.execute(select(sandbox_table.c.id)).first() is not None
