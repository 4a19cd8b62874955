"""guiju import: a workbook or CSV file becomes records of a form, all of its rows or none."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.app import App
from engine.errors import InputError
from engine.events import Cause
from forms import imports, query
from ui.cli import options

NAME = "import"
HELP = "import an Excel workbook or a CSV file into a form, all rows or none"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("form", metavar="FORM", help="form that the rows become records of")
    verb.add_argument("file", type=Path, metavar="FILE", help=".xlsx or .csv; the first row holds labels or field ids")
    verb.add_argument("--key", metavar="FIELD", help="rows whose value of this field is known change that record")
    verb.add_argument("--check", action="store_true", help="write nothing; tell what would happen")
    verb.add_argument(
        "--takeover", action="store_true", help="data of the past: rules wait for their next scheduled run"
    )
    verb.add_argument("--keep-good", action="store_true", help="import the rows without a mistake, leave the others")
    options.acting(verb)
    options.database(verb)


def run(given: Namespace) -> int:
    data = options.read_bytes(given.file)
    try:
        with options.joined(given) as app:
            return _look(app, given, data) if given.check else _import(app, given, data)
    except InputError as error:
        return _refused(error)


def _look(app: App, given: Namespace, data: bytes) -> int:
    """Tell what would happen to the cells; guards are asked only when it is done."""
    with app.work(options.actor(app, given), read=True) as work:
        form = query.form_of(work, given.form)
        made = imports.plan(work, form, imports.read(data, given.file.name), given.key)
    print(f"{made.new} new, {made.changed} changed, {len(made.wrong_rows)} wrong; nothing was written")
    for mistake in made.mistakes:
        print(mistake, file=sys.stderr)
    return 2 if made.mistakes else 0


def _import(app: App, given: Namespace, data: bytes) -> int:
    with app.work(options.actor(app, given), cause=Cause("import", given.file.name)) as work:
        batch, _ = imports.put(work, given.form, data, given.file.name, given.key)
        done, made = imports.apply(work, batch.id, keep_good=given.keep_good, takeover=given.takeover)
    print(f"{len(done.created)} new, {done.updated} changed, {done.skipped} left out")
    for mistake in made.mistakes:
        print(mistake, file=sys.stderr)
    return 0


def _refused(error: InputError) -> int:
    made = error.more.get("plan")
    for mistake in made.mistakes if made else ():
        print(mistake, file=sys.stderr)
    print(error, file=sys.stderr)
    return 2
