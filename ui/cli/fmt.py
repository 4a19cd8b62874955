"""guiju fmt: write the files of an app in their one canonical form, comments kept."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.errors import ConfigError, ConfigErrors
from engine.source import decode, fmt
from ui.cli import options

NAME = "fmt"
HELP = "write an app's YAML in its canonical form; --check only tells"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("--check", action="store_true", help="change nothing; status 1 when a file would change")


def run(given: Namespace) -> int:
    """Write what can be read; the mistakes of the other files are told together."""
    changed: list[Path] = []
    wrong: list[ConfigError] = []
    for path in [given.app] if given.app.is_file() else sorted(given.app.rglob("*.yaml")):
        try:
            if _write(path, dry=given.check):
                changed.append(path)
        except ConfigErrors as errors:
            wrong += errors.errors
        except ConfigError as error:
            wrong.append(error)
    for path in changed:
        print(path, file=sys.stderr if given.check else sys.stdout)
    if wrong:
        raise ConfigErrors(wrong)
    return 1 if given.check and changed else 0


def _write(path: Path, *, dry: bool) -> bool:
    before = decode(path.read_bytes(), str(path))
    after = fmt(before, str(path))
    if after != before and not dry:
        path.write_text(after, encoding="utf-8", newline="")
    return after != before
