"""What publishing changes in the database: additions, declared renames, kept removals, and nothing the second time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect

from engine.errors import ConfigErrors, InputError
from engine.principal import SYSTEM
from forms import lock, migrations, records
from tests.forms.conftest import Opened, Shop

FORM = """
label: 便条
title: "{{ subject }}"
fields:
  subject: {type: text, label: 标题, required: true}
  fax:     {type: text, label: 传真}
access: {rows: {sales: all}, delete: [sales]}
"""
ONE = {"forms/customer.yaml": None, "forms/order.yaml": None}


def notes(opened: Opened, text: str = FORM, **more: Any) -> Shop:
    return opened({**ONE, "forms/note.yaml": text, **more})


def planned(shop: Shop) -> list[str]:
    with shop.app.work(SYSTEM) as work:
        return [str(change) for change in migrations.plan(work, work.catalog).changes]


def test_applying_twice_plans_nothing(opened: Opened, shop: Shop) -> None:
    assert planned(shop) == []
    assert planned(opened()) == []


def test_a_new_field_is_a_new_column_and_old_records_have_no_value(opened: Opened) -> None:
    shop = notes(opened)
    with shop.work("wang") as work:
        id = records.save(work, "note", {"subject": "旧", "fax": "021"}).id
    grown = FORM.replace("access:", "  due: {type: date, label: 日期}\naccess:") + "list: {sort: -due}\n"
    shop = notes(opened, grown)
    with shop.work("wang") as work:
        old = records.get(work, "note", id)
        assert (old["subject"], old["due"]) == ("旧", None)
        assert str(records.save(work, "note", {"due": "2026-03-01"}, id=id)["due"]) == "2026-03-01"
    assert planned(shop) == []


def test_a_declared_rename_keeps_column_and_values(opened: Opened) -> None:
    shop = notes(opened)
    with shop.work("wang") as work:
        id = records.save(work, "note", {"subject": "旧", "fax": "021"}).id
    for name, was in (("telefax", "fax"), ("phone_line", "telefax")):
        text = FORM.replace("fax:     {type: text,", f"{name}: {{type: text, was: {was},")
        shop = notes(opened, text)
        with shop.work("wang") as work:
            assert records.get(work, "note", id)[name] == "021"
        assert planned(shop) == []
    with shop.app.work(SYSTEM) as work:
        assert lock.read(work).forms["note"].columns["phone_line"] == "fax"
        assert "phone_line" not in {column["name"] for column in inspect(work.connection).get_columns("note")}


def test_the_lock_file_says_the_same_in_an_empty_database(opened: Opened) -> None:
    text = FORM.replace("fax:     {type: text,", "phone_line: {type: text,")
    kept = "forms:\n  note:\n    table: memo\n    columns: {subject: subject, phone_line: fax}\n"
    shop = notes(opened, text, **{"lock.yaml": kept})
    with shop.app.work(SYSTEM) as work:
        assert {"subject", "fax"} <= {column["name"] for column in inspect(work.connection).get_columns("memo")}
        assert lock.read(work).plain()["forms"]["note"]["columns"] == {"subject": "subject", "phone_line": "fax"}


def test_what_vanishes_without_a_word_is_refused(opened: Opened) -> None:
    shop = notes(opened)
    with pytest.raises(ConfigErrors) as refused:
        notes(opened, FORM.replace("  fax:     {type: text, label: 传真}\n", "  fex:     {type: text, label: 传真}\n"))
    told = str(refused.value)
    assert "field 'fax' of form 'note' is gone" in told
    assert "removed: {fax: {data: keep}}" in told
    assert "did you mean 'fex'?" in told
    with shop.work("wang") as work:
        assert records.save(work, "note", {"subject": "还在", "fax": "1"})["fax"] == "1"


def test_a_declared_removal_keeps_the_data_for_a_return(opened: Opened) -> None:
    shop = notes(opened)
    with shop.work("wang") as work:
        id = records.save(work, "note", {"subject": "旧", "fax": "021"}).id
    without = FORM.replace("  fax:     {type: text, label: 传真}\n", "") + "removed: {fax: {data: keep}}\n"
    shop = notes(opened, without)
    with shop.work("wang") as work:
        assert "fax" not in records.get(work, "note", id)
    assert planned(shop) == []
    shop = notes(opened)
    with shop.work("wang") as work:
        assert records.get(work, "note", id)["fax"] == "021"


def test_a_type_may_only_widen(opened: Opened) -> None:
    notes(opened)
    with pytest.raises(ConfigErrors, match="was text and cannot become money"):
        notes(opened, FORM.replace("fax:     {type: text", "fax:     {type: money"))
    assert planned(notes(opened, FORM.replace("fax:     {type: text", "fax:     {type: long_text"))) == []


def test_a_form_may_be_renamed(opened: Opened) -> None:
    shop = notes(opened)
    with shop.work("wang") as work:
        id = records.save(work, "note", {"subject": "旧"}).id
    files = {**ONE, "forms/note.yaml": None, "forms/memo.yaml": "was: note\n" + FORM}
    shop = opened(files)
    with shop.work("wang") as work:
        assert records.get(work, "memo", id)["subject"] == "旧"
    assert planned(shop) == []


def test_indexes_follow_the_declarations(shop: Shop) -> None:
    with shop.app.work(SYSTEM) as work:
        indexed = {
            tuple(one["column_names"]): one["unique"] for one in inspect(work.connection).get_indexes("customer")
        }
        assert bool(indexed[("code",)])
        assert {("owner",), ("name",), ("grade",)} <= set(indexed)


def test_what_becomes_unique_must_be_so_already(opened: Opened) -> None:
    shop = notes(opened)
    unique = FORM.replace("label: 传真}", "label: 传真, unique: true}")
    with shop.work("wang") as work:
        first = records.save(work, "note", {"subject": "一", "fax": "021"}).id
        records.save(work, "note", {"subject": "二", "fax": "021"})
    with pytest.raises(ConfigErrors, match="fax cannot be unique: several records have 021"):
        notes(opened, unique)
    with shop.work("wang") as work:
        records.delete(work, "note", first)
    shop = notes(opened, unique)
    with shop.work("wang") as work, pytest.raises(InputError):
        records.save(work, "note", {"subject": "三", "fax": "021"})
    shop = notes(opened)
    with shop.work("wang") as work:
        assert records.save(work, "note", {"subject": "三", "fax": "021"}).id
    assert planned(shop) == []
