"""Loading: an empty database is filled from a backup, all or nothing."""

from __future__ import annotations

import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, Connection, MetaData, Table, inspect, text
from sqlalchemy.schema import CreateTable

from engine import versions
from engine.app import App
from engine.catalog import Catalog
from engine.database import Database
from engine.errors import Conflict, InputError
from engine.events import Cause
from engine.principal import SYSTEM
from engine.tables import Id, metadata, missing
from engine.work import Work
from forms import migrations
from ui.backup.columns import FORMAT, KINDS, PIECE, declared, kind_of, read
from ui.compose import ROOMS, kinds

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
Told = Mapping[str, Mapping[str, Any]]  # table to its rows, columns and last id


def load(path: Path, database: Database) -> dict[str, int]:
    """Fill an empty database and answer how many rows each table got.

    Raises Conflict when the database holds anything, InputError when the file is no backup or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive, database.write() as connection:
            tables = _told(path, archive)
            if inspect(connection).get_table_names():
                raise Conflict("the database is not empty; name one that holds nothing")
            return _fill(archive, connection, database, tables)
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError) as error:
        raise InputError({"": f"{path} is no backup, or is damaged: {error}"}) from None


def _told(path: Path, archive: zipfile.ZipFile) -> Told:
    about = orjson.loads(archive.read("tables.json"))
    if about["format"] != FORMAT:
        raise InputError({"": f"{path} was written by another version of this program"})
    tables: Told = about["tables"]
    for name, table in tables.items():
        if not all(NAME.fullmatch(one) for one in (name, *table["columns"])):
            raise ValueError(f"odd names in table {name}")
    return tables


def _fill(archive: zipfile.ZipFile, connection: Connection, database: Database, tables: Told) -> dict[str, int]:
    versions.take_turn(connection)
    metadata.create_all(connection, missing(connection), checkfirst=False)
    for table in metadata.sorted_tables:
        if table.name in tables:
            _read(archive, connection, table, tables[table.name])
    ours = _of_forms(connection, database)
    for name, about in tables.items():
        if name not in metadata.tables:
            _read(archive, connection, _whole(connection, name, ours.get(name), about["columns"]), about)
    return _counted(connection, tables)


def _of_forms(connection: Connection, database: Database) -> dict[str, Table]:
    """Make the tables of the forms that are published in the backup."""
    running = versions.active(connection)
    if running is None:
        return {}
    catalog = Catalog.from_files(versions.files(connection, running.id), kinds())
    app = App(catalog, database, ROOMS)
    migrations.apply(Work(app, connection, catalog, SYSTEM, app.clock.now(), Cause("system", "restore")), catalog)
    return declared(catalog["form"])


def _whole(connection: Connection, name: str, ours: Table | None, columns: Mapping[str, str]) -> Table:
    """The table with every column of the backup; what no form has any more is made for its data alone."""
    known: Mapping[str, Any] = dict(ours.c) if ours is not None else {}
    made = [
        Column(one, known[one].type if one in known else Id if one == "id" else KINDS[kind], primary_key=one == "id")
        for one, kind in columns.items()
    ]
    table = Table(name, MetaData(), *made, sqlite_autoincrement=True)
    if ours is None:
        connection.execute(CreateTable(table))
        return table
    quote = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        if column.name not in known:
            kind = column.type.compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quote(name)} ADD COLUMN {quote(column.name)} {kind}")
    return table


def _read(archive: zipfile.ZipFile, connection: Connection, table: Table, about: Mapping[str, Any]) -> None:
    """Insert the rows of one table; references to rows of the same table are filled in afterwards."""
    inner = [column.name for column in table.columns if any(key.references(table) for key in column.foreign_keys)]
    for rows in _pieces(archive, table.name, list(about["columns"])):
        connection.execute(table.insert(), [{**row, **dict.fromkeys(inner)} for row in rows])
    for rows in _pieces(archive, table.name, list(about["columns"])) if inner else ():
        for row in rows:
            given = {name: row[name] for name in inner if row[name] is not None}
            if given:
                connection.execute(table.update().where(table.c.id == row["id"]).values(given))
    if "id" in table.c and kind_of(table.c["id"].type) == "integer":
        _go_on(connection, table.name, about["last_id"] or 0)


def _pieces(archive: zipfile.ZipFile, name: str, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    with archive.open(f"{name}.jsonl") as lines:
        while piece := list(itertools.islice(lines, PIECE)):
            yield [dict(zip(columns, map(read, orjson.loads(line)), strict=True)) for line in piece]


def _go_on(connection: Connection, name: str, last: int) -> None:
    """Let the next id follow the last one that was ever given out."""
    highest = connection.execute(text(f'SELECT max(id) FROM "{name}"')).scalar() or 0
    given = {"name": name, "last": max(last, highest)}
    if not given["last"]:
        return
    if connection.dialect.name == "postgresql":
        quoted = {**given, "name": f'"{name}"'}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), quoted)
    else:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


def _counted(connection: Connection, tables: Told) -> dict[str, int]:
    """Count again; what does not match undoes it all."""
    counts: dict[str, int] = {}
    for name, about in tables.items():
        counts[name] = int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())
        if counts[name] != about["rows"]:
            raise ValueError(f"table {name} has {counts[name]} rows and should have {about['rows']}")
    return counts
