"""Forms in the browser's words: tables inside a record, files, and what comes back after a mistake."""

from __future__ import annotations

import io

import pytest

from engine.principal import SYSTEM
from forms import records

from .conftest import Site, open_site

ORDER = """
label: 订单
fields:
  name:  {type: text, label: 名称, required: true}
  lines:
    type: lines
    label: 明细
    fields:
      product: {type: text, label: 产品, required: true}
      amount:  {type: money, label: 金额, min: 0.01}
  paper: {type: file, label: 附件, accept: [text]}
  total: {type: money, label: 合计, compute: "sum_of(lines, amount)"}
access:
  rows: {buyer: all}
  create: [buyer]
  update: [buyer]
"""


@pytest.fixture
def shop(folder, database) -> Site:
    files = {"roles.yaml": "buyer: {label: 采购}\n", "forms/purchase.yaml": ORDER}
    return open_site(folder(files), database, {"people": {"bao": {"name": "包打听", "roles": ["buyer"]}}})


def kept(shop):
    with shop.app.work(SYSTEM, read=True) as work:
        record = records.get(work, "purchase", 1)
        return (
            [(line["product"], str(line["amount"])) for line in record["lines"]],
            str(record["total"]),
            record["paper"],
        )


def test_rows_are_added_changed_and_removed(shop):
    bao = shop.browser("bao")
    sent = {
        "name": "一",
        "lines": "",
        "lines.0.product": "笔",
        "lines.0.amount": "1,000.50",
        "lines.2.product": "纸",
        "lines.2.amount": "2",
    }
    assert bao.post("/records/purchase/new", sent).status_code == 303
    assert kept(shop)[:2] == ([("笔", "1000.50"), ("纸", "2.00")], "1002.50")
    page = bao.get("/records/purchase/1/edit").text
    assert 'name="lines.1.product"' in page and 'value="1,000.50"' in page
    sent = {"name": "一", "version": "1", "lines": "", "lines.0.product": "墨", "lines.0.amount": "3"}
    assert bao.post("/records/purchase/1/edit", sent).status_code == 303
    assert kept(shop)[:2] == ([("墨", "3.00")], "3.00")


def test_a_wrong_row_is_named_and_stays_as_typed(shop):
    sent = {"name": "一", "lines": "", "lines.0.product": "笔", "lines.0.amount": "许多"}
    answer = shop.browser("bao").post("/records/purchase/new", sent)
    assert answer.status_code == 422
    assert "第 1 行" in answer.text and 'value="许多"' in answer.text


def test_a_file_is_kept_and_only_ever_handed_out(shop):
    bao = shop.browser("bao")
    sent = {"name": "一", "paper.new": (io.BytesIO("合同".encode()), "合 同.txt")}
    assert bao.post("/records/purchase/new", sent).status_code == 303
    file = kept(shop)[2][0]
    answer = bao.get(f"/files/{file.id}")
    assert answer.data.decode() == "合同"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (
        bao.post("/records/purchase/1/edit", {"name": "二", "version": "1", "paper": str(file.id)}).status_code == 303
    )
    assert kept(shop)[2][0].id == file.id


def test_a_page_dressed_as_text_is_refused(shop):
    sent = {"name": "一", "paper.new": (io.BytesIO(b"<!doctype html><script>1</script>"), "a.txt")}
    assert shop.browser("bao").post("/records/purchase/new", sent).status_code == 422
