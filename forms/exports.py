"""Exports: the records of a list as a workbook; what people wrote stays text, whatever it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter

from engine.errors import AccessDenied, InputError
from engine.expressions import Expression
from forms import access, records
from forms.form import Field, Form
from forms.messages import say
from forms.paging import MOST
from forms.records import Record

if TYPE_CHECKING:
    from engine.work import Work

MOST_ROWS = 100_000
# Never formulas or links, however a text begins: a workbook must not do anything when it is opened.
SAFE = {"constant_memory": True, "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(
    work: Work,
    form: Form,
    fields: Sequence[Field],
    where: Sequence[Expression | str] = (),
    sort: Sequence[str] | None = None,
    search: str | None = None,
) -> bytes:
    """The records that were found, one a row, in the order of the list; a second sheet says what was asked.

    Raises AccessDenied without the right to export, InputError for what cannot be asked or is too much.
    """
    if not access.may(work.principal, form, "export"):
        raise AccessDenied(say(work.principal.locale, "没有导出{label}的权限", label=form.label))
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, SAFE) as book:
        head, day = (
            book.add_format({"bold": True, "bg_color": "#F2F4F7"}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        sheet = book.add_worksheet(_name(form.label))
        sheet.freeze_panes(1, 0)
        for column, one in enumerate(fields):
            sheet.set_column(column, column, 22 if one.type.name in ("text", "reference") else 14)
            sheet.write_string(0, column, work.catalog.label(one.label, work.principal.locale), head)
        count = 0
        for count, record in enumerate(_all(work, form, fields, where, sort, search), start=1):
            for column, one in enumerate(fields):
                _write(sheet, count, column, record, one, day)
        _asked(book, work, form, count, where, search)
    return content.getvalue()


def _all(
    work: Work,
    form: Form,
    fields: Sequence[Field],
    where: Sequence[Expression | str],
    sort: Sequence[str] | None,
    search: str | None,
) -> Iterator[Record]:
    """Page by page, so that a long list does not stand in memory whole."""
    after, names, count = None, [one.id for one in fields], 0
    while True:
        page = records.find(
            work, form.id, where=where, sort=sort, fields=names, limit=MOST, after=after, count="none", search=search
        )
        count += len(page.rows)
        if count > MOST_ROWS:
            raise InputError({"": say(work.principal.locale, "一次最多导出 {max} 行, 请先筛选", max=f"{MOST_ROWS:,}")})
        yield from page.rows
        after = page.next
        if after is None:
            return


def _write(sheet: Any, row: int, column: int, record: Record, one: Field, day: Any) -> None:
    """Numbers and days as such, all else as text."""
    value = record[one.id]
    if value is None:
        return
    if isinstance(value, (int, Decimal)) and one.value_type.numeric:
        sheet.write_number(row, column, value)
    elif type(value) is date:
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_string(row, column, record.text(one.id)[:32_767])


def _asked(
    book: Any, work: Work, form: Form, count: int, where: Sequence[Expression | str], search: str | None
) -> None:
    sheet = book.add_worksheet("说明")
    told = [
        ("表单", form.label),
        ("行数", str(count)),
        ("导出人", work.principal.name),
        ("导出时间", f"{work.now.astimezone(work.catalog.timezone):%Y-%m-%d %H:%M}"),
        *(("条件", one if isinstance(one, str) else one.text) for one in where),
        *([("查找", search)] if search else []),
    ]
    for row, (name, text) in enumerate(told):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)


def _name(label: str) -> str:
    """A name that a sheet may have."""
    return "".join("_" if letter in "[]:*?/\\'" else letter for letter in label)[:31] or "Sheet"
