"""Import a workbook with a reference column, in a child process, beside the same written by hand.

The child is this module: `python -m tests.bench.works.importing guiju|hand URL FILE`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, insert, select

from tests.bench.data import TODAY
from tests.bench.measure import Line, ms
from tests.bench.stage import Stage

Job = Callable[[], int]
HEADER = ("单号", "客户", "金额", "发票日期", "付款日")


def run(stage: Stage) -> Iterator[Line]:
    count = stage.sizes.imported
    file = stage.folder / "receivables.xlsx"
    _write(file, count, stage.sizes.customers)
    ours, theirs = _child("guiju", stage.url, file), _child("hand", stage.twin_url, file)
    assert ours["rows"] == theirs["rows"] == count
    what = f"import of {count:,} rows from Excel"
    ratio = ours["seconds"] / theirs["seconds"]
    yield Line(what, ms(ours["seconds"]), f"{ms(theirs['seconds'])} by hand", ratio, "about 1x", ratio <= 1.25)
    yield Line(
        "  peak memory of the process", f"{ours['mb']:.0f} MB", f"{theirs['mb']:.0f} MB", ours["mb"] / theirs["mb"]
    )


def _write(file: Path, count: int, customers: int) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for i in range(1, count + 1):
            sheet.write_row(
                i, 0, (f"IMP-{i}", f"客户 {1 + i * 31 % customers}", (100_000 + i * 7919 % 9_000_000) / 100)
            )
            sheet.write_datetime(i, 3, datetime.combine(TODAY - timedelta(30 + i % 300), datetime.min.time()), days)
            sheet.write_datetime(i, 4, datetime.combine(TODAY - timedelta(i % 300), datetime.min.time()), days)


def _child(side: str, url: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.works.importing", side, url, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def guiju(url: str, file: Path) -> Job:
    from engine import people
    from engine.principal import SYSTEM
    from forms.imports import apply, put
    from tests.bench.stage import FOLDER
    from ui.compose import join_app

    app = join_app(FOLDER, url)
    with app.work(SYSTEM, read=True) as work:
        finance = people.principal(work, "fin")

    def job() -> int:
        """Preview first and then import, as a person does; both read the whole file."""
        with app.work(finance) as work:
            batch, _ = put(work, "receivable", file.read_bytes(), file.name)
        with app.work(finance) as work:
            done, _ = apply(work, batch.id)
        return len(done.created)

    return job


def hand(url: str, file: Path) -> Job:
    from tests.bench.twin import Receivable, connect

    engine = connect(url)

    def job() -> int:
        """Read, check every cell, resolve the customers, refuse doubles, insert in chunks; all in one transaction."""
        rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        assert tuple(rows[0]) == HEADER
        good, wrong = _checked(engine, rows[1:])
        if wrong:
            raise SystemExit("\n".join(wrong))
        with engine.begin() as connection:
            for at in range(0, len(good), 5000):
                connection.execute(insert(Receivable.__table__), good[at : at + 5000])  # type: ignore[arg-type]
        return len(good)

    return job


def _checked(engine: Engine, rows: list[list[Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    from tests.bench.twin import Customer, Receivable

    with engine.connect() as connection:
        customers = {name: id for id, name in connection.execute(select(Customer.id, Customer.name))}
        taken = set(connection.scalars(select(Receivable.number)))
    good: list[dict[str, Any]] = []
    wrong: list[str] = []
    for number, (code, customer, amount, invoiced, due) in enumerate(rows, 2):
        mistakes = []
        if not isinstance(code, str) or not 0 < len(code) <= 40 or code in taken:
            mistakes.append("number")
        if customer not in customers:
            mistakes.append("customer")
        try:
            cents = int((Decimal(str(amount)) * 100).to_integral_exact())
        except InvalidOperation:
            cents = 0
        if cents <= 0:
            mistakes.append("amount")
        if not isinstance(invoiced, date) or not isinstance(due, date) or due < invoiced:
            mistakes.append("dates")
        if mistakes:
            wrong.append(f"row {number}: {', '.join(mistakes)}")
            continue
        taken.add(code)
        good.append({"number": code, "customer_id": customers[customer], "amount": cents,
                     "invoice_date": invoiced, "due_date": due})  # fmt: skip
    return good, wrong


def _peak() -> float:
    """Megabytes at the highest; `getrusage` would tell those of the process that started this one."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in status if row.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    job = {"guiju": guiju, "hand": hand}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
    start = time.perf_counter()
    count = job()
    seconds = time.perf_counter() - start
    print(json.dumps({"rows": count, "seconds": seconds, "mb": _peak()}))
