"""App: a published catalog, a database, a clock and the rooms, put together once per process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from engine import audit, versions
from engine.bell import Bell, LocalBell
from engine.catalog import Catalog
from engine.clock import Clock, SystemClock
from engine.database import Database
from engine.errors import ConfigErrors, Conflict, GuijuError, NotFound
from engine.events import Cause
from engine.principal import SYSTEM, Principal
from engine.room import DocumentKind, JobHandler, Room, Subscriber
from engine.tables import metadata, missing
from engine.upkeep import ENGINE
from engine.versions import Version
from engine.work import Work

log = logging.getLogger("guiju")

LOOK_EVERY = 1.0  # seconds between two looks at what is published


class App:
    """The running product. Everything happens in `with app.work(principal) as work:`."""

    def __init__(
        self,
        catalog: Catalog,
        database: Database,
        rooms: Sequence[Room],
        clock: Clock | None = None,
        bell: Bell | None = None,
    ) -> None:
        self.database, self.rooms, self.clock = database, (ENGINE, *rooms), clock or SystemClock()
        self.catalog, self.bell = catalog, bell or LocalBell()
        self.subscribers: tuple[Subscriber, ...] = tuple(s for room in self.rooms for s in room.subscribers)
        self.handlers: dict[str, JobHandler] = {kind: h for room in self.rooms for kind, h in room.jobs.items()}
        self._generation: int | None = None  # of the published version that runs here; None before the first
        self._look_at = 0.0
        self._looking = threading.Lock()

    @classmethod
    def open(
        cls,
        folder: Path,
        database: Database,
        rooms: Sequence[Room],
        clock: Clock | None = None,
        bell: Bell | None = None,
    ) -> App:
        """Read the app folder, publish it and answer the running app.

        Raises ConfigErrors when the folder has mistakes; the database is then untouched.
        """
        app = cls(Catalog.load(folder, _kinds(rooms)), database, rooms, clock, bell)
        app.publish(app.catalog)
        return app

    @classmethod
    def open_published(
        cls, database: Database, rooms: Sequence[Room], clock: Clock | None = None, bell: Bell | None = None
    ) -> App:
        """Answer the app that is published in this database; NotFound when there is none."""
        with database.read() as connection:
            incomplete = bool(missing(connection))
        if incomplete:
            with database.write() as connection:
                _create_tables(connection)
        with database.read() as connection:
            version = versions.active(connection)
            if version is None:
                raise NotFound("nothing is published in this database yet; run `guiju publish APP` first")
            catalog = Catalog.from_files(versions.files(connection, version.id), _kinds(rooms))
        app = cls(catalog, database, rooms, clock, bell)
        app._generation = version.generation
        return app

    def publish(
        self, catalog: Catalog, principal: Principal = SYSTEM, note: str = "", seen: int | None = None
    ) -> Version:
        """Make this catalog the running one, whole or not at all: tables, stored bundle, pointer.

        What already runs is published again without a trace. `seen` is the generation that the publisher
        looked at; Conflict when another one runs by now.
        """
        with self.database.write() as connection:
            _create_tables(connection)
            work = Work(self, connection, catalog, principal, self.clock.now(), Cause("system", "publish"))
            before = versions.active(connection)
            if seen is not None and seen != (before.generation if before else 0):
                raise Conflict("someone else has published meanwhile; look at what runs now and publish again")
            old = self._older(connection, before, catalog) if before else None
            for room in self.rooms:
                if room.prepare:
                    room.prepare(work, old, catalog)
            if before is not None and before.hash == catalog.hash:
                version = before
            else:
                version = versions.put(work, catalog, before, note)
                audit.write(work, "config.publish", f"version:{version.id}", {"hash": version.hash, "note": note})
        self.catalog, self._generation = catalog, version.generation
        return version

    def refresh(self) -> None:
        """Move on to what is published by now; looks at most once a second, and costs nothing in between.

        A version that this process cannot read is told in the log, and the running one stays.
        """
        if self._generation is None or time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at = time.monotonic() + LOOK_EVERY
            with self.database.read() as connection:
                if versions.generation(connection) == self._generation:
                    return
                version = versions.active(connection)
                assert version is not None
                self._generation = version.generation
                self.catalog = self._read(connection, version, self.catalog)
        except GuijuError:
            log.exception("the published version cannot be read here; version %s keeps running", self.catalog.hash)
        finally:
            self._looking.release()

    def _older(self, connection: Connection, version: Version, known: Catalog) -> Catalog | None:
        """Return what ran until now; None when today's code cannot read it, so that publishing can mend it."""
        try:
            return self._read(connection, version, known)
        except ConfigErrors:
            log.exception("the version that ran until now cannot be read any more")
            return None

    def _read(self, connection: Connection, version: Version, known: Catalog) -> Catalog:
        """Return the catalog of a stored version, without reading it again where it is known."""
        for catalog in (known, self.catalog):
            if catalog.hash == version.hash:
                return catalog
        return Catalog.from_files(versions.files(connection, version.id), _kinds(self.rooms))

    @contextmanager
    def work(self, principal: Principal, *, cause: Cause | None = None, read: bool = False) -> Iterator[Work]:
        """Open one unit of work: a transaction that commits whole or not at all.

        With `read=True` it is a snapshot in which nothing can be written. Raises Busy when what it needs
        is held by others for too long; nothing is done then.
        """
        self.refresh()
        opened = self.database.read() if read else self.database.write()
        with opened as connection:
            work = Work(self, connection, self.catalog, principal, self.clock.now(), cause or Cause("system"))
            yield work
        for call in work._after:
            try:
                call()
            except Exception:
                log.exception("a step after the commit failed; the sweep will make up for it")

    def due(self) -> int:
        """Do what has fallen due in every room and answer how much that was; safe to run anywhere, at any time.

        One that fails does not keep the others from their turn; what failed is raised together at the end.
        """
        count, failed = 0, []
        for handler in (handler for room in self.rooms for handler in room.due):
            try:
                count += handler(self)
            except Exception as error:
                failed.append(error)
        if failed:
            raise ExceptionGroup("some of what is due could not be done", failed)
        return count

    def close(self) -> None:
        self.database.close()


def _create_tables(connection: Connection) -> None:
    """Create what is missing, one process after another."""
    versions.take_turn(connection)
    metadata.create_all(connection, missing(connection), checkfirst=False)


def _kinds(rooms: Sequence[Room]) -> list[DocumentKind]:
    return [kind for room in rooms for kind in room.kinds]
