"""Saving, reading and deleting one record, with everything a form declares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine import history
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from forms import records
from tests.forms.conftest import FILES, Shop


def customer(shop: Shop, login: str | None = "wang", **values: Any) -> int:
    with shop.work(login) as work:
        return records.save(work, "customer", {"name": "华东精工", **values}).id


def test_a_record_is_saved_and_read_again(shop: Shop) -> None:
    id = customer(shop, code="C1", credit_limit=Decimal("1000.50"), tags=["老客户", "重点"])
    with shop.work("wang", read=True) as work:
        found = records.get(work, "customer", id)
        assert found["name"] == "华东精工"
        assert found["credit_limit"] == Decimal("1000.50")
        assert found["tags"] == ("老客户", "重点")
        assert found["grade"] == "b"
        assert found["owner"] == shop.id("wang")
        assert found["available"] == Decimal("1000.50")
        assert (found.version, found.title) == (1, "华东精工")
        assert found.text("grade") == "B"
        assert found.text("owner") == "王敏"
        assert found.text("credit_limit") == "1,000.50"


def test_a_change_keeps_what_it_does_not_name(shop: Shop) -> None:
    id = customer(shop, code="C1")
    with shop.work("wang") as work:
        changed = records.save(work, "customer", {"grade": "a"}, id=id, version=1)
        assert (changed.version, changed["code"], changed["grade"]) == (2, "C1", "a")
    with shop.work("wang") as work:
        same = records.save(work, "customer", {"grade": "a"}, id=id)
        assert same.version == 2
        assert [entry.version for entry in history.of(work, "customer", id)] == [2, 1]


def test_history_tells_before_and_after(shop: Shop) -> None:
    id = customer(shop, credit_limit=100)
    with shop.work("wang") as work:
        records.save(work, "customer", {"credit_limit": Decimal("250.5")}, id=id)
        latest = history.of(work, "customer", id)[0]
    assert latest.changes == {"credit_limit": ("100.00", "250.50")}
    assert (latest.actor, latest.kind) == ("王敏", "updated")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填写"),
        ("name", "x" * 61, "最多 60 个字, 现在有 61 个"),
        ("name", 5, "请填写文字"),
        ("name", "a\x1b[0m", "不能包含控制字符"),
        ("credit_limit", -1, "不能小于 0.00"),
        ("credit_limit", "1", "请填写数字"),
        ("credit_limit", True, "请填写数字"),
        ("credit_limit", [1], "请填写数字"),
        ("credit_limit", float("nan"), "请填写数字"),
        ("credit_limit", float("inf"), "请填写数字"),
        ("credit_limit", 1.005, "最多 2 位小数"),
        ("credit_limit", 10**15, "数字太大"),
        ("grade", "z", "“z”不在可选值中"),
        ("grade", 1, "请从列表中选择"),
        ("owner", 999, "人员不存在或已停用"),
        ("owner", "1", "请选择人员"),
        ("score", 5, "不可填写"),
        ("available", 5, "不可填写"),
        ("orders", [], "不可填写"),
        ("secret", "x", "没有这个字段"),
        ("nmae", "x", "没有这个字段 (name?)"),
        ("id", 7, "没有这个字段"),
        ("version", 7, "没有这个字段"),
        ("created_by", 7, "没有这个字段"),
        ("contacts", [{"mobile": "13800138000"}], "第 1 行: 姓名 请填写"),
        ("contacts", "x", "请填写列表"),
    ],
)
def test_a_bad_value_gets_words_beside_its_field(shop: Shop, field: str, value: Any, words: str) -> None:
    with shop.work("wang") as work, pytest.raises(InputError) as refused:
        records.save(work, "customer", {"name": "华东精工", field: value})
    assert refused.value.fields == {field: [words]}
    with shop.work(None, read=True) as work:
        assert records.find(work, "customer").total == 0


def test_all_mistakes_are_told_at_once(shop: Shop) -> None:
    with shop.work("wang") as work, pytest.raises(InputError) as refused:
        records.save(work, "customer", {"credit_limit": -1, "grade": "z"})
    assert set(refused.value.fields) == {"name", "credit_limit", "grade"}


def test_words_come_in_the_reader_s_language(opened: Any) -> None:
    team = {"people": {"bob": {"name": "Bob", "roles": ["sales"], "locale": "en"}}}
    shop = opened(team=team)
    with shop.work("bob") as work, pytest.raises(InputError) as refused:
        records.save(work, "customer", {"credit_limit": -1})
    assert refused.value.fields == {"credit_limit": ["Must not be less than 0.00"], "name": ["Please fill this in"]}


def test_what_is_unique_stays_unique(shop: Shop) -> None:
    first, second = customer(shop, code="C1"), customer(shop, code="C2")
    with shop.work("wang") as work:
        with pytest.raises(InputError) as refused:
            records.save(work, "customer", {"name": "又一家", "code": "C1"})
        assert refused.value.fields == {"code": ["不能与已有记录重复"]}
        with pytest.raises(InputError):
            records.save(work, "customer", {"code": "C1"}, id=second)
        records.save(work, "customer", {"code": "C3"}, id=second)
    with shop.work("fin") as work:
        records.delete(work, "customer", first)
        records.save(work, "customer", {"name": "新的", "code": "C1"})
        with pytest.raises(InputError):
            records.restore(work, "customer", first)


def test_the_slower_of_two_writers_is_told_who_was_faster(shop: Shop) -> None:
    id = customer(shop)
    with shop.work("fin") as work:
        records.save(work, "customer", {"grade": "a"}, id=id, version=1)
    with shop.work("wang") as work:
        with pytest.raises(Conflict, match="钱多") as late:
            records.save(work, "customer", {"grade": "c"}, id=id, version=1)
        assert late.value.current["grade"] == "a"
        assert late.value.current.version == 2


def test_who_may_not_see_a_record_does_not_learn_that_it_is_there(shop: Shop) -> None:
    id = customer(shop)
    for login in ("li", "out"):
        with shop.work(login) as work:
            with pytest.raises(NotFound):
                records.get(work, "customer", id)
            with pytest.raises(NotFound):
                records.save(work, "customer", {"grade": "a"}, id=id)
            with pytest.raises(NotFound):
                records.delete(work, "customer", id)
    with shop.work("zhao", read=True) as work:  # the superior of wang
        assert records.get(work, "customer", id).id == id
    for wrong in (0, -1, 2**63, 10**30):
        with shop.work("fin", read=True) as work, pytest.raises(NotFound):
            records.get(work, "customer", wrong)


def test_who_may_see_may_not_yet_change(opened: Any) -> None:
    team = {"people": {"aud": {"name": "审计", "roles": ["audit"]}, "wang": {"name": "王敏", "roles": ["sales"]}}}
    form = FILES["forms/customer.yaml"].replace("finance: all}", "finance: all, audit: all}")
    shop = opened({"forms/customer.yaml": form}, team)
    id = customer(shop)
    with shop.work("aud") as work:
        assert records.get(work, "customer", id)["name"] == "华东精工"
        with pytest.raises(AccessDenied):
            records.save(work, "customer", {"grade": "a"}, id=id)
        with pytest.raises(AccessDenied):
            records.save(work, "customer", {"name": "新"})
    with shop.work("wang") as work, pytest.raises(AccessDenied):
        records.delete(work, "customer", id)


def test_a_hidden_field_is_hidden_everywhere(shop: Shop) -> None:
    with shop.work("fin") as work:
        id = records.save(work, "customer", {"name": "甲", "secret": "难缠", "owner": shop.id("wang")}).id
        assert records.get(work, "customer", id)["secret"] == "难缠"
    with shop.work("wang") as work:
        found = records.get(work, "customer", id)
        assert "secret" not in found.values
        with pytest.raises(AccessDenied):
            found["secret"]
        for asked in ({"where": "secret == '难缠'"}, {"sort": "secret"}, {"fields": ["secret"]}, {"sums": ["secret"]}):
            with pytest.raises(AccessDenied):
                records.find(work, "customer", **asked)


def test_references_must_lead_to_what_the_writer_may_see(shop: Shop) -> None:
    id = customer(shop)
    with shop.work("li") as work:
        for wrong in (id, 12345):
            with pytest.raises(InputError) as refused:
                records.save(work, "order", {"customer": wrong, "amount": 5})
            assert refused.value.fields == {"customer": ["记录不存在或不可见"]}


def test_checks_between_fields_speak_beside_one(shop: Shop) -> None:
    id = customer(shop, credit_limit=100)
    with shop.work("wang") as work:
        with pytest.raises(InputError) as refused:
            records.save(work, "order", {"customer": id, "amount": 5, "due": date(2026, 3, 1)})
        assert refused.value.fields == {"due": ["到期日不能早于 2026-03-02"]}
        order = records.save(work, "order", {"customer": id, "amount": 5, "due": "2026-03-02"})
        assert order["due"] == date(2026, 3, 2)
        assert order.title == "SO-2026-0001"
        assert records.save(work, "order", {"customer": id, "amount": 5})["number"] == "SO-2026-0002"


def test_lines_are_saved_with_their_record(shop: Shop) -> None:
    id = customer(shop, contacts=[{"name": "张三", "mobile": "13800138000"}, {"name": "李四"}])
    with shop.work("wang") as work:
        first, second = records.get(work, "customer", id)["contacts"]
        assert (first["name"], second["name"], second["mobile"]) == ("张三", "李四", None)
        rows = [{"id": second["id"], "name": "李四", "mobile": "13900139000"}, {"name": "王五"}]
        changed = records.save(work, "customer", {"contacts": rows}, id=id)
        assert [row["name"] for row in changed["contacts"]] == ["李四", "王五"]
        assert changed.version == 2
        assert "contacts" in history.of(work, "customer", id)[0].changes
        assert records.save(work, "customer", {"contacts": changed["contacts"]}, id=id).version == 2
        with pytest.raises(InputError, match="这行不存在"):
            records.save(work, "customer", {"contacts": [{"id": first["id"], "name": "张三"}]}, id=id)


def test_a_record_that_others_refer_to_is_not_deleted(shop: Shop) -> None:
    id = customer(shop, credit_limit=100)
    with shop.work("fin") as work:
        order = records.save(work, "order", {"customer": id, "amount": 5})
        with pytest.raises(InputError, match="有记录引用它"):
            records.delete(work, "customer", id)
        records.delete(work, "order", order.id)
        records.delete(work, "customer", id)
        with pytest.raises(NotFound):
            records.get(work, "customer", id)
        assert records.restore(work, "customer", id)["name"] == "华东精工"


def test_a_page_s_texts_are_parsed_as_people_type_them(shop: Shop) -> None:
    with shop.work("wang") as work:
        values = records.parse(
            work, "customer", {"name": " 甲 ", "credit_limit": "￥1,250.50", "grade": "A", "tags": "一、二"}
        )
        assert values == {"name": "甲", "credit_limit": Decimal("1250.50"), "grade": "a", "tags": ("一", "二")}
        with pytest.raises(InputError) as refused:
            records.parse(work, "customer", {"credit_limit": "abc", "what": "x"})
        assert set(refused.value.fields) == {"credit_limit", "what"}


def test_rows_of_a_table_reckon_hide_and_are_required(opened: Any) -> None:
    form = FILES["forms/customer.yaml"].replace(
        "    fields:\n      name:",
        "    required: true\n    fields:\n      days: {type: integer, label: 天数}\n"
        "      twice: {type: integer, label: 两倍, compute: days * 2}\n"
        "      note: {type: text, label: 备注, read: [finance]}\n      name:",
    )
    shop = opened({"forms/customer.yaml": form})
    with shop.work("wang") as work:
        with pytest.raises(InputError) as refused:
            records.save(work, "customer", {"name": "甲"})
        assert refused.value.fields == {"contacts": ["请填写"]}
        with pytest.raises(InputError, match="没有这个字段"):
            records.save(work, "customer", {"name": "甲", "contacts": [{"name": "一", "note": "x"}]})
        id = records.save(work, "customer", {"name": "甲", "contacts": [{"name": "一", "days": 3}]}).id
        (row,) = records.get(work, "customer", id)["contacts"]
        assert (row["twice"], "note" in row) == (6, False)
        records.save(work, "customer", {"grade": "a"}, id=id)
        with pytest.raises(InputError, match="请填写"):
            records.save(work, "customer", {"contacts": []}, id=id)
