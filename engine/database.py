"""Database: one engine per process, and what its dialect needs to be safe with money."""

from __future__ import annotations

import select
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import Busy
from engine.expressions import sqlite as exact
from engine.filesystem import network

LOCK_SECONDS = 3  # PostgreSQL: how long a statement waits for a row
WRITER_SECONDS = 10  # SQLite: how long a writer waits for its turn
IDLE_SECONDS = 60  # PostgreSQL: how long a transaction may hold its locks without a statement


class Database:
    """Opens read and write transactions on SQLite (WAL) or PostgreSQL.

    A write takes SQLite's lock at BEGIN (BEGIN IMMEDIATE), and in one process writers wait in line,
    so that no transaction has to be upgraded or replayed. PostgreSQL writes run READ COMMITTED; what
    must not change under them is locked by its row. Whoever waits too long gets Busy, and nothing is done.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": WRITER_SECONDS}
        if self.dialect == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
            options["connect_args"] = {"options": _postgres_options()}
        elif self.dialect != "sqlite":
            raise ValueError(f"a database is sqlite or postgresql, not {self.dialect!r}")
        elif self.url.database in (None, "", ":memory:"):
            raise ValueError("an in-memory SQLite database cannot be shared between threads; name a file")
        elif kind := network(Path(self.url.database or "")):
            raise ValueError(f"{self.url.database} lies on {kind}, a network file system, where SQLite may lose data")
        self.engine = create_engine(self.url, **options)
        self._writer = threading.Lock()
        self._here = threading.local()
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "checkout", _drop_if_gone)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction; commits at the end, rolls back on an error.

        A second one in the same thread would wait for the first for ever, so it is refused at once.
        """
        if getattr(self._here, "writing", False):
            raise RuntimeError(
                "this thread already has a writing unit of work; hand its `work` on instead of opening one"
            )
        self._here.writing = True
        try:
            if self.dialect == "postgresql":
                with _telling_busy(), self.engine.begin() as connection:
                    yield connection
            else:
                yield from self._write_in_line()
        finally:
            self._here.writing = False

    def _write_in_line(self) -> Iterator[Connection]:
        if not self._writer.acquire(timeout=WRITER_SECONDS):
            raise Busy(f"the database was busy with other writes for {WRITER_SECONDS} seconds; nothing was done")
        try:
            with _telling_busy(), self.engine.connect() as connection:
                writing = connection.execution_options(guiju_write=True)
                with writing.begin():
                    yield writing
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot that refuses to write."""
        with _telling_busy(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _telling_busy() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Busy("all connections to the database are in use; nothing was done") from error
    except DBAPIError as error:
        if is_busy(error):
            raise Busy("what this needs is held by others; nothing was done, please try again") from error
        raise


def is_busy(error: DBAPIError) -> bool:
    """True for a lock not given in time, a deadlock or a failed serialization: the same again may succeed."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(cause, "sqlstate", None) in ("55P03", "40P01", "40001")


def clashed(busy: Busy) -> bool:
    """True when the database itself undid a whole unit of work in favour of another, so that it may run again."""
    cause = busy.__cause__
    return isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlstate", None) in ("40P01", "40001")


def _postgres_options() -> str:
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_SECONDS * 1000:.0f}ms",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is sent below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={int(WRITER_SECONDS * 1000)}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    exact.install(connection)


def _begin_sqlite(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    writing = connection.get_execution_options().get("guiju_write", False)
    try:
        raw.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        raw.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    except sqlite3.Error as error:
        raise DBAPIError.instance("BEGIN", None, error, sqlite3.Error, dialect=connection.dialect) from error


def _drop_if_gone(connection: Any, _record: object, _proxy: object) -> None:
    """Replace a pooled connection that the server has closed; an idle one has nothing to say, so no round trip."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server has closed this connection")
