"""guiju schema: the JSON Schema of a kind of file, as the check uses it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from engine.errors import UnknownName
from engine.names import unknown
from ui.compose import schemas

NAME = "schema"
HELP = "print the JSON Schema of a kind of file (form, flow, rule, ...), for editors"


def add(verb: ArgumentParser) -> None:
    verb.add_argument("kind", nargs="?", help="kind of file; all of them by default")


def run(given: Namespace) -> int:
    known = schemas()
    if given.kind and given.kind not in known:
        raise _unknown(given.kind, list(known))
    print(json.dumps(known[given.kind] if given.kind else known, ensure_ascii=False, indent=2))
    return 0


def _unknown(kind: str, known: list[str]) -> UnknownName:
    return unknown("kind of file", kind, known, None)
