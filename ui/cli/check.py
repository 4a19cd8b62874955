"""guiju check: read an app folder whole and tell every mistake."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from engine.catalog import Catalog
from engine.errors import Problems
from ui.cli import options
from ui.compose import kinds

NAME = "check"
HELP = "tell every mistake of an app folder with its place; status 0 or 2"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)


def run(given: Namespace) -> int:
    problems = Problems()
    catalog = Catalog.load(given.app, kinds(), problems)
    for warning in problems.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    counts = ", ".join(f"{len(catalog[kind.name])} {kind.folder}" for kind in kinds())
    print(f"{catalog.title} {catalog.version}: {counts}; no mistakes")
    return 0
