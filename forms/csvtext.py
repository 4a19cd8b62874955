"""CSV: the records of a list as text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import AccessDenied
from engine.expressions import Expression
from forms import access, records
from forms.form import Field, Form
from forms.messages import say
from forms.paging import MOST
from forms.records import Record

if TYPE_CHECKING:
    from engine.work import Work

DOING = ("=", "+", "-", "@")  # what begins a formula, once space before it is taken away
BOM = "\ufeff"  # without it, spreadsheets do not read Chinese


def csv_text(
    work: Work,
    form: Form,
    fields: Sequence[Field],
    where: Sequence[Expression | str] = (),
    sort: Sequence[str] | None = None,
) -> bytes:
    """The records that were found, one a row, under the labels of their fields. Raises AccessDenied."""
    if not access.may(work.principal, form, "export"):
        raise AccessDenied(say(work.principal.locale, "没有导出{label}的权限", label=form.label))
    content = io.StringIO(newline="")
    content.write(BOM)
    writer = csv.writer(content)
    writer.writerow([inert(work.catalog.label(one.label, work.principal.locale)) for one in fields])
    after: str | None = None
    names = [one.id for one in fields]
    while True:
        page = records.find(work, form.id, where=where, sort=sort, fields=names, limit=MOST, after=after, count="none")
        writer.writerows([_cell(record, one) for one in fields] for record in page.rows)
        after = page.next
        if after is None:
            return content.getvalue().encode()


def _cell(record: Record, one: Field) -> str:
    """Numbers as programs read them; all else as people do, and inert."""
    value = record[one.id]
    if value is None:
        return ""
    if one.value_type.numeric:
        return str(value)
    return inert(record.text(one.id))


def inert(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would run."""
    begins = text.lstrip()
    return f"'{text}" if text[:1] in ("\t", "\r") or begins.startswith(DOING) else text
