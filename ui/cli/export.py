"""guiju export: the records of a form as a workbook or a CSV file, as far as the reader may see them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine import audit
from engine.errors import NotFound
from engine.events import Cause
from forms import access, exports, query
from forms.csvtext import csv_text
from forms.form import Field, Form
from ui.cli import options

NAME = "export"
HELP = "write the records of a form to an .xlsx or .csv file"


def add(verb: ArgumentParser) -> None:
    options.app_folder(verb)
    verb.add_argument("form", metavar="FORM", help="form whose records are written")
    verb.add_argument("--to", type=Path, metavar="FILE", help=".xlsx or .csv; FORM.xlsx by default")
    verb.add_argument("--where", metavar="CONDITION", help='only records that meet it, such as "amount > 1000"')
    verb.add_argument("--sort", metavar="FIELDS", help="fields divided by commas; a leading - is descending")
    verb.add_argument("--fields", metavar="FIELDS", help="fields divided by commas; all by default")
    options.acting(verb)
    options.database(verb)


def run(given: Namespace) -> int:
    target = given.to or Path(f"{given.form}.xlsx")
    if target.suffix not in (".xlsx", ".csv"):
        raise NotFound(f"{target}: the name of the file ends with .xlsx or .csv")
    where = [given.where] if given.where else []
    sort = _names(given.sort)
    with options.joined(given) as app, app.work(options.actor(app, given), cause=Cause("system", "export")) as work:
        form = query.form_of(work, given.form)
        fields = _fields(form, [one for one in form.fields.values() if access.readable(work.principal, one)], given)
        write = exports.workbook if target.suffix == ".xlsx" else csv_text
        content = write(work, form, fields, where, sort)
        audit.write(work, "records.export", f"form:{form.id}", {"where": given.where or "", "file": target.name})
        target.write_bytes(content)
    print(target)
    return 0


def _fields(form: Form, seen: list[Field], given: Namespace) -> list[Field]:
    """The fields to write: those named, or all that have one value in a row."""
    known = {one.id: one for one in seen if one.stored or one.computed}
    names = _names(given.fields) or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise NotFound(f"form {form.id} has no field {', '.join(unknown)} to write; known are {', '.join(known)}")
    return [known[name] for name in names]


def _names(text: str | None) -> list[str] | None:
    return [one.strip() for one in text.split(",") if one.strip()] if text else None
