"""guiju user: make a login, or give one a new password."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace

from engine import passwords, people
from engine.principal import SYSTEM
from ui.cli import options

NAME = "user"
HELP = "make a person who can log in, or set a password; the password is read from the terminal or from stdin"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("login", help="login name")
    verb.add_argument("--name", help="name, for a new person")
    verb.add_argument("--role", action="append", default=[], help="role, for a new person; may be repeated")
    options.database(verb)


def run(given: Namespace) -> int:
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with options.joined(given) as app, app.work(SYSTEM) as work:
        person = people.find(work, given.login)
        if person is None:
            person = people.create(work, given.login, given.name or given.login, roles=given.role)
        passwords.set_password(work, person.id, password)
    print(f"{given.login} can log in")
    return 0
