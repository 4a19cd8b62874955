"""Options that several verbs share, told once."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import people
from engine.app import App
from engine.errors import NotFound
from engine.principal import SYSTEM, Principal
from ui import compose


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
    verb.add_argument(
        "--proxies", type=int, default=0, metavar="N", help="trust the X-Forwarded-* headers of N reverse proxies"
    )


def acting(verb: ArgumentParser) -> None:
    verb.add_argument("--as", dest="login", metavar="LOGIN", help="with the rights of this person; else the system")


def database_url(given: Namespace) -> str:
    """The database named by the options, or the app's own SQLite file below the current folder."""
    if given.database:
        return str(given.database)
    path = Path("var") / f"{given.app.resolve().name}.sqlite3"
    path.parent.mkdir(exist_ok=True)
    return f"sqlite:///{path.resolve()}"


@contextmanager
def joined(given: Namespace) -> Iterator[App]:
    """The app that the verb works on, closed at the end."""
    app = compose.join_app(given.app, database_url(given))
    try:
        yield app
    finally:
        app.close()


def actor(app: App, given: Namespace) -> Principal:
    """Whoever the verb acts for."""
    if not given.login:
        return SYSTEM
    with app.work(SYSTEM, read=True) as work:
        return people.principal(work, given.login)


def read_bytes(path: Path) -> bytes:
    """The content of a file that was named on the command line."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from None
