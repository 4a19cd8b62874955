"""guiju key: make an API key for a person; it is shown once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from engine import keys, people
from engine.principal import SYSTEM
from ui.cli import options

NAME = "key"
HELP = "make an API key that acts for a person; it is shown once"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("login", help="whose rights the key has")
    verb.add_argument("--label", default="command line", help="what the key is for")
    verb.add_argument("--scope", action="append", help="read, write, admin, or role:ID to narrow it; may be repeated")
    options.database(verb)


def run(given: Namespace) -> int:
    with options.joined(given) as app, app.work(SYSTEM) as work:
        _, text = keys.create(work, people.principal(work, given.login).id or 0, given.label, given.scope or ["write"])
        print(text)
    return 0
