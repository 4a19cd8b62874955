"""Numbers that the system gives: gapless ones have no gap, fast ones never wait, none is given twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.errors import InputError
from engine.principal import SYSTEM
from forms import records
from tests.forms.conftest import Opened, Shop

FORM = """
label: 单据
title: "{{ number }}"
fields:
  number: {type: serial, label: 编号, format: "D{date}-{000}", mode: MODE}
  amount: {type: money, label: 金额, required: true, min: 1}
access: {rows: {sales: all}, create: [sales]}
"""


def papers(opened: Opened, mode: str) -> Shop:
    return opened(
        {"forms/customer.yaml": None, "forms/order.yaml": None, "forms/paper.yaml": FORM.replace("MODE", mode)}
    )


def numbers(shop: Shop) -> list[str]:
    with shop.work("wang", read=True) as work:
        return [row["number"] for row in records.find(work, "paper", sort="number", limit=100).rows]


def many(shop: Shop, count: int = 12) -> None:
    def save() -> None:
        with shop.app.work(SYSTEM) as work:
            records.save(work, "paper", {"amount": 5})

    threads = [threading.Thread(target=save) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_gapless_numbers_have_no_gap(opened: Opened) -> None:
    shop = papers(opened, "gapless")
    many(shop)
    with pytest.raises(ZeroDivisionError), shop.work("wang") as work:
        records.save(work, "paper", {"amount": 5})
        _ = 1 / 0
    with shop.work("wang") as work, pytest.raises(InputError):
        records.save(work, "paper", {"amount": 0})
    with shop.work("wang") as work:
        records.save(work, "paper", {"amount": 5})
    assert numbers(shop) == [f"D20260302-{number:03}" for number in range(1, 14)]


def test_fast_numbers_are_given_once(opened: Opened) -> None:
    shop = papers(opened, "fast")
    many(shop)
    given = numbers(shop)
    assert len(set(given)) == 12


def test_nobody_writes_a_number_by_hand(opened: Opened) -> None:
    shop = papers(opened, "gapless")
    with shop.work("wang") as work:
        with pytest.raises(InputError) as refused:
            records.save(work, "paper", {"amount": 5, "number": "D1"})
        assert refused.value.fields == {"number": ["不可填写"]}
    with shop.app.work(SYSTEM) as work:  # an import of old papers keeps their numbers
        old: Any = records.save(work, "paper", {"amount": 5, "number": "OLD-7"})
        assert old["number"] == "OLD-7"
