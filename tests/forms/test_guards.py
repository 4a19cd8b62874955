"""Guards hold on every path, tell the sum behind a refusal, and stand up to many writers at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from decimal import Decimal
from typing import Any

import pytest

from engine import settings
from engine.errors import GuardRefused, InputError
from engine.principal import SYSTEM
from forms import gate, records
from tests.forms.conftest import FILES, Shop


@pytest.fixture
def id(shop: Shop) -> int:
    """A customer with a limit of 1000, of whom 900 are used."""
    with shop.work("wang") as work:
        id = records.save(work, "customer", {"name": "华东精工", "credit_limit": 1000}).id
        records.save(work, "order", {"customer": id, "amount": 900})
    return id


def open_orders(shop: Shop) -> tuple[int, Decimal]:
    with shop.work(None, read=True) as work:
        page = records.find(work, "order", where="status == 'open'", sums=["amount"], limit=500)
        return len(page.rows), page.sums["amount"]


def test_a_refusal_says_why_and_shows_the_way_on(shop: Shop, id: int) -> None:
    with shop.work("wang") as work, pytest.raises(GuardRefused) as refused:
        records.save(work, "order", {"customer": id, "amount": Decimal("100.01")})
    assert refused.value.message == "超出可用额度 0.01"
    assert (refused.value.guard, refused.value.flow) == ("within_limit", "over_limit")
    assert refused.value.lines == [
        ("可用额度", Decimal("-0.01")),
        ("授信额度", Decimal("1000.00")),
        ("已用额度", Decimal("1000.01")),
    ]
    assert open_orders(shop) == (1, Decimal("900.00"))


def test_the_limit_itself_can_be_used_up(shop: Shop, id: int) -> None:
    with shop.work("wang") as work:
        records.save(work, "order", {"customer": id, "amount": 100})
    assert open_orders(shop) == (2, Decimal("1000.00"))


def test_a_refused_write_leaves_nothing_behind_in_a_unit_of_work_that_goes_on(shop: Shop, id: int) -> None:
    with shop.work("wang") as work:
        with pytest.raises(GuardRefused):
            records.save(work, "order", {"customer": id, "amount": 200})
        records.save(work, "order", {"customer": id, "amount": 50})
    assert open_orders(shop) == (2, Decimal("950.00"))


def test_it_holds_for_updates_reopening_moving_and_rules(shop: Shop, id: int) -> None:
    with shop.work("wang") as work:
        other = records.save(work, "customer", {"name": "别家", "credit_limit": 500}).id
        order = records.save(work, "order", {"customer": id, "amount": 400, "status": "pending"}).id
        elsewhere = records.save(work, "order", {"customer": other, "amount": 300}).id
    for login, change in (("wang", {"status": "open"}), ("fin", {"status": "open"}), (None, {"status": "open"})):
        with shop.work(login) as work, pytest.raises(GuardRefused):
            records.save(work, "order", change, id=order)
    with shop.work("wang") as work, pytest.raises(GuardRefused):
        records.save(work, "order", {"customer": id}, id=elsewhere)
    with shop.work("fin") as work:
        records.save(work, "order", {"status": "cancelled"}, id=elsewhere)
        records.save(work, "order", {"customer": id}, id=elsewhere)
        records.delete(work, "order", elsewhere)


def test_what_is_over_the_limit_may_still_get_better(shop: Shop, id: int) -> None:
    with shop.work("wang") as work:
        records.save(work, "customer", {"credit_limit": 100}, id=id)
        (order,) = records.find(work, "order").rows
        records.save(work, "order", {"amount": 800}, id=order.id)
        with pytest.raises(GuardRefused):
            records.save(work, "order", {"amount": 801}, id=order.id)
        pending = records.save(work, "order", {"customer": id, "amount": 500, "status": "pending"})
        assert pending["status"] == "pending"
        records.save(work, "order", {"status": "cancelled"}, id=order.id)


def test_a_setting_turns_refusal_into_warning(shop: Shop, id: int) -> None:
    with shop.work(None) as work:
        settings.change(work, "over_limit", "warn")
    with shop.work("wang") as work:
        order = records.save(work, "order", {"customer": id, "amount": 200})
        assert order.warnings == ("超出可用额度 100.00",)


def test_who_may_goes_past_it_with_a_reason(shop: Shop, id: int) -> None:
    reason = {"within_limit": "总经理电话同意"}
    with shop.work("wang") as work, pytest.raises(GuardRefused):
        records.save(work, "order", {"customer": id, "amount": 200}, override=reason)
    with shop.work("fin") as work:
        with pytest.raises(InputError, match="需要说明理由"):
            records.save(work, "order", {"customer": id, "amount": 200}, override={"within_limit": " "})
        assert records.save(work, "order", {"customer": id, "amount": 200}, override=reason).id


def test_other_conditions_bind_those_who_gain_a_record(opened: Any) -> None:
    form = FILES["forms/customer.yaml"].replace(
        "guards:", "guards:\n  graded: {require: grade != 'c', changes: [orders.customer], message: 等级过低}"
    )
    shop = opened({"forms/customer.yaml": form})
    with shop.work("wang") as work:
        good = records.save(work, "customer", {"name": "甲", "credit_limit": 100}).id
        bad = records.save(work, "customer", {"name": "乙", "credit_limit": 100}).id
        order = records.save(work, "order", {"customer": bad, "amount": 1}).id
        records.save(work, "customer", {"grade": "c"}, id=bad)
        with pytest.raises(GuardRefused, match="等级过低"):
            records.save(work, "order", {"customer": bad, "amount": 1})
        records.save(work, "order", {"amount": 2}, id=order)
        records.save(work, "order", {"customer": good}, id=order)
        with pytest.raises(GuardRefused, match="等级过低"):
            records.save(work, "order", {"customer": bad}, id=order)


def race(shop: Shop, id: int, count: int = 50, amount: int = 100) -> tuple[int, int]:
    """Let so many threads order at once; answers how many were accepted and refused."""
    told, start = [], threading.Barrier(count)

    def order() -> None:
        start.wait()
        try:
            with shop.app.work(SYSTEM) as work:
                records.save(work, "order", {"customer": id, "amount": amount})
            told.append("accepted")
        except GuardRefused:
            told.append("refused")

    threads = [threading.Thread(target=order) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told.count("accepted"), told.count("refused")


def test_fifty_orders_at_once_end_with_the_ten_that_fit(shop: Shop) -> None:
    with shop.work("wang") as work:
        id = records.save(work, "customer", {"name": "华东精工", "credit_limit": 1000}).id
    assert race(shop, id) == (10, 40)
    assert open_orders(shop) == (10, Decimal("1000.00"))


def test_without_the_lock_the_race_is_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the race above is real, and it is the lock that wins it."""
    if shop.app.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time; there is no lock to take away")
    monkeypatch.setattr(gate, "lock", lambda work, form, ids: None)
    monkeypatch.setattr("forms.serials._take", lambda work, key, count: threading.get_ident() % 10**9)
    with shop.work("wang") as work:
        id = records.save(work, "customer", {"name": "华东精工", "credit_limit": 1000}).id
    accepted, _ = race(shop, id, count=20)
    assert accepted > 10


ORDERING = """
import sys
from engine.app import App
from engine.database import Database
from engine.errors import GuardRefused
from engine.principal import SYSTEM
from forms import records
from forms.room import ROOM

app = App.open_published(Database(sys.argv[1]), [ROOM])
for _ in range(8):
    try:
        with app.work(SYSTEM) as work:
            records.save(work, "order", {"customer": int(sys.argv[2]), "amount": 100})
        print("accepted")
    except GuardRefused:
        print("refused")
"""


def test_several_processes_share_one_limit(shop: Shop) -> None:
    with shop.work("wang") as work:
        id = records.save(work, "customer", {"name": "华东精工", "credit_limit": 1000}).id
    url = shop.app.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", ORDERING, url, str(id)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [line for process in running for line in process.communicate(timeout=60)[0].split()]
    assert (told.count("accepted"), told.count("refused")) == (10, 14)
    assert open_orders(shop) == (10, Decimal("1000.00"))


def test_tables_inside_a_record_and_the_record_itself_are_watched(opened: Any) -> None:
    form = FILES["forms/customer.yaml"].replace(
        "guards:",
        "guards:\n"
        "  few: {require: count(contacts) <= 2, changes: [contacts.name], message: '最多两位联系人'}\n"
        "  modest: {require: credit_limit <= 5000, message: '额度 {{ credit_limit }} 过高'}",
    )
    shop = opened({"forms/customer.yaml": form})
    three = [{"name": "一"}, {"name": "二"}, {"name": "三"}]
    with shop.work("wang") as work:
        id = records.save(work, "customer", {"name": "甲", "contacts": three[:2]}).id
        with pytest.raises(GuardRefused, match="最多两位联系人"):
            records.save(work, "customer", {"contacts": three}, id=id)
        with pytest.raises(GuardRefused, match="最多两位联系人"):
            records.save(work, "customer", {"name": "乙", "contacts": three})
        with pytest.raises(GuardRefused, match=r"额度 6,000\.00 过高"):
            records.save(work, "customer", {"name": "丙", "credit_limit": 6000})
        with pytest.raises(InputError) as refused:
            records.save_many(work, "customer", [{"name": "丁"}, {"name": "戊", "credit_limit": 6000}])
        assert refused.value.more["rows"] == {1: {"": ["额度 6,000.00 过高"]}}
        assert [row["name"] for row in records.find(work, "customer").rows] == ["甲"]


def test_a_reference_takes_only_what_it_offers(opened: Any) -> None:
    form = FILES["forms/order.yaml"].replace(
        "form: customer, label: 客户,", "form: customer, where: grade != 'c', label: 客户,"
    )
    shop = opened({"forms/order.yaml": form})
    with shop.work("wang") as work:
        bad = records.save(work, "customer", {"name": "乙", "grade": "c", "credit_limit": 9}).id
        with pytest.raises(InputError) as refused:
            records.save(work, "order", {"customer": bad, "amount": 1})
    assert refused.value.fields == {"customer": ["这条记录不在可选范围内"]}
