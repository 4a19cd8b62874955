"""Sandbox: a clock that an admin moves forward, and what happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import audit, jobs, sandbox
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import AccessDenied, Conflict, EvaluationError, InputError
from engine.principal import SYSTEM, Principal
from engine.room import Room
from engine.sandbox import SandboxClock

ROLES = "admin: {label: 管理员, can: [sandbox]}\nsales: {label: 销售}\n"
ADMIN = Principal(1, "li", "李", roles=frozenset({"admin"}))
SALES = Principal(2, "wu", "吴", roles=frozenset({"sales"}))
START = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai, a Sunday


class Ears:
    """A room that does one piece of work a day at 8 and puts a job for it."""

    def __init__(self) -> None:
        self.looks: list[datetime] = []
        self.ran: list[tuple[date, datetime]] = []
        self.done: set[date] = set()
        self.broken_on: date | None = None
        self.room = Room("ears", jobs={"tell": self.tell}, due=(self.daily,))

    def daily(self, app: App) -> int:
        with app.work(SYSTEM) as work:
            self.looks.append(work.now)
            if work.today == self.broken_on:
                raise RuntimeError("the rule is broken")
            if work.now.astimezone(work.catalog.timezone).hour < 8 or work.today in self.done:
                return 0
            self.done.add(work.today)
            jobs.put(work, "tell", {"day": work.today.isoformat()}, key=f"tell:{work.today}")
            return 1

    def tell(self, app: App, payload: Any, _claimed: Any) -> None:
        with app.work(SYSTEM) as work:
            self.ran.append((date.fromisoformat(payload["day"]), work.now))


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def machine() -> SetClock:
    return SetClock(START)


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path], ears: Ears, machine: SetClock) -> Iterator[App]:
    clock = SandboxClock(database, machine)
    yield App.open(folder({"roles.yaml": ROLES}), database, [ears.room], clock)


def test_until_it_is_moved_it_is_the_machines_time(app: App, machine: SetClock) -> None:
    assert app.clock.now() == START
    machine.set(START + timedelta(minutes=5))
    assert app.clock.now() == START + timedelta(minutes=5)


def test_moved_it_runs_on_from_there(app: App, machine: SetClock) -> None:
    sandbox.move(app, ADMIN, days=10)
    assert app.clock.now() == START + timedelta(days=10)
    machine.set(START + timedelta(hours=1))
    assert app.clock.now() == START + timedelta(days=10, hours=1)


def test_every_day_on_the_way_has_its_turn_in_order(app: App, ears: Ears) -> None:
    days = sandbox.move(app, ADMIN, days=3)
    expected = [date(2026, 3, 1) + timedelta(n) for n in range(4)]
    assert [day for day, _ in ears.ran] == expected
    assert ears.looks == sorted(ears.looks)
    for day, at in ears.ran:
        assert at.astimezone(app.catalog.timezone).date() == day
    assert [(day.day, day.jobs) for day in days] == [(day, 1) for day in expected]
    assert all(day.due >= 1 for day in days)  # the engine itself has something to sweep now and then


def test_a_day_is_looked_at_when_it_begins_and_at_eight(app: App, ears: Ears) -> None:
    sandbox.move(app, ADMIN, to=datetime(2026, 3, 2, 4, tzinfo=UTC))
    local = [f"{look.astimezone(app.catalog.timezone):%d %H:%M}" for look in ears.looks]
    assert local == ["01 12:00", "01 15:00", "01 18:00", "02 00:00", "02 08:00", "02 09:00", "02 12:00"]


def test_all_processes_see_the_moved_clock_soon(app: App, machine: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [100.0]
    monkeypatch.setattr(sandbox, "monotonic", lambda: passed[0])
    elsewhere = SandboxClock(app.database, machine)
    assert elsewhere.now() == START
    sandbox.move(app, ADMIN, days=1)
    passed[0] += 1.0
    assert elsewhere.now() == START + timedelta(days=1)
    assert SandboxClock(app.database, machine).now() == START + timedelta(days=1)  # after a restart


def test_a_look_is_not_taken_for_every_reading(app: App, machine: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "monotonic", lambda: 100.0)
    clock = SandboxClock(app.database, machine)
    clock.now()
    monkeypatch.setattr(app.database, "read", None)
    assert clock.now() == START


def test_it_never_runs_backwards(app: App) -> None:
    sandbox.move(app, ADMIN, days=2)
    for back in (START, START + timedelta(days=1)):
        with pytest.raises(Conflict, match="只能向前"):
            sandbox.move(app, ADMIN, to=back)
    assert app.clock.now() == START + timedelta(days=2)


def test_a_slower_process_cannot_turn_it_back(app: App, machine: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "monotonic", lambda: 100.0)
    elsewhere = SandboxClock(app.database, machine)
    elsewhere.now()  # has looked, and will not look again
    sandbox.move(app, ADMIN, days=5)
    with pytest.raises(Conflict, match="更晚"):
        elsewhere.set(START + timedelta(days=1))
    assert app.clock.now() == START + timedelta(days=5)


@pytest.mark.parametrize(
    ("move", "field"),
    [
        ({}, "to"),
        ({"days": 1, "to": START + timedelta(days=1)}, "to"),
        ({"days": 0}, "days"),
        ({"days": -1}, "days"),
        ({"days": 401}, "days"),
        ({"to": START + timedelta(days=500)}, "to"),
        ({"to": datetime(2026, 4, 1)}, "to"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(app: App, ears: Ears, move: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        sandbox.move(app, ADMIN, **move)
    assert list(refused.value.fields) == [field]
    assert ears.looks == []


def test_only_who_may_moves_it(app: App) -> None:
    with pytest.raises(AccessDenied, match="沙箱"):
        sandbox.move(app, SALES, days=1)
    assert app.clock.now() == START


def test_a_move_is_audited(app: App) -> None:
    sandbox.move(app, ADMIN, days=1)
    with app.work(SYSTEM, read=True) as work:
        rows = work.execute(select(audit.table).where(audit.table.c.action == "sandbox.move")).all()
    assert [(row.actor, row.at) for row in rows] == [("李", START)]
    assert "2026-03-02" in rows[0].detail


def test_real_time_cannot_be_moved(database: Database, folder: Callable[[dict[str, str]], Path]) -> None:
    app = App(Catalog.load(folder({"roles.yaml": ROLES})), database, [])
    with pytest.raises(AccessDenied, match="真实时间"):
        sandbox.move(app, ADMIN, days=1)


def test_a_failure_on_the_way_leaves_the_clock_there_and_nothing_is_lost(app: App, ears: Ears) -> None:
    ears.broken_on = date(2026, 3, 3)
    with pytest.raises(EvaluationError, match="沙箱停在 2026-03-03 00:00: the rule is broken"):
        sandbox.move(app, ADMIN, days=5)
    assert app.clock.now().astimezone(app.catalog.timezone).date() == date(2026, 3, 3)
    ears.broken_on = None
    sandbox.move(app, ADMIN, to=START + timedelta(days=5))
    assert [day for day, _ in ears.ran] == [date(2026, 3, 1) + timedelta(n) for n in range(6)]


@pytest.mark.parametrize(
    ("instant", "today"),
    [
        ("2026-03-01T15:59:59Z", date(2026, 3, 1)),
        ("2026-03-01T16:00:00Z", date(2026, 3, 2)),
        ("2026-03-01T16:30:00Z", date(2026, 3, 2)),  # half past midnight in Shanghai
        ("2025-12-31T16:00:00Z", date(2026, 1, 1)),
    ],
)
def test_today_is_the_business_date_of_the_apps_zone(app: App, instant: str, today: date) -> None:
    app.clock = SetClock(datetime.fromisoformat(instant))
    with app.work(SYSTEM, read=True) as work:
        assert work.today == today


def test_a_new_sandbox_may_begin_in_the_past_and_then_only_goes_forward(database: Database) -> None:
    clock = SandboxClock(database, SetClock(START))
    past = START - timedelta(days=90)
    clock.begin(past)
    assert clock.now() == past == SandboxClock(database, SetClock(START)).now()
    clock.set(past + timedelta(days=1))
    clock.begin(past)
    assert clock.now() == past + timedelta(days=1)
    with pytest.raises(Conflict):
        clock.set(past)
