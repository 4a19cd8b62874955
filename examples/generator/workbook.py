"""Workbook: one sheet with a heading row; the same rows give the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

MADE = datetime(2026, 11, 21, 9, 0)
WIDTHS = {"客户名称": 34, "统一社会信用代码": 22, "客户联系人邮箱": 30, "邮箱": 30, "注册地址": 34}


def write(path: Path, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows under their headings. Dates are dates, money has two decimals."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": False}) as book:
        book.set_properties({"title": title, "created": MADE})
        heading = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for column, label in enumerate(head):
            sheet.set_column(column, column, WIDTHS.get(label, 14))
            sheet.write_string(0, column, label, heading)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, Decimal):
                    sheet.write_number(line, column, float(value), money)
                elif isinstance(value, date):
                    sheet.write_datetime(line, column, value)
                elif isinstance(value, bool):
                    sheet.write_string(line, column, "是" if value else "否")
                elif isinstance(value, int):
                    sheet.write_number(line, column, value)
                elif value:
                    sheet.write_string(line, column, value)
