"""A workbook holds what the list shows, and nothing in it runs."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from engine.app import App
from engine.errors import AccessDenied
from engine.principal import SYSTEM, Principal
from forms import exports, records
from forms.room import ROOM

THING = """
label: 物品
fields:
  name:   {type: text, label: 名称}
  price:  {type: money, label: 价格}
  day:    {type: date, label: 日期}
access:
  rows: {buyer: all, clerk: all}
  export: [buyer]
"""
ROLES = "buyer: {label: 采购}\nclerk: {label: 文员}\n"
BUYER = Principal(1, "buyer", "采购", roles=frozenset({"buyer"}))


@pytest.fixture
def app(database, folder):
    return App.open(folder({"roles.yaml": ROLES, "forms/thing.yaml": THING}), database, [ROOM])


def exported(app, who=BUYER, **more):
    with app.work(who, read=True) as work:
        form = records.form(work, "thing")
        content = exports.workbook(work, form, list(form.fields.values()), **more)
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "https://guiju.example", "{=1}"]
)
def test_what_people_write_stays_text(app, text):
    with app.work(SYSTEM) as work:
        records.save(work, "thing", {"name": text.strip()})
    cell = exported(app).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.value == text.strip()
    assert cell.hyperlink is None


def test_numbers_and_days_are_numbers_and_days(app):
    with app.work(SYSTEM) as work:
        records.save(work, "thing", {"name": "笔", "price": Decimal("12.50"), "day": work.today})
    sheet = exported(app).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["名称", "价格", "日期"]
    assert sheet["B2"].value == 12.5
    assert sheet["C2"].is_date


def test_all_pages_are_in_it(app):
    with app.work(SYSTEM) as work:
        records.save_many(work, "thing", [{"name": f"笔{number}"} for number in range(1_203)])
    book = exported(app, where=["contains(name, '笔')"], sort=["name"])
    assert book.worksheets[0].max_row == 1_204
    assert ("行数", "1203") in list(book.worksheets[1].values)


def test_it_needs_the_right_to_export(app):
    with pytest.raises(AccessDenied, match="导出物品"):
        exported(app, Principal(2, "clerk", "文员", roles=frozenset({"clerk"})))
