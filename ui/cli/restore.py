"""guiju restore: an empty database is filled from a backup, all or nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ui import compose
from ui.backup import load
from ui.cli import options

NAME = "restore"
HELP = "fill an empty database from a backup, all or nothing; rows are counted again"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("file", type=Path, metavar="FILE", help="what `guiju backup` wrote")
    options.database(verb)


def run(given: Namespace) -> int:
    database = compose.open_database(options.database_url(given))
    try:
        counts = load(given.file, database)
    finally:
        database.close()
    print(f"{given.file}: {len(counts)} tables, {sum(counts.values())} rows restored, all counts match")
    return 0
