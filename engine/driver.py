"""Statements at driver level: written once with `:name`, run with the least that stands in between."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError

_HOLE = re.compile(r"'(?:[^']|'')*'|::\w+|:(\w+)|%")


def run(connection: Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """Run one statement in the open transaction and return the driver's own cursor.

    Values go to the driver as they are: bind instants with `work.bind`. Errors arrive as SQLAlchemy's.
    """
    dialect = connection.dialect
    raw: Any = connection.connection.dbapi_connection
    try:
        return raw.execute(sql if dialect.name == "sqlite" else percent_style(sql), parameters or {})
    except dialect.loaded_dbapi.Error as error:
        raise _told(connection, sql, parameters, error) from error
    except OverflowError as error:  # of SQLite's driver, for whole numbers beyond 64 bits
        raise DataError(sql, parameters, error) from error


def run_many(connection: Connection, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement once for each row of parameters."""
    if not rows:
        return
    dialect = connection.dialect
    cursor: Any = connection.connection.cursor()
    try:
        cursor.executemany(sql if dialect.name == "sqlite" else percent_style(sql), rows)
    except dialect.loaded_dbapi.Error as error:
        raise _told(connection, sql, None, error) from error
    finally:
        cursor.close()


def _told(connection: Connection, sql: str, parameters: Any, error: Exception) -> BaseException:
    dialect = connection.dialect
    return DBAPIError.instance(sql, parameters, error, dialect.loaded_dbapi.Error, dialect=dialect)


@lru_cache(maxsize=4096)
def percent_style(sql: str) -> str:
    """Return the statement as psycopg reads it: `%(name)s` for `:name`, casts and literals kept."""

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return f"%({match[1]})s"
        return match[0].replace("%", "%%")

    return _HOLE.sub(replace, sql)
