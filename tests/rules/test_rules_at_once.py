"""Two workers that tick at once, and one that is gone in the middle: what both have seen due happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.principal import SYSTEM
from forms import records
from rules import firings, passes
from ui.compose import ROOMS

BILLS = 6
RULE = """
label: 规则
record: bill
trigger: {daily: "08:00"}
when: not paid
FIRE
do:
  - create: {form: entry, fields: {bill: id, day: today()}}
"""
FILES = {
    "roles.yaml": "finance: {label: 财务}\n",
    "forms/bill.yaml": """
label: 账单
fields:
  paid: {type: boolean, label: 已付, default: false}
access: {rows: {finance: all}}
""",
    "forms/entry.yaml": """
label: 流水
fields:
  bill: {type: reference, form: bill, label: 账单, required: true}
  day:  {type: date, label: 日期}
access: {rows: {finance: all}}
""",
}


class World:
    def __init__(self, folder: Path, database: Database) -> None:
        self.clock = SetClock(datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
        self.app = App.open(folder, database, ROOMS, self.clock)
        with self.app.work(SYSTEM) as work:
            self.bills = [records.save(work, "bill", {}).id for _ in range(BILLS)]

    def entries(self) -> Counter[int]:
        with self.app.work(SYSTEM, read=True) as work:
            return Counter(row[0] for row in work.driver("SELECT bill FROM entry").fetchall())


@pytest.fixture
def world(
    folder: Callable[[dict[str, str]], Path], database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], World]]:
    monkeypatch.setattr(passes, "BATCH", 2)
    made: list[World] = []

    def make(fire: str) -> World:
        made.append(World(folder({**FILES, "rules/rule.yaml": RULE.replace("FIRE", fire)}), database))
        return made[-1]

    yield make
    for one in made:
        one.app.close()


@pytest.mark.parametrize("fire", ["fire: once", "fire: level", "fire: {every: 1 day}"])
def test_a_worker_that_looked_before_another_acted_does_nothing_again(
    world: Callable[[str], World], fire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = world(fire)
    real = passes.look
    for day in range(1, 4):
        others: list[int] = []

        def look_and_be_overtaken(*given: object, others: list[int] = others) -> passes.Look:
            """What this worker saw; before it can act, the other one ticks from the first to the last rule."""
            seen = real(*given)
            if not others:
                others.append(1)
                with monkeypatch.context() as other:
                    other.setattr(passes, "look", real)
                    firings.run_due(found.app)
            return seen

        with monkeypatch.context() as this:
            this.setattr(passes, "look", look_and_be_overtaken)
            firings.run_due(found.app)
        assert found.entries() == dict.fromkeys(found.bills, 1 if fire == "fire: once" else day)
        found.clock.set(found.clock.now() + timedelta(days=1))


@pytest.mark.parametrize("fire", ["fire: once", "fire: level", "fire: {every: 1 day}"])
def test_a_day_that_was_cut_off_is_finished_by_whoever_ticks_next(
    world: Callable[[str], World], fire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = world(fire)
    real = passes.act
    for day in range(1, 3):
        acted: list[int] = []

        def act_once(*given: object, acted: list[int] = acted) -> int:
            acted.append(1)
            if len(acted) > 1:
                raise KeyboardInterrupt  # as good as a kill between two transactions
            return real(*given)

        with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
            cut.setattr(passes, "act", act_once)
            firings.run_due(found.app)
        firings.run_due(found.app)
        assert found.entries() == dict.fromkeys(found.bills, 1 if fire == "fire: once" else day)
        if fire == "fire: once":
            return
        found.clock.set(found.clock.now() + timedelta(days=1))


def test_every_day_is_a_day_of_the_calendar_whatever_the_second(world: Callable[[str], World]) -> None:
    """No two runs are at the same second: each worker looks every few seconds."""
    found = world("fire: {every: 1 day}")
    for day, second in enumerate((9, 2, 5, 0, 7), start=1):
        found.clock.set(datetime(2026, 3, 1 + day, 8, 0, second, tzinfo=found.app.catalog.timezone))
        firings.run_due(found.app)
        assert found.entries() == dict.fromkeys(found.bills, day)
