"""The sample data are what their generator writes, fit together, and stay small."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from engine.expressions.functions.checks import valid_uscc
from engine.source import read

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "credit" / "sample"


def rows(name: str) -> list[dict[str, object]]:
    """The rows of a workbook, keyed by its headings."""
    table = CalamineWorkbook.from_path(SAMPLE / name).get_sheet_by_index(0).to_python()
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, written anew."""
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, ROOT / "examples" / "make_sample.py", "--to", folder], check=True)
    return folder


def content(path: Path) -> dict[str, bytes]:
    """What is in a file; for a workbook its parts, since two zlibs may pack the same text differently."""
    if path.suffix != ".xlsx":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_the_committed_files_are_what_the_generator_writes(fresh):
    assert sorted(path.name for path in SAMPLE.iterdir()) == sorted(path.name for path in fresh.iterdir())
    for path in fresh.iterdir():
        assert content(path) == content(SAMPLE / path.name), f"run examples/make_sample.py: {path.name} differs"


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 3_000_000


def test_customers_are_believable():
    customers = rows("customers.xlsx")
    assert len(customers) == 200
    assert len({row["客户名称"] for row in customers}) == 200
    assert len({row["统一社会信用代码"] for row in customers}) == 200
    assert all(valid_uscc(str(row["统一社会信用代码"])) for row in customers)
    assert len({row["省份"] for row in customers}) >= 20
    assert len({row["行业"] for row in customers}) == 12


def test_receivables_span_eighteen_months_and_name_known_customers():
    receivables, names = rows("receivables.xlsx"), {row["客户名称"] for row in rows("customers.xlsx")}
    assert len(receivables) == 3000
    assert {row["客户名称"] for row in receivables} <= names
    days = [row["发票日期"] for row in receivables]
    assert min(days) < date(2025, 6, 10) and date(2026, 11, 15) < max(days) <= date(2026, 11, 21)
    assert all(row["约定付款日"] >= row["发票日期"] for row in receivables)


def test_no_receivable_is_paid_more_than_it_claims():
    claimed = {row["应收单号"]: round(float(row["应收金额"]) * 100) for row in rows("receivables.xlsx")}
    paid: dict[object, int] = {}
    for row in rows("payments.xlsx"):
        paid[row["核销应收"]] = paid.get(row["核销应收"], 0) + round(float(row["回款金额"]) * 100)
    assert all(amount <= claimed[number] for number, amount in paid.items())


def test_every_role_has_a_login_and_every_seller_a_superior():
    roles = set(read(ROOT / "examples" / "credit" / "roles.yaml").value)
    people = read(SAMPLE / "people.yaml").value["people"]
    assert {role for person in people.values() for role in person["roles"]} == roles
    assert all("superior" in person for person in people.values() if "sales" in person["roles"])
