"""Sheets: the first sheet of a workbook or a CSV file as rows of cells, opened with suspicion."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from engine.errors import InputError

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
MOST_PARTS = 1_000
MOST_ROWS = 200_000
MOST_COLUMNS = 300


@dataclass(frozen=True)
class Sheet:
    """One sheet: its headings, and its rows with the number that a person sees beside them."""

    file: str
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def read(data: bytes, file: str) -> Sheet:
    """Read a file by what it is, not by its name. Raises InputError with what is wrong with it."""
    if not data:
        raise InputError({"file": "文件是空的"})
    if len(data) > MOST_BYTES:
        raise InputError({"file": f"文件超过 {MOST_BYTES // 1024 // 1024} MB"})
    name, cells = _workbook(data) if data[:4] == b"PK\x03\x04" else _csv(data)
    if not cells or not any(str(cell).strip() for cell in cells[0]):
        raise InputError({"file": f"工作表“{name}”第一行没有列标题"})
    if len(cells) > MOST_ROWS + 1 or len(cells[0]) > MOST_COLUMNS:
        raise InputError({"file": f"最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，请拆分文件"})
    rows = (
        (number, tuple(_cell(cell) for cell in row))
        for number, row in enumerate(cells[1:], 2)
        if any(_given(cell) for cell in row)
    )
    return Sheet(file, name, tuple(str(cell).strip() for cell in cells[0]), tuple(rows))


def _workbook(data: bytes) -> tuple[str, list[list[Any]]]:
    _check_archive(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0)
        if sheet.height > MOST_ROWS + 1 or sheet.width > MOST_COLUMNS:
            raise InputError({"file": f"最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，请拆分文件"})
        return sheet.name, sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise InputError({"file": "这不是能读的 Excel 工作簿（.xlsx）"}) from error


def _check_archive(data: bytes) -> None:
    """Look at the archive's own table before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InputError({"file": "文件已损坏，无法打开"}) from error
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > len(data) * MOST_RATIO:
        raise InputError({"file": "文件解压后过大，已拒绝"})


def _csv(data: bytes) -> tuple[str, list[list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            return "CSV", [list(row) for row in csv.reader(io.StringIO(text), strict=True)]
        except csv.Error as error:
            raise InputError({"file": f"CSV 格式有误: {error}"}) from error
    raise InputError({"file": "只能导入 Excel（.xlsx）或 CSV 文件"})


def _given(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _cell(cell: Any) -> Any:
    """A whole number that the workbook keeps as 7.0 is 7; texts lose the space around them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime) and cell.time() == time(0):
        return cell.date()
    return cell
