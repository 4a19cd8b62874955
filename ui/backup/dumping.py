"""Dumping: all tables of a database into a new file, as they stand at one moment."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, Connection, MetaData, Table, inspect

from engine.app import App
from engine.events import Cause
from engine.principal import SYSTEM
from engine.work import Work
from forms import storage
from ui.backup.columns import FORMAT, KINDS, PIECE, declared, kind_of, told

_LAST_POSTGRES = """SELECT last_value FROM pg_sequences
WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence(:name, 'id')"""


def dump(app: App, path: Path) -> dict[str, int]:
    """Write every table to a file that only its owner may read, and answer how many rows each has."""
    beside = path.with_name(f"{path.name}.part")
    tables: dict[str, Any] = {}
    with (
        app.work(SYSTEM, cause=Cause("system", "backup"), read=True) as work,
        open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,  # noqa: PTH123
    ):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for form in work.catalog["form"].values():
                storage.of(work, form)
            for table in _every(work.connection, declared(work.catalog["form"])):
                tables[str(table.name)] = {
                    "rows": _write(archive, work.connection, table),
                    "columns": {str(column.name): kind_of(column.type) for column in table.columns},
                    "last_id": _last_id(work, table),
                }
            about = {"format": FORMAT, "app": work.catalog.app, "at": work.now, "tables": tables}
            archive.writestr("tables.json", orjson.dumps(about, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return {name: table["rows"] for name, table in tables.items()}


def _every(connection: Connection, known: Mapping[str, Table]) -> Iterator[Table]:
    """Every table there is, with every column there is: also those that no form has any more."""
    there = inspect(connection).get_table_names()
    for name in [*(name for name in known if name in there), *(name for name in there if name not in known)]:
        whole = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
        ours: Mapping[str, Any] = dict(known[name].c) if name in known else {}
        columns = [
            Column(one.name, ours[one.name].type if one.name in ours else KINDS[kind_of(one.type)])
            for one in whole.columns
        ]
        yield Table(name, MetaData(), *columns)


def _write(archive: zipfile.ZipFile, connection: Connection, table: Table) -> int:
    count = 0
    asked = table.select().order_by(*([table.c["id"]] if "id" in table.c else []))
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in connection.execute(asked, execution_options={"yield_per": PIECE}):
            out.write(orjson.dumps([told(value) for value in row]) + b"\n")
            count += 1
    return count


def _last_id(work: Work, table: Table) -> int | None:
    """The last id that was given out, also when its row is gone: no id is ever given twice."""
    if "id" not in table.c or kind_of(table.c["id"].type) != "integer":
        return None
    if work.dialect == "postgresql":
        row = work.driver(_LAST_POSTGRES, {"name": f'"{table.name}"'}).fetchone()
    else:
        row = work.driver("SELECT seq FROM sqlite_sequence WHERE name = :name", {"name": table.name}).fetchone()
    return int(row[0]) if row and row[0] is not None else None
