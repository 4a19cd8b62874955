"""guiju key: make an API key for a person; it is shown once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from engine import keys, people
from engine.principal import SYSTEM
from ui import compose
from ui.cli import options

NAME = "key"
HELP = "make an API key that acts for a person; it is shown once"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("login", help="whose rights the key has")
    verb.add_argument("--label", default="command line", help="what the key is for")
    options.database(verb)


def run(given: Namespace) -> int:
    app = compose.open_app(given.app, options.database_url(given))
    with app.work(SYSTEM) as work:
        principal = people.principal(work, given.login)
        print(keys.create(work, principal, given.label))
    app.close()
    return 0
