"""What a reader gets does not change when only what is hidden from them changes: asked over every channel."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import func

from engine.errors import AccessDenied, GuijuError
from engine.principal import SYSTEM
from forms import query, records, titles
from tests.forms.conftest import FILES, Opened, Shop

FORM = FILES["forms/customer.yaml"].replace("read: [finance]}", "read: [finance], search: true}")
ORDER = FILES["forms/order.yaml"].replace("sales: customer.owner == user", "sales: amount < 1000")
WHERE = (
    None, "grade == 'a'", "grade != 'a' or code is None", "secret == 'x'", "secret is None", "available >= 0",
    "used > 50", "exists(orders, amount > 500)", "count(orders) >= 0", "sum_of(orders, amount) > 0", "owner == user",
)  # fmt: skip
OVER = (None, "customer.grade == 'a'", "customer.secret == 'x'", "customer.credit_limit > 100", "customer.used > 10",
        "customer.owner.name == '李雷'", "exists(customer.orders, amount > 10)", "customer is None")  # fmt: skip

ASKED = [("customer", where, sort) for where in WHERE for sort in ("name", "-credit_limit", "secret", "used")]
ASKED += [("order", where, sort) for where in OVER for sort in ("amount", "customer")]


def answers(shop: Shop, ids: list[int]) -> list[Any]:
    """Everything that wang can ask, and what comes back."""

    def ask(call: Any) -> Any:
        try:
            return call()
        except GuijuError as error:
            return type(error).__name__, str(error)

    with shop.work("wang", read=True) as work:
        told: list[Any] = []
        for form, conditions, sorts in (
            ("customer", WHERE, ("name", "-credit_limit", "secret", "used")),
            ("order", OVER, ("amount", "customer")),
        ):
            for where in conditions:
                for sort in sorts:
                    page = ask(
                        lambda w=where, s=sort, f=form: records.find(work, f, where=w, sort=s, limit=3, count="exact")
                    )
                    told.append(
                        page
                        if isinstance(page, tuple)
                        else ([(row.id, row.title, visible(row)) for row in page.rows], page.total, page.next)
                    )
        for words in ("王", "李", "x", "难缠", "lj"):
            told.append(ask(lambda w=words: records.find(work, "customer", search=w).total))
        told.append(ask(lambda: records.find(work, "customer", sums=["credit_limit", "used"]).sums))
        told.append(ask(lambda: records.find(work, "customer", sums=["secret"]).sums))
        told += [ask(lambda one=id: visible(records.get(work, "customer", one))) for id in ids]
        told.append(query.visible_many(work, "customer", ids))
        asked = query.select(work, "order")
        told.append([tuple(row) for row in work.execute(asked.select(func.count(), func.sum(asked.column("amount"))))])
    return told


def visible(row: records.Record) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if name != "customer"}


def seeded(opened: Opened, seed: int) -> tuple[Shop, list[int], random.Random]:
    """Eight customers, four of wang and four of li, with an order each."""
    chance = random.Random(seed)
    shop = opened({"forms/customer.yaml": FORM, "forms/order.yaml": ORDER})
    people = {"王": shop.id("wang"), "李": shop.id("li")}
    with shop.app.work(SYSTEM) as work:
        ids = []
        for number in range(8):
            name = "李王"[number % 2]
            values = {"name": f"{name}记{number}", "owner": people[name], "grade": chance.choice("abc")}
            ids.append(records.save(work, "customer", {**values, "credit_limit": 10**6, "secret": "难缠"}).id)
        for id in ids:
            records.save(work, "order", {"customer": id, "amount": chance.choice([10, 600, 2000])})
    return shop, ids, chance


def stir(shop: Shop, ids: list[int], chance: random.Random) -> None:
    """Change what wang may not see, and nothing else."""
    with shop.app.work(SYSTEM) as work:
        for number, id in enumerate(ids):
            records.save(work, "customer", {"secret": "x"}, id=id)
            if number % 2 == 0:
                old = records.get(work, "customer", id)["grade"]
                grade = chance.choice([one for one in "abc" if one != old])
                records.save(work, "customer", {"grade": grade, "credit_limit": 5 * 10**6}, id=id)
        owner = shop.id("li")
        stranger = records.save(work, "customer", {"name": "李记新", "owner": owner, "credit_limit": 10**7}).id
        records.save(work, "order", {"customer": stranger, "amount": 5000})


@pytest.mark.parametrize("seed", [1, 2])
def test_hidden_rows_and_fields_leave_no_trace(opened: Opened, seed: int) -> None:
    shop, ids, chance = seeded(opened, seed)
    before = answers(shop, ids)
    stir(shop, ids, chance)
    assert answers(shop, ids) == before
    assert any(isinstance(one, tuple) and one[0] == AccessDenied.__name__ for one in before)
    with shop.work("wang", read=True) as work:
        assert titles.of(work, "customer", [ids[0]]) == {ids[0]: "李记0"}


def test_a_leak_would_be_seen(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the care for what readers type, the answers do change."""
    monkeypatch.setattr(query, "sight", lambda *given: [])
    shop, ids, chance = seeded(opened, 1)
    before = answers(shop, ids)
    stir(shop, ids, chance)
    assert answers(shop, ids) != before
