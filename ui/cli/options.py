"""Options that several verbs share, told once."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path


def app_folder(verb: ArgumentParser) -> None:
    verb.add_argument("app", type=Path, metavar="APP", help="the app folder")


def database(verb: ArgumentParser) -> None:
    verb.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("GUIJU_DATABASE"),
        help="sqlite:///FILE or postgresql://...; var/APP.sqlite3 by default (GUIJU_DATABASE)",
    )


def redis(verb: ArgumentParser) -> None:
    verb.add_argument("--redis", metavar="URL", default=os.environ.get("GUIJU_REDIS"), help="redis://... (GUIJU_REDIS)")


def address(verb: ArgumentParser) -> None:
    verb.add_argument("--host", default="127.0.0.1", help="address to listen on")
    verb.add_argument("--port", type=int, default=8000, help="port to listen on")


def database_url(given: Namespace) -> str:
    """The database named by the options, or the app's own SQLite file below the current folder."""
    if given.database:
        return str(given.database)
    path = Path("var") / f"{given.app.resolve().name}.sqlite3"
    path.parent.mkdir(exist_ok=True)
    return f"sqlite:///{path.resolve()}"
