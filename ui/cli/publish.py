"""guiju publish: plan what a changed app folder does to the database, and make it the running version."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ui import compose
from ui.cli import options

NAME = "publish"
HELP = "make an app folder the running version; --plan only tells what would change"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    options.database(verb)
    verb.add_argument("--plan", action="store_true", help="change nothing; print what would change")
    verb.add_argument("--note", default="", help="why, for the list of versions")


def run(given: Namespace) -> int:
    database = compose.open_database(options.database_url(given))
    try:
        changes = compose.plan(given.app, database)
        for change in changes:
            print(change)
        if not changes:
            print("nothing to change")
        if not given.plan:
            version = compose.publish(given.app, database, given.note)
            print(f"version {version.id} ({version.hash[:12]}) is running")
    finally:
        database.close()
    return 0
