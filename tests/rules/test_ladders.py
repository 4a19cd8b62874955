"""Ladders: each step once per date, on its day, whatever was missed; and out again when the reason is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import outbox, people
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.events import Cause
from engine.principal import SYSTEM
from flows import tasks
from forms import records
from rules import climb, firings, journal
from ui.compose import ROOMS

ZONE = ZoneInfo("Asia/Shanghai")

FILES = {
    "roles.yaml": "finance: {label: 财务}\n",
    "templates/late.yaml": 'subject: "逾期 {{ number }}"\nbody: "请付 {{ money(open_amount) }}"\n',
    "forms/bill.yaml": """
label: 账单
title: "{{ number }}"
fields:
  number: {type: text, label: 单号, required: true}
  mail: {type: email, label: 邮箱}
  owner: {type: person, label: 负责人}
  amount: {type: money, label: 金额, required: true}
  paid: {type: money, label: 已付, default: 0}
  due_date: {type: date, label: 到期日, required: true}
  disputed: {type: boolean, label: 有争议}
  open_amount: {type: money, label: 未付, compute: amount - paid}
access: {rows: {finance: all}, delete: [finance]}
""",
    "rules/dunning.yaml": """
label: 催收
ladder: bill
anchor: due_date
while: open_amount > 0 and coalesce(disputed, False) == False
trigger: {daily: "08:00", changes: [open_amount, disputed, due_date]}
existing: baseline
steps:
  soon: {at: -3 days, do: [{task: {kind: soon, to: owner, text: "{{ number }} 将到期"}}]}
  late: {at: +4 days, do: [{email: {to: mail, template: late}}]}
  hard: {at: +16 days, do: [{task: {kind: hard, to: {role: finance}, text: "{{ number }} 严重逾期"}}]}
on_exit: [{close_tasks: {reason: 已付清}}]
""",
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class World:
    def __init__(self, folder: Path, database: Database) -> None:
        self.clock = SetClock(at("2026-03-01 07:00"))
        self.app = App.open(folder, database, ROOMS, self.clock)
        with self.app.work(SYSTEM) as work:
            people.load(work, {"people": {"li": {"name": "李", "roles": ["finance"]}}})
            self.li = people.principal(work, "li")

    def save(self, values: dict[str, object], id: int | None = None) -> int:
        with self.app.work(self.li, cause=Cause("page")) as work:
            return records.save(work, "bill", values, id=id).id

    def bill(self, due: str, number: str = "B1") -> int:
        values = {"number": number, "amount": 100, "due_date": due, "mail": "a@b.example", "owner": self.li.id}
        return self.save(values)

    def day(self, text: str) -> None:
        self.clock.set(at(text))
        firings.run_due(self.app)

    @property
    def steps(self) -> list[tuple[str | None, str]]:
        with self.app.work(SYSTEM, read=True) as work:
            return [(one.step, one.state) for one in journal.of_rule(work, "dunning")][::-1]

    @property
    def mails(self) -> list[str]:
        with self.app.work(SYSTEM, read=True) as work:
            return [row.subject for row in outbox.rows(work)]

    @property
    def todo(self) -> list[str]:
        with self.app.work(self.li, read=True) as work:
            return sorted(task.kind for task in tasks.inbox(work, "open"))


@pytest.fixture
def world(folder: Callable[[dict[str, str]], Path], database: Database) -> Iterator[World]:
    built = World(folder(FILES), database)
    yield built
    built.app.close()


def test_each_step_fires_once_on_its_day(world: World) -> None:
    world.bill("2026-03-10")
    fired = {}
    for day in range(1, 32):
        before = len(world.steps)
        for hour in ("08:00", "08:30", "20:00"):
            world.day(f"2026-03-{day:02} {hour}")
        for step, state in world.steps[before:]:
            fired[step] = (day, state)
    assert fired == {"soon": (7, "done"), "late": (14, "done"), "hard": (26, "done")}
    assert world.mails == ["逾期 B1"]
    assert world.todo == ["hard", "soon"]


def test_after_an_outage_only_the_highest_due_step_speaks(world: World) -> None:
    world.bill("2026-03-10")
    world.day("2026-04-20 08:00")
    assert sorted(world.steps) == [("hard", "done"), ("late", "superseded"), ("soon", "superseded")]
    assert world.mails == []


def test_payment_closes_what_is_open_at_once(world: World) -> None:
    bill = world.bill("2026-03-10")
    world.day("2026-03-07 08:00")
    assert world.todo == ["soon"]
    world.save({"paid": 100}, bill)
    assert world.todo == []
    assert world.steps == [("soon", "done"), ("exit", "done")]


def test_a_part_payment_does_not_start_again(world: World) -> None:
    bill = world.bill("2026-03-10")
    world.day("2026-03-14 08:00")
    world.save({"paid": 60}, bill)
    world.day("2026-03-15 08:00")
    assert world.mails == ["逾期 B1"]


def test_an_extension_rearms_what_is_not_due_and_repeats_nothing(world: World) -> None:
    bill = world.bill("2026-03-10")
    world.day("2026-03-14 08:00")
    assert world.mails == ["逾期 B1"]
    world.save({"due_date": "2026-03-09"}, bill)  # still due under the new date: sent stays sent
    world.day("2026-03-15 08:00")
    assert world.mails == ["逾期 B1"]
    world.save({"due_date": "2026-05-10"}, bill)
    world.day("2026-05-14 08:00")
    assert world.mails == ["逾期 B1", "逾期 B1"]


def test_a_dispute_stops_the_climb_and_its_end_resumes_at_todays_step(world: World) -> None:
    bill = world.bill("2026-03-10")
    world.save({"disputed": True}, bill)
    world.day("2026-03-20 08:00")
    assert world.steps == []
    world.day("2026-03-27 08:00")
    world.save({"disputed": False}, bill)
    assert ("hard", "done") in world.steps
    assert ("late", "superseded") in world.steps


def test_reopening_the_app_repeats_nothing(world: World, tmp_path: Path) -> None:
    world.bill("2026-03-10")
    world.day("2026-03-14 08:00")
    again = App(world.app.catalog, world.app.database, ROOMS, world.clock)
    assert firings.run_due(again) == 0
    world.clock.set(at("2026-03-15 09:00"))
    firings.run_due(again)
    firings.run_due(world.app)
    assert world.mails == ["逾期 B1"]


def test_bills_that_were_due_before_the_ladder_came_are_left_alone(
    folder: Callable[[dict[str, str]], Path], database: Database
) -> None:
    plain = {name: text for name, text in FILES.items() if not name.startswith("rules/")}
    clock = SetClock(at("2026-03-20 09:00"))
    app = App.open(folder(plain), database, ROOMS, clock)
    with app.work(SYSTEM) as work:
        records.save(work, "bill", {"number": "OLD", "amount": 5, "due_date": "2026-03-01", "mail": "a@b.example"})
    app = App.open(folder(FILES), database, ROOMS, clock)
    firings.run_due(app)
    with app.work(SYSTEM, read=True) as work:
        assert journal.of_rule(work, "dunning") == []
        assert set(climb.steps_of(work, "dunning", 1).values()) == {"skipped"}
    app.close()


def test_the_explanation_lists_every_step_with_its_day(world: World) -> None:
    bill = world.bill("2026-03-10")
    world.day("2026-03-14 08:00")
    with world.app.work(world.li, read=True) as work:
        why = firings.explain(work, "dunning", bill)
    told = [(step["id"], step["on"].isoformat(), step["state"]) for step in why.steps]
    assert told == [
        ("soon", "2026-03-07", "superseded"),
        ("late", "2026-03-14", "fired"),
        ("hard", "2026-03-26", "ahead"),
    ]
