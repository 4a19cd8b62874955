"""guiju fmt: write the files of an app in their one canonical form, comments kept."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.source import fmt
from ui.cli import options

NAME = "fmt"
HELP = "write an app's YAML in its canonical form; --check only tells"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("--check", action="store_true", help="change nothing; status 1 when a file would change")


def run(given: Namespace) -> int:
    files = [given.app] if given.app.is_file() else sorted(given.app.rglob("*.yaml"))
    changed = [path for path in files if _write(path, dry=given.check)]
    for path in changed:
        print(path, file=sys.stderr if given.check else sys.stdout)
    return 1 if given.check and changed else 0


def _write(path: Path, *, dry: bool) -> bool:
    before = path.read_text(encoding="utf-8")
    after = fmt(before)
    if after != before and not dry:
        path.write_text(after, encoding="utf-8")
    return after != before
