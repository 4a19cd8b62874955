"""guiju test: play the scenarios of an app and tell what they have not tried."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ui.cli import options
from ui.compose import ROOMS
from ui.scenarios.runner import run as play

NAME = "test"
HELP = "play the scenarios of an app on fresh databases; status 0, or 1 when one fails"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("only", nargs="*", metavar="SCENARIO", help="play only these, by file name; all by default")
    verb.add_argument(
        "--database", metavar="URL", help="an empty PostgreSQL database to play in; temporary SQLite files by default"
    )


def run(given: Namespace) -> int:
    return play(given.app, ROOMS, _say, database_url=given.database, only=given.only)


def _say(line: str) -> None:
    print(line, flush=True)
