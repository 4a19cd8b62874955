"""Importing on the pages: a look first, every wrong cell in its place, a file once, and a way back."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.database import Database
from engine.principal import SYSTEM
from forms import records

from .conftest import Browser, Site, open_site

CREDIT = Path(__file__).parents[2] / "examples" / "credit"
PEOPLE = {
    "people": {
        "zhou": {"name": "周文博", "roles": ["finance"]},
        "xu": {"name": "许静", "roles": ["finance"]},
        "lin": {"name": "林晓彤", "roles": ["sales"]},
    }
}
HEAD = "客户名称,统一社会信用代码,销售负责人"
GOOD = "\n".join([HEAD, "华东精工,91310000MA4JURQ206,林晓彤", "百利贸易,91350100M000100Y43,lin"])
WRONG = "\n".join([HEAD, "华东精工,91310000MA4JURQ206,林晓彤", "百利贸易,91350100M000100Y44,没有这人"])


@pytest.fixture
def credit(tmp_path: Path) -> Iterator[Site]:
    database = Database(f"sqlite:///{tmp_path}/credit.sqlite3")
    yield open_site(CREDIT, database, PEOPLE)
    database.close()


def upload(browser: Browser, text: str, form: str = "customer", **more: Any) -> TestResponse:
    sent = {"file": (io.BytesIO(text.encode()), "客户.csv"), **more}
    return browser.post(f"/records/{form}/import", sent, content_type="multipart/form-data")


def take(browser: Browser, page: TestResponse, **more: str) -> TestResponse:
    """Press the button under the preview."""
    found = re.search(r'action="(/records/customer/import/\d+)"', page.text)
    assert found, page.text[-2000:]
    return browser.post(found.group(1), more)


def cells(page: TestResponse) -> list[list[str]]:
    """The tables of the page, row by row, as a reader sees them."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.text, flags=re.S)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in re.findall(r"<td.*?</td>", row, flags=re.S)]
        for row in rows
    ]


def customers(site: Site) -> int | None:
    with site.app.work(SYSTEM, read=True) as work:
        return records.find(work, "customer", count="exact").total


def test_a_file_is_previewed_then_taken_then_undone(credit: Site) -> None:
    zhou = credit.browser("zhou")
    assert 'href="/records/customer/import"' in zhou.get("/records/customer").text
    seen = upload(zhou, GOOD)
    assert seen.status_code == 200
    assert ["3 新增", "百利贸易", "91350100M000100Y43", "林晓彤"] in cells(seen)
    assert customers(credit) == 0
    assert take(zhou, seen).status_code == 303
    assert "新增 2 条" in zhou.get("/records/customer").text
    assert customers(credit) == 2
    again = upload(zhou, GOOD)
    refused = take(zhou, again)
    assert (refused.status_code, customers(credit)) == (409, 2)
    assert "这个文件已于" in refused.text
    undone = zhou.post("/records/customer/import/1/undo")
    assert (undone.status_code, customers(credit)) == (303, 0)
    assert "已撤销" in zhou.get("/records/customer/import").text
    assert zhou.post("/records/customer/import/1/undo").status_code == 409


def test_a_wrong_cell_is_named_and_nothing_is_half_taken(credit: Site) -> None:
    zhou = credit.browser("zhou")
    seen = upload(zhou, WRONG)
    assert seen.status_code == 422
    assert ["CSV!C3", "销售负责人", "没有这人", "没有叫“没有这人”的在职人员"] in cells(seen)
    refused = take(zhou, seen)
    assert (refused.status_code, customers(credit)) == (422, 0)
    assert "1 行有误，没有导入任何数据" in refused.text
    assert take(zhou, seen, keep_good="1").status_code == 303
    assert customers(credit) == 1


def test_what_only_saving_finds_is_named_before_anything_is_taken(credit: Site) -> None:
    zhou = credit.browser("zhou")
    seen = upload(zhou, WRONG.replace("没有这人", "lin"))
    _, field, _, words = next(row for row in cells(seen) if row and row[0] == "CSV!B3")
    assert (field, words) == ("统一社会信用代码", "不是有效的统一社会信用代码")
    assert (seen.status_code, customers(credit)) == (422, 0)
    assert (take(zhou, seen).status_code, customers(credit)) == (422, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "文件是空的"),
        ("\x89PNG\x00\x00", "只能导入 Excel（.xlsx）或 CSV 文件"),
        ("客户名程\n甲", "没有字段“客户名程”，是“客户名称”吗"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(credit: Site, text: str, words: str) -> None:
    seen = upload(credit.browser("zhou"), text)
    assert seen.status_code == 422
    assert words in html.unescape(seen.text)


def test_no_file_at_all_is_told(credit: Site) -> None:
    answer = credit.browser("zhou").post("/records/customer/import", content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请选择一个文件" in answer.text


def test_rows_change_what_their_key_names(credit: Site) -> None:
    zhou = credit.browser("zhou")
    take(zhou, upload(zhou, GOOD))
    seen = upload(zhou, "客户名称,联系电话\n华东精工,021-58881234", key="name")
    assert take(zhou, seen).status_code == 303
    assert "修改 1 条" in zhou.get("/records/customer").text
    assert customers(credit) == 2


def test_who_may_not_import_is_not_offered_it(credit: Site) -> None:
    zhou, lin = credit.browser("zhou"), credit.browser("lin")
    seen = upload(zhou, GOOD)
    assert "/import" not in lin.get("/records/customer").text
    assert lin.get("/records/customer/import").status_code == 403
    assert upload(lin, GOOD).status_code == 403
    assert take(lin, seen).status_code == 403
    assert lin.post("/records/customer/import/1/undo").status_code == 403
    assert customers(credit) == 0


def test_a_batch_belongs_to_its_form(credit: Site) -> None:
    zhou = credit.browser("zhou")
    upload(zhou, GOOD)
    for path in ("/records/receivable/import/1", "/records/customer/import/99", "/records/customer/import/x"):
        assert zhou.post(path).status_code == 404, path
        assert zhou.post(f"{path}/undo").status_code == 404, path
    assert customers(credit) == 0


def test_only_who_imported_undoes_it(credit: Site) -> None:
    zhou = credit.browser("zhou")
    take(zhou, upload(zhou, GOOD))
    assert credit.browser("xu").post("/records/customer/import/1/undo").status_code == 403
    assert customers(credit) == 2
