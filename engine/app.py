"""App: a published catalog, a database, a clock and the rooms, put together once per process."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.bell import Bell, LocalBell
from engine.catalog import Catalog
from engine.clock import Clock, SystemClock
from engine.database import Database
from engine.events import Cause
from engine.principal import SYSTEM, Principal
from engine.room import JobHandler, Room, Subscriber
from engine.tables import metadata
from engine.upkeep import ENGINE
from engine.work import Work

log = logging.getLogger("guiju")


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

    @classmethod
    def open(cls, folder: Path, database: Database, rooms: Sequence[Room], clock: Clock | None = None) -> App:
        """Read the app folder, bring the database in line with it and answer the running app.

        Raises ConfigErrors when the folder has mistakes; the database is then untouched.
        """
        catalog = Catalog.load(folder, [kind for room in rooms for kind in room.kinds])
        app = cls(catalog, database, rooms, clock)
        app.publish(catalog)
        return app

    def publish(self, catalog: Catalog) -> None:
        """Make this catalog the running one: tables first, then the pointer."""
        with self.database.write() as connection:
            metadata.create_all(connection)
            work = Work(self, connection, catalog, SYSTEM, self.clock.now(), Cause("system", "publish"))
            for room in self.rooms:
                if room.prepare:
                    room.prepare(work, None, catalog)
        self.catalog = catalog

    @contextmanager
    def work(self, principal: Principal, *, cause: Cause | None = None, read: bool = False) -> Iterator[Work]:
        """Open one unit of work: a transaction that commits whole or not at all.

        With `read=True` it is a snapshot in which nothing can be written.
        """
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
        """Do what has fallen due in every room and answer how much that was; safe to run anywhere, at any time."""
        return sum(handler(self) for room in self.rooms for handler in room.due)

    def close(self) -> None:
        self.database.close()
