"""Workbooks in and out through the pages: looked at first, taken whole or not at all."""

from __future__ import annotations

import io

import openpyxl
import pytest

from engine.principal import SYSTEM
from forms import records

from .conftest import Site, open_site

THING = """
label: 物品
fields:
  name:  {type: text, label: 名称, required: true, unique: true, search: true}
  price: {type: money, label: 价格, min: 0}
access:
  rows: {buyer: all, clerk: all}
  create: [buyer]
  import: [buyer]
  export: [buyer]
list:
  columns: [name, price]
  sort: name
  totals: [price]
  views:
    dear: {label: 贵的, where: price > 10}
"""
PEOPLE = {"people": {"bao": {"name": "包打听", "roles": ["buyer"]}, "wen": {"name": "文静", "roles": ["clerk"]}}}


@pytest.fixture
def shop(folder, database) -> Site:
    files = {"roles.yaml": "buyer: {label: 采购}\nclerk: {label: 文员}\n", "forms/thing.yaml": THING}
    return open_site(folder(files), database, PEOPLE)


def sheet(*rows):
    book = openpyxl.Workbook()
    for row in (("名称", "价格"), *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content


def sent(shop, content, **more):
    return shop.browser("bao").post("/records/thing/import", {"file": (content, "things.xlsx"), **more})


def count(shop):
    with shop.app.work(SYSTEM, read=True) as work:
        return records.find(work, "thing", count="exact").total


def test_a_good_sheet_is_shown_then_taken_once(shop):
    page = sent(shop, sheet(("笔", 2), ("纸", 30)))
    assert page.status_code == 200
    assert "笔" in page.text and "导入 2 行" in page.text
    assert count(shop) == 0
    browser = shop.browser("bao")
    assert browser.post("/records/thing/import/1").location == "/records/thing"
    assert count(shop) == 2
    assert browser.post("/records/thing/import/1").status_code == 409
    assert count(shop) == 2


def test_a_wrong_cell_is_named_and_nothing_is_taken(shop):
    page = sent(shop, sheet(("笔", 2), ("纸", "许多"), ("墨", -3)))
    assert page.status_code == 422
    assert "!B3" in page.text and "!B4" in page.text
    assert shop.browser("bao").post("/records/thing/import/1").status_code == 422
    assert count(shop) == 0


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_refused(shop, content):
    assert sent(shop, io.BytesIO(content)).status_code == 422


def test_nothing_chosen_is_said(shop):
    assert shop.browser("bao").post("/records/thing/import").status_code == 422


def test_who_may_not_sees_no_button_and_no_door(shop):
    wen = shop.browser("wen")
    assert "/import" not in wen.get("/records/thing").text
    for path in ("/records/thing/import", "/records/thing/export", "/records/thing/import/1"):
        assert wen.post(path).status_code == 403, path


def test_the_list_comes_out_as_it_is_narrowed(shop):
    with shop.app.work(SYSTEM) as work:
        for name, price in (("笔", 2), ("纸", 30), ("=1+1", 40)):
            records.save(work, "thing", {"name": name, "price": price})
    answer = shop.browser("bao").post("/records/thing/export?view=dear&sort=-price")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [["名称", "价格"], ["=1+1", 40], ["纸", 30]]
    assert rows[1][0].data_type == "s"


def test_sums_are_of_all_pages(shop):
    with shop.app.work(SYSTEM) as work:
        records.save_many(work, "thing", [{"name": f"笔{number:03}", "price": 2} for number in range(60)])
    page = shop.browser("bao").get("/records/thing").text
    assert "120.00" in page
    assert "下一页" in page
