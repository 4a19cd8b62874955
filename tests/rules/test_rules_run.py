"""Rules on real records: a condition is entered once, left, and entered again; nothing fires twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import notices, people
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.principal import SYSTEM
from forms import imports, records
from rules import firings, journal
from ui.compose import ROOMS

ZONE = ZoneInfo("Asia/Shanghai")

FILES = {
    "roles.yaml": "finance: {label: 财务}\n",
    "settings.yaml": "watch_after: {label: 观察天数, type: integer, default: 15, min: 1, max: 365}\n",
    "forms/customer.yaml": """
label: 客户
title: "{{ name }}"
fields:
  name: {type: text, label: 名称, required: true, unique: true}
  status: {type: choice, label: 状态, options: {normal: 正常, watch: 观察}, default: normal, write: system}
  credit_limit: {type: money, label: 额度, default: 0}
  owner: {type: person, label: 负责人}
  bills: {type: related, form: bill, via: customer, label: 账单}
  owed: {type: money, label: 欠款, compute: "sum_of(bills, open_amount)"}
access: {rows: {finance: all}, delete: [finance], import: [finance]}
""",
    "forms/bill.yaml": """
label: 账单
title: "{{ number }}"
fields:
  number: {type: text, label: 单号, required: true}
  customer: {type: reference, form: customer, label: 客户, required: true}
  amount: {type: money, label: 金额, required: true}
  paid: {type: money, label: 已付, default: 0}
  due_date: {type: date, label: 到期日, required: true}
  open_amount: {type: money, label: 未付, compute: amount - paid}
  overdue: {type: integer, label: 逾期天数, compute: "days_between(due_date, today())"}
access: {rows: {finance: all}, delete: [finance], import: [finance]}
""",
    "rules/watch.yaml": """
label: 逾期观察
record: bill
trigger: {daily: "08:00", changes: [open_amount, due_date]}
when: open_amount > 0 and overdue > settings.watch_after
do:
  - set: {record: customer, fields: {status: watch}}
  - notify: {to: customer.owner, text: "{{ customer.name }} 逾期 {{ overdue }} 天"}
on_exit:
  - set: {record: customer, fields: {status: normal}}
""",
    "rules/usage.yaml": """
label: 额度八成
record: customer
trigger: {changes: [bills.open_amount, credit_limit]}
when: owed > credit_limit * 0.8
rearm: owed < credit_limit * 0.75
do:
  - notify: {to: owner, text: "{{ name }} 已用 {{ percent(owed / credit_limit) }}"}
""",
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class World:
    """An app with one person, one customer and a clock that the test moves."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.clock = SetClock(at("2026-03-02 07:00"))
        self.app = App.open(folder, database, ROOMS, self.clock)
        with self.app.work(SYSTEM) as work:
            people.load(work, {"people": {"li": {"name": "李", "roles": ["finance"]}}})
            self.li = people.principal(work, "li")
        self.customer = self.save("customer", {"name": "华东", "credit_limit": 1000, "owner": self.li.id})

    def save(self, form: str, values: dict[str, object], id: int | None = None) -> int:
        with self.app.work(self.li) as work:
            version = records.get(work, form, id).version if id else None
            return records.save(work, form, values, id=id, version=version).id

    def bill(self, amount: int, due: str) -> int:
        values = {"number": f"B{amount}", "customer": self.customer, "amount": amount, "due_date": due}
        return self.save("bill", values)

    def day(self, text: str) -> int:
        self.clock.set(at(text))
        return firings.run_due(self.app)

    @property
    def status(self) -> object:
        with self.app.work(self.li, read=True) as work:
            return records.get(work, "customer", self.customer)["status"]

    @property
    def told(self) -> list[str]:
        with self.app.work(self.li, read=True) as work:
            return [notice.body for notice in notices.mine(work)][::-1]

    def firings(self, rule: str) -> list[journal.Firing]:
        with self.app.work(SYSTEM, read=True) as work:
            return journal.of_rule(work, rule)[::-1]


@pytest.fixture
def world(folder: Callable[[dict[str, str]], Path], database: Database) -> Iterator[World]:
    built = World(folder(FILES), database)
    yield built
    built.app.close()


def test_fires_on_the_day_after_the_bound_and_only_once(world: World) -> None:
    world.bill(500, "2026-03-01")
    for day in range(2, 17):
        world.day(f"2026-03-{day:02} 08:00")
        assert world.status == "normal"
    world.day("2026-03-17 08:00")
    assert world.status == "watch"
    assert world.told == ["华东 逾期 16 天"]
    for _ in range(3):
        world.day("2026-03-17 09:00")
        world.day("2026-03-18 08:00")
    assert world.told == ["华东 逾期 16 天"]
    (only,) = world.firings("watch")
    assert (only.state, only.episode) == ("done", 1)


def test_a_payment_leaves_the_condition_at_once_and_a_reversal_enters_it_again(world: World) -> None:
    bill = world.bill(500, "2026-02-01")
    assert world.status == "watch"
    world.save("bill", {"paid": 500}, id=bill)
    assert world.status == "normal"
    world.save("bill", {"paid": 0}, id=bill)
    assert world.status == "watch"
    assert [(firing.episode, firing.step) for firing in world.firings("watch")] == [(1, None), (1, "exit"), (2, None)]


def test_hysteresis_rearms_only_below_its_own_bound(world: World) -> None:
    bill = world.bill(801, "2026-12-01")
    assert world.told == ["华东 已用 80.1%"]
    world.save("bill", {"paid": 30}, id=bill)  # 77.1 %, still armed off
    world.save("bill", {"paid": 0}, id=bill)
    assert len(world.told) == 1
    world.save("bill", {"paid": 100}, id=bill)  # 70.1 %
    world.save("bill", {"paid": 0}, id=bill)
    assert len(world.told) == 2


def test_eighty_percent_is_not_above_eighty_percent(world: World) -> None:
    world.bill(800, "2026-12-01")
    assert world.told == []


def test_a_missed_week_fires_once_when_the_worker_is_back(world: World) -> None:
    world.clock.set(at("2026-03-02 07:00"))
    world.bill(500, "2026-03-01")
    world.day("2026-04-30 12:00")
    assert world.told == ["华东 逾期 60 天"]


def test_the_setting_is_read_at_every_run(world: World) -> None:
    from engine.settings import change

    world.bill(500, "2026-03-01")
    with world.app.work(SYSTEM) as work:
        change(work, "watch_after", 10)
    world.day("2026-03-11 08:00")
    assert world.status == "normal"
    world.day("2026-03-12 08:00")
    assert world.status == "watch"


def test_an_explanation_names_the_values_and_the_memory(world: World) -> None:
    bill = world.bill(500, "2026-03-01")
    world.clock.set(world.clock.now() + timedelta(days=10))
    with world.app.work(world.li, read=True) as work:
        why = firings.explain(work, "watch", bill)
    assert why.holds is False
    assert why.latch is None
    assert "overdue" in str(why.trace)


@pytest.mark.parametrize(("takeover", "at_once"), [(True, "normal"), (False, "watch")])
def test_data_of_the_past_waits_for_the_next_scheduled_run(world: World, takeover: bool, at_once: str) -> None:
    lines = "单号,客户,金额,到期日\nB1,华东,500,2026-01-01\n".encode()
    with world.app.work(world.li) as work:
        batch, _ = imports.put(work, "bill", lines, "bills.csv")
        imports.apply(work, batch.id, takeover=takeover)
    assert world.status == at_once
    world.day("2026-03-02 08:00")
    assert world.status == "watch"
    assert len(world.firings("watch")) == 1
