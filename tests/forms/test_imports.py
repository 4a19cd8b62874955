"""Importing workbooks: every wrong cell is named, nothing is half taken, a file is taken once, and it can be undone."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from engine import history, people
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from forms import imports, records
from forms.imports import Plan, sheets
from tests.forms.conftest import FILES, TEAM, Opened, Shop

IMPORTABLE = {
    name: text.replace("delete: [finance]", "delete: [finance]\n  import: [sales, finance]")
    for name, text in FILES.items()
    if name.startswith("forms/")
}
NAMESAKES = {
    **TEAM,
    "people": {
        **TEAM["people"],
        "wang2": {"name": "王敏", "roles": ["sales"]},
        "gone": {"name": "走了", "roles": ["sales"]},
    },
}


@pytest.fixture
def shop(opened: Opened) -> Shop:
    return opened(IMPORTABLE)


def book(*rows: Sequence[Any], sheet: str = "客户") -> bytes:
    """A workbook of one sheet, as a spreadsheet program writes it."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(kept, options) as made:
        page = made.add_worksheet(sheet)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(line, column, cell)
                elif cell is not None:
                    page.write(line, column, cell)
    return kept.getvalue()


def csv(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def look(shop: Shop, data: bytes, form: str = "customer", key: str | None = None, login: str = "fin") -> Plan:
    with shop.work(login) as work:
        return imports.put(work, form, data, "文件.xlsx", key)[1]


def bring(shop: Shop, data: bytes, form: str = "customer", key: str | None = None, **more: Any) -> imports.Batch:
    """Upload and take a file as finance does."""
    with shop.work("fin") as work:
        batch, _ = imports.put(work, form, data, "文件.xlsx", key)
        return imports.apply(work, batch.id, **more)[0]


def count(shop: Shop, form: str = "customer") -> int | None:
    with shop.work(None, read=True) as work:
        return records.find(work, form, count="exact").total


def told(plan: Plan) -> list[str]:
    return [str(mistake) for mistake in plan.mistakes]


def test_a_workbook_is_looked_at_first_and_then_taken(shop: Shop) -> None:
    data = book(
        ["客户名称", "code", "授信额度", "负责人", "等级", "标签"],
        ["华东精工", "C1", 1234.5, "王敏", "A", "老客户，重点"],
        ["华南贸易", "C2", None, "li", "b", None],
    )
    with shop.work("fin") as work:
        batch, plan = imports.put(work, "customer", data, "客户.xlsx")
        assert (plan.new, plan.changed, plan.mistakes, batch.state) == (2, 0, [], "ready")
    assert count(shop) == 0
    with shop.work("fin") as work:
        done, _ = imports.apply(work, batch.id)
        assert (done.state, len(done.created), done.updated, done.skipped) == ("done", 2, 0, 0)
        first, second = (records.get(work, "customer", id) for id in done.created)
    assert (first["name"], first["code"], first["credit_limit"]) == ("华东精工", "C1", Decimal("1234.50"))
    assert (first["owner"], first["grade"], first["tags"]) == (shop.id("wang"), "a", ("老客户", "重点"))
    assert (second["owner"], second["grade"], second["credit_limit"]) == (shop.id("li"), "b", Decimal(0))


def test_every_wrong_cell_is_named_and_nothing_is_taken(shop: Shop) -> None:
    data = book(
        ["客户名称", "编码", "授信额度", "负责人", "等级"],
        ["华东精工", "C1", 100, "王敏", "A"],
        ["华南贸易", "C2", "一百", "没有这人", "Z"],
        [None, "C3", -1, "王敏", "B"],
    )
    with shop.work("fin") as work:
        batch, plan = imports.put(work, "customer", data, "客户.xlsx")
    assert told(plan) == [
        "客户!C3 授信额度 “一百”: 请填写数字",
        "客户!D3 负责人 “没有这人”: 没有叫“没有这人”的在职人员",
        "客户!E3 等级 “Z”: “Z”不在可选值中",
        "客户!C4 授信额度 “-1”: 不能小于 0.00",
    ]
    with pytest.raises(InputError, match="2 行有误，没有导入任何数据") as refused, shop.work("fin") as work:
        imports.apply(work, batch.id)
    assert refused.value.more["plan"].wrong_rows == {3, 4}
    assert count(shop) == 0


def test_what_only_saving_can_tell_is_named_the_same_way(shop: Shop) -> None:
    bring(shop, book(["客户名称", "编码"], ["华东精工", "C1"]))
    data = book(["客户名称", "编码"], ["华南贸易", "C2"], [None, "C3"], ["又一家", "C1"])
    with shop.work("fin") as work:
        batch, plan = imports.put(work, "customer", data, "客户.xlsx")
    mistakes = ["客户!A3 客户名称 “”: 请填写", "客户!B4 编码 “C1”: 不能与已有记录重复"]
    assert told(plan) == mistakes
    with pytest.raises(InputError) as refused, shop.work("fin") as work:
        imports.apply(work, batch.id)
    assert told(refused.value.more["plan"]) == mistakes
    assert count(shop) == 1


def test_good_rows_are_kept_only_when_that_is_asked_for(shop: Shop) -> None:
    data = book(["客户名称", "编码", "授信额度"], ["甲", "C1", 1], ["乙", "C1", 2], ["丙", "C3", "x"], [None, "C4", 4])
    with pytest.raises(InputError):
        bring(shop, data)
    assert count(shop) == 0
    done = bring(shop, data, keep_good=True)
    assert (len(done.created), done.skipped) == (1, 3)
    with shop.work("fin", read=True) as work:
        assert [one["name"] for one in records.find(work, "customer").rows] == ["甲"]


def test_a_guard_speaks_for_the_whole_file(shop: Shop) -> None:
    bring(shop, book(["客户名称", "授信额度"], ["华东精工", 1000]))
    rows = ["华东精工", 600], ["华东精工", 600]
    with pytest.raises(InputError) as refused:
        bring(shop, book(["客户", "金额"], *rows, sheet="订单"), form="order")
    assert "超出可用额度 200.00" in told(refused.value.more["plan"])[0]
    assert count(shop, "order") == 0


def test_headings_that_are_not_known_stop_the_file_with_a_hint(shop: Shop) -> None:
    wrong = book(["客户名程", "编码", "编码", "评分", "可用额度", "负责人"], ["甲", "C1", "C1", 3, 4, "王敏"])
    assert told(look(shop, wrong)) == [
        "客户!A1 客户名程 “客户名程”: 没有字段“客户名程”，是“客户名称”吗",
        "客户!C1 编码 “编码”: 字段“编码”出现了两次",
        "客户!D1 评分 “评分”: 字段“评分”不可填写",
        "客户!E1 可用额度 “可用额度”: 字段“可用额度”不可填写",
    ]
    with pytest.raises(InputError):
        bring(shop, wrong, keep_good=True)
    assert told(look(shop, book(["编码"], ["C1"])))[0].endswith("缺少必填列“客户名称”")


def test_a_field_one_may_not_read_is_one_that_does_not_exist(shop: Shop) -> None:
    data = book(["客户名称", "内部评语"], ["甲", "好"])
    assert told(look(shop, data, login="wang")) == ["客户!B1 内部评语 “内部评语”: 没有字段“内部评语”"]
    assert look(shop, data).mistakes == []


def test_references_are_found_by_the_name_that_people_read(shop: Shop) -> None:
    bring(
        shop,
        book(["客户名称", "编码", "授信额度"], ["华东精工", "C1", 9000], ["同名", "C2", 9000], ["同名", "C3", 9000]),
    )
    plan = look(shop, book(["客户", "金额"], ["无名", 1], ["同名", 1], [None, 1], sheet="订单"), "order")
    assert told(plan) == [
        "订单!A2 客户 “无名”: 没有找到客户“无名”",
        "订单!A3 客户 “同名”: 有 2 条客户叫“同名”",
        "订单!A4 客户 “”: 请填写",
    ]
    bring(shop, book(["客户", "金额"], ["华东精工", 10.01], ["C2", 5]), form="order")
    with shop.work("fin", read=True) as work:
        orders = records.find(work, "order", sort="amount").rows
        assert [records.get(work, "customer", one["customer"])["code"] for one in orders] == ["C2", "C1"]


def test_a_record_that_may_not_be_seen_cannot_be_referred_to(shop: Shop) -> None:
    bring(shop, book(["客户名称", "负责人", "授信额度"], ["王的", "wang", 900], ["李的", "li", 900]))
    plan = look(shop, book(["客户", "金额"], ["王的", 1], ["李的", 1]), "order", login="wang")
    assert told(plan) == ["客户!A3 客户 “李的”: 没有找到客户“李的”"]


def test_a_name_that_several_people_have_needs_their_login(opened: Opened) -> None:
    shop = opened(IMPORTABLE, team=NAMESAKES)
    with shop.work(None) as work:
        people.deactivate(work, shop.id("gone"))
    plan = look(shop, book(["客户名称", "负责人"], ["甲", "王敏"], ["乙", "wang2"], ["丙", "走了"]))
    assert told(plan) == [
        "客户!B2 负责人 “王敏”: 有 2 位“王敏”，请写账号",
        "客户!B4 负责人 “走了”: 没有叫“走了”的在职人员",
    ]


def test_rows_change_the_records_that_their_key_names(shop: Shop) -> None:
    bring(shop, book(["客户名称", "编码", "授信额度"], ["甲", "C1", 100], ["乙", "C2", 100]))
    data = book(["编码", "授信额度", "客户名称"], ["C1", 250.5, None], ["C9", 7, "新的"])
    plan = look(shop, data, key="code")
    assert (plan.new, plan.changed) == (1, 1)
    done = bring(shop, data, key="code")
    assert (len(done.created), done.updated) == (1, 1)
    with shop.work("fin", read=True) as work:
        found = {one["code"]: (one["name"], one["credit_limit"]) for one in records.find(work, "customer").rows}
    assert found == {"C1": ("甲", Decimal("250.50")), "C2": ("乙", Decimal(100)), "C9": ("新的", Decimal(7))}


def test_a_key_names_one_row_each(shop: Shop) -> None:
    data = book(["编码", "客户名称"], ["C1", "甲"], ["C1", "乙"], [None, "丙"])
    assert told(look(shop, data, key="code")) == [
        "客户!A3 编码 “C1”: 与第 2 行重复",
        "客户!A4 编码 “”: 匹配列不能为空",
    ]
    assert told(look(shop, book(["客户名称"], ["甲"]), key="code"))[0].endswith("没有用于匹配的列“编码”")


def test_the_same_file_is_taken_once(shop: Shop) -> None:
    data = book(["客户名称"], ["甲"])
    first = bring(shop, data)
    with pytest.raises(Conflict, match=r"这个文件已于 .+ 导入"):
        bring(shop, data)
    with pytest.raises(Conflict), shop.work("fin") as work:
        imports.apply(work, first.id)
    assert count(shop) == 1


def test_an_import_is_undone_but_not_what_was_worked_on_since(shop: Shop) -> None:
    data = book(["客户名称"], ["甲"], ["乙"], ["丙"])
    done = bring(shop, data)
    with shop.work("fin") as work:
        records.save(work, "customer", {"grade": "a"}, id=done.created[1])
    with shop.work("fin") as work:
        assert imports.undo(work, done.id) == 2
        assert imports.get(work, done.id).state == "undone"
        assert [one["name"] for one in records.find(work, "customer").rows] == ["乙"]
    with pytest.raises(Conflict, match="已撤销"), shop.work("fin") as work:
        imports.undo(work, done.id)
    assert len(bring(shop, data).created) == 3  # what was undone may be taken again


@pytest.mark.parametrize("cell", ["1e309", "NaN", "Infinity", "-inf", "0x10", "1,0,0", "1__0", "½", "9" * 40])
def test_odd_numbers_are_refused_in_words(shop: Shop, cell: str) -> None:
    (mistake,) = look(shop, csv("客户名称,授信额度", f'甲,"{cell}"')).mistakes
    assert (mistake.row, mistake.column, mistake.words) == (2, "B", "数字太大" if cell[0] == "9" else "请填写数字")


def test_a_number_cell_beyond_all_numbers_is_refused(shop: Shop) -> None:
    data = rewritten(book(["客户名称", "授信额度"], ["甲", 123456789]), b"<v>123456789</v>", b"<v>1e309</v>")
    (mistake,) = look(shop, data).mistakes
    assert (mistake.column, mistake.words) == ("B", "请填写数字")


def test_a_number_is_what_the_spreadsheet_shows(shop: Shop) -> None:
    """Sums of a spreadsheet carry a rest in the seventeenth digit that nobody sees there."""
    done = bring(shop, book(["客户名称", "授信额度"], ["甲", 0.1 + 0.2], ["乙", 4.35 * 100], ["丙", 7.0]))
    with shop.work("fin", read=True) as work:
        limits = [records.get(work, "customer", id)["credit_limit"] for id in done.created]
    assert limits == [Decimal("0.30"), Decimal("435.00"), Decimal("7.00")]


def test_dates_are_read_from_cells_and_from_text(shop: Shop) -> None:
    bring(shop, book(["客户名称", "授信额度"], ["甲", 9000]))
    rows = [["甲", 1, date(2026, 3, 5)], ["甲", 2, "2026/3/6"], ["甲", 3, "2026年3月7日"]]
    done = bring(shop, book(["客户", "金额", "到期日"], *rows), form="order")
    with shop.work("fin", read=True) as work:
        assert [records.get(work, "order", id)["due"].day for id in done.created] == [5, 6, 7]
    wrong = look(shop, book(["客户", "金额", "到期日"], ["甲", 1, "2026-02-30"], ["甲", 1, 46000]), "order")
    assert [(one.row, one.column) for one in wrong.mistakes] == [(2, "C"), (3, "C")]


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "@cmd", '=HYPERLINK("http://guiju.example")'])
def test_what_looks_like_a_formula_stays_the_text_it_is(shop: Shop, text: str) -> None:
    done = bring(shop, book(["客户名称"], [text]))
    with shop.work("fin", read=True) as work:
        assert records.get(work, "customer", done.created[0])["name"] == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_that_spreadsheets_write(shop: Shop, encoding: str) -> None:
    done = bring(shop, csv("客户名称,授信额度", '"华东，精工","1,234.50"', "", "镕基, 7 ", encoding=encoding))
    with shop.work("fin", read=True) as work:
        found = [records.get(work, "customer", id) for id in done.created]
    assert [(one["name"], one["credit_limit"]) for one in found] == [
        ("华东，精工", Decimal("1234.50")),
        ("镕基", Decimal("7.00")),
    ]


def test_rows_keep_the_numbers_that_a_person_sees(shop: Shop) -> None:
    data = book(["客户名称", "授信额度"], [None, None], ["甲", "x"], [None, "  "], ["乙", "y"])
    assert [one.row for one in look(shop, data).mistakes] == [3, 5]


def rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same workbook with other bytes in its sheet."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert old in text
                text = text.replace(old, new)
            target.writestr(part.filename, text)
    return kept.getvalue()


def bomb() -> bytes:
    """A small file that unpacks to 64 MB."""
    cell = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>' + b"a" * (64 << 20) + b"</t></is></c></row>"
    return rewritten(book(["客户名称"], ["甲"]), b"<sheetData>", cell)


def lying(data: bytes) -> bytes:
    """The same archive, whose own table says that its sheet is small."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        (length,) = struct.unpack_from("<H", changed, at + 28)
        if changed[at + 46 : at + 46 + length].endswith(b"sheet1.xml"):
            struct.pack_into("<I", changed, at + 24, 1000)
            (local,) = struct.unpack_from("<I", changed, at + 42)
            struct.pack_into("<I", changed, local + 22, 1000)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as target:
        target.writestr("readme.txt", "no workbook")
    return kept.getvalue()


REFUSED = {
    "empty": (lambda: b"", "文件是空的"),
    "bomb": (bomb, "文件解压后过大，已拒绝"),
    "lying bomb": (lambda: lying(bomb()), "这不是能读的 Excel 工作簿（.xlsx）"),
    "half": (lambda: book(["客户名称"], ["甲"])[:-40], "文件已损坏，无法打开"),
    "other zip": (archive, "这不是能读的 Excel 工作簿（.xlsx）"),
    "old xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "只能导入 Excel（.xlsx）或 CSV 文件"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(40), "只能导入 Excel（.xlsx）或 CSV 文件"),
    "no headings": (lambda: book([None, None], ["甲", 1]), "工作表“客户”第一行没有列标题"),
    "wide": (lambda: csv(",".join(["客户名称"] * 301)), "最多 200000 行、300 列，请拆分文件"),
    "open quote": (lambda: csv('客户名称,"编码', "甲,C1"), "CSV 格式有误"),
    "large": (lambda: bytes(sheets.MOST_BYTES + 1), "文件超过 20 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_is_refused_in_words(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(InputError) as refused:
        sheets.read(make(), "文件.xlsx")
    (said,) = refused.value.fields["file"]
    assert said.startswith(words)


def test_who_imported_may_undo_it_without_the_right_to_delete(opened: Opened) -> None:
    shop = opened({name: text.replace("delete: [finance]", "delete: []") for name, text in IMPORTABLE.items()})
    done = bring(shop, book(["客户名称"], ["甲"], ["乙"]))
    with pytest.raises(AccessDenied, match="只有导入的人可以撤销"), shop.work("wang") as work:
        imports.undo(work, done.id)
    with shop.work("fin") as work:
        assert imports.undo(work, done.id) == 2
        assert [one.state for one in imports.recent(work, "customer")] == ["undone"]
    with shop.work(None, read=True) as work:
        assert history.of(work, "customer", done.created[0])[0].actor == "钱多"


def test_what_cannot_be_undone_stays_taken(shop: Shop) -> None:
    done = bring(shop, book(["客户名称", "授信额度"], ["甲", 100]))
    bring(shop, book(["客户", "金额"], ["甲", 1]), form="order")
    with pytest.raises(Conflict, match="都已被修改或引用"), shop.work("fin") as work:
        imports.undo(work, done.id)
    assert (count(shop), count(shop, "order")) == (1, 1)


def test_only_who_may_import_gets_to_see_a_batch(shop: Shop) -> None:
    with shop.work("fin") as work:
        batch, _ = imports.put(work, "customer", book(["客户名称"], ["甲"]), "客户.xlsx")
    for call in (imports.get, imports.preview, imports.apply, imports.undo):
        with pytest.raises((AccessDenied, NotFound)), shop.work("out") as work:
            call(work, batch.id)
        with pytest.raises(NotFound), shop.work("fin") as work:
            call(work, 2**40)
    with pytest.raises((AccessDenied, NotFound)), shop.work("out") as work:
        imports.put(work, "customer", book(["客户名称"], ["甲"]), "客户.xlsx")
    assert count(shop) == 0
