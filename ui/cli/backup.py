"""guiju backup: everything in the database, at one moment, as one file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.errors import NotFound
from ui.backup import dump
from ui.cli import options

NAME = "backup"
HELP = "write everything in the database to one file, while it is in use; fits SQLite and PostgreSQL"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("file", type=Path, metavar="FILE", help="the file to write, such as backup.zip")
    options.database(verb)


def run(given: Namespace) -> int:
    if not given.file.parent.is_dir():
        raise NotFound(f"{given.file.parent}: there is no such folder")
    with options.joined(given) as app:
        counts = dump(app, given.file)
    print(f"{given.file}: {len(counts)} tables, {sum(counts.values())} rows")
    return 0
