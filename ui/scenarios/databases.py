"""Databases: a fresh one for every scenario, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from engine.database import Database
from engine.errors import ConfigError


@contextmanager
def fresh(url: str | None) -> Iterator[str]:
    """The URL of an empty database: a temporary SQLite file, or the empty PostgreSQL database given.

    What is not empty is never touched: ConfigError.
    """
    if url is None:
        with tempfile.TemporaryDirectory(prefix="guiju-scenario-") as folder:
            yield f"sqlite:///{Path(folder) / 'scenario.sqlite3'}"
        return
    database = Database(url)
    try:
        if database.dialect != "postgresql":
            raise ConfigError("scenarios bring their own SQLite database", hint="leave --database out")
        with database.read() as connection:
            if _tables(connection):
                raise ConfigError(
                    "the database is not empty", hint="name an empty one: scenarios drop what they make in it"
                )
        try:
            yield url
        finally:
            with database.write() as connection:
                quote = connection.dialect.identifier_preparer.quote
                for name in _tables(connection):
                    connection.execute(text(f"DROP TABLE {quote(name)} CASCADE"))
    finally:
        database.close()


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()
