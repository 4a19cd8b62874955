"""Many records at once: each checked as if alone, all or none, fast."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine import history
from engine.errors import InputError
from forms import records
from tests.forms.conftest import Shop


def test_rows_are_saved_in_order_with_defaults_and_history(shop: Shop) -> None:
    with shop.work("wang") as work:
        first, second = records.save_many(
            work, "customer", [{"name": "甲", "code": "A"}, {"name": "乙", "credit_limit": 5}]
        )
        assert second == first + 1
        assert records.get(work, "customer", second)["grade"] == "b"
        assert history.of(work, "customer", first)[0].changes["name"] == (None, "甲")
        later = records.save(work, "customer", {"name": "丙"})
        assert later.id > second
        orders = records.save_many(
            work, "order", [{"customer": second, "amount": 1}, {"customer": second, "amount": 2}]
        )
        assert [records.get(work, "order", id)["number"] for id in orders] == ["SO-2026-0001", "SO-2026-0002"]
        assert [row["name"] for row in records.find(work, "customer", search="jia").rows] == ["甲"]


def test_every_wrong_row_is_named_and_nothing_is_kept(shop: Shop) -> None:
    with shop.work("li") as work:
        foreign = records.save(work, "customer", {"name": "李记", "code": "L"}).id
    rows: list[dict[str, Any]] = [
        {"name": "甲", "code": "A"},
        {"name": "", "credit_limit": -1},
        {"name": "乙", "code": "A"},
        {"name": "丙", "code": "L"},
        {"name": "丁", "owner": 999},
    ]
    with shop.work("wang") as work:
        with pytest.raises(InputError) as refused:
            records.save_many(work, "customer", rows)
        assert refused.value.fields == {"": ["4 行有误"]}
        assert refused.value.more["rows"] == {
            1: {"credit_limit": ["不能小于 0.00"], "name": ["请填写"]},
            2: {"code": ["不能与已有记录重复"]},
            3: {"code": ["不能与已有记录重复"]},
            4: {"owner": ["人员不存在或已停用"]},
        }
        with pytest.raises(InputError) as refused:
            records.save_many(work, "order", [{"customer": foreign, "amount": 1}])
        assert refused.value.more["rows"] == {0: {"customer": ["记录不存在或不可见"]}}
        assert records.find(work, "customer").total == 0


def test_guards_hold_for_batches_and_name_the_rows(shop: Shop) -> None:
    with shop.work("wang") as work:
        good = records.save(work, "customer", {"name": "甲", "credit_limit": 100}).id
        full = records.save(work, "customer", {"name": "乙", "credit_limit": 10}).id
        rows = [{"customer": good, "amount": 100}, {"customer": full, "amount": 6}, {"customer": full, "amount": 6}]
        with pytest.raises(InputError) as refused:
            records.save_many(work, "order", rows)
        assert refused.value.more["rows"] == {1: {"": ["超出可用额度 2.00"]}, 2: {"": ["超出可用额度 2.00"]}}
        assert records.find(work, "order").total == 0
        assert len(records.save_many(work, "order", rows[:2])) == 2


def test_a_batch_is_much_faster_than_one_by_one(shop: Shop) -> None:
    rows = [{"name": f"客户{number}", "code": f"K{number}", "credit_limit": number} for number in range(1000)]
    with shop.work("wang") as work:
        start = time.perf_counter()
        records.save_many(work, "customer", rows)
        together = time.perf_counter() - start
        start = time.perf_counter()
        for row in rows[:100]:
            records.save(work, "customer", {**row, "code": f"L{row['code']}"})
        alone = (time.perf_counter() - start) * 10
    assert together < alone
