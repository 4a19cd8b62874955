"""Database: one engine per process, and what its dialect needs to be safe with money."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url


class Database:
    """Opens read and write transactions on SQLite (WAL) or PostgreSQL.

    A write takes SQLite's lock at BEGIN (BEGIN IMMEDIATE), and in one process writers wait in line,
    so that no transaction has to be upgraded or replayed. PostgreSQL writes run READ COMMITTED; what
    must not change under them is locked by its row.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        options: dict[str, Any] = {}
        if self.dialect == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
            options = {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": True}
        elif self.url.database in (None, "", ":memory:"):
            raise ValueError("an in-memory SQLite database cannot be shared between threads; name a file")
        self.engine = create_engine(self.url, **options)
        self._writer = threading.Lock() if self.dialect == "sqlite" else None
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction; commits at the end, rolls back on an error."""
        if self._writer is None:
            with self.engine.begin() as connection:
                yield connection
            return
        with (
            self._writer,
            self.engine.connect().execution_options(guiju_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot that never writes."""
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is sent below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("guiju_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
