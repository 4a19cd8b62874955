"""Worker: drains, tries again with backoff, parks what is hopeless, sleeps until rung, ticks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import audit, jobs, worker
from engine.app import App
from engine.claims import Claimed, claim
from engine.clock import SetClock
from engine.database import Database
from engine.errors import DeliveryError
from engine.principal import SYSTEM
from engine.room import JobHandler, Room
from engine.ticker import Ticker
from engine.worker import Worker, backoff

Opened = Callable[..., App]


@pytest.fixture
def opened(database: Database, folder: Callable[[dict[str, str]], Path], clock: SetClock) -> Opened:
    def open_with(handler: JobHandler, due: tuple[Any, ...] = ()) -> App:
        return App.open(folder({}), database, [Room("test", jobs={"x": handler}, due=due)], clock)

    return open_with


def effect(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
    with app.work(SYSTEM, cause=claimed.cause) as work:
        claimed.fence(work)
        audit.write(work, "effect", payload["n"])


def put(app: App, *keys: str, **more: Any) -> None:
    with app.work(SYSTEM) as work:
        for key in keys:
            jobs.put(work, "x", {"n": key}, key=key, **more)


def effects(app: App) -> list[str]:
    with app.work(SYSTEM, read=True) as work:
        return [row.subject for row in reversed(audit.rows(work, action="effect"))]


def job(app: App) -> Any:
    with app.work(SYSTEM, read=True) as work:
        row = work.execute(jobs.table.select().order_by(jobs.table.c.id.desc())).first()
        assert row is not None
        return row


def test_drain_runs_what_is_ready_and_what_that_puts(opened: Opened, clock: SetClock) -> None:
    def chain(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
        with app.work(SYSTEM) as work:
            claimed.fence(work)
            audit.write(work, "effect", payload["n"])
            if payload["n"] == "a":
                jobs.put(work, "x", {"n": "b"}, key="b")

    app = opened(chain)
    put(app, "a")
    put(app, "later", run_at=clock.now() + timedelta(minutes=1))
    assert worker.drain(app) == 2
    assert effects(app) == ["a", "b"]
    assert worker.drain(app) == 0
    clock.set(clock.now() + timedelta(minutes=1))
    assert worker.drain(app, limit=1) == 1


def test_a_handler_without_a_fence_is_done_when_it_returns(opened: Opened) -> None:
    app = opened(lambda app, payload, claimed: None)
    put(app, "a")
    worker.drain(app)
    assert job(app).state == "done"


def test_a_failure_undoes_the_effect_and_waits(opened: Opened, clock: SetClock) -> None:
    def fail_twice(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
        with app.work(SYSTEM) as work:
            claimed.fence(work)
            audit.write(work, "effect", f"attempt {claimed.attempt}")
            if claimed.attempt < 3:
                raise OSError("not now")

    app = opened(fail_twice)
    put(app, "a")
    assert worker.drain(app) == 1
    row = job(app)
    assert (row.state, row.attempt, row.last_error) == ("ready", 1, "OSError: not now")
    assert 8 <= (row.run_at - clock.now()).total_seconds() <= 12
    assert worker.drain(app) == 0
    for _ in range(2):
        clock.set(job(app).run_at)
        assert worker.drain(app) == 1
    assert effects(app) == ["attempt 3"]
    assert (job(app).state, job(app).last_error) == ("done", None)


def test_the_hopeless_is_parked(opened: Opened, clock: SetClock) -> None:
    def refuse(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
        raise DeliveryError("no such mailbox", permanent=payload["n"] == "permanent")

    app = opened(refuse)
    put(app, "permanent")
    worker.drain(app)
    assert (job(app).state, job(app).attempt, job(app).last_error) == ("dead", 1, "no such mailbox")
    put(app, "stubborn")
    for _ in range(8):
        clock.set(max(clock.now(), job(app).run_at))
        worker.drain(app)
    assert (job(app).state, job(app).attempt) == ("dead", 8)
    assert worker.drain(app) == 0


def test_a_kind_that_nobody_handles_waits_for_a_newer_process(app: App) -> None:
    put(app, "a")
    worker.drain(app)
    assert (job(app).state, job(app).last_error) == ("ready", "nothing here handles jobs of kind 'x'")


def test_trouble_after_handing_over_is_left_to_a_person(opened: Opened) -> None:
    def silent(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
        claimed.hand_over(app)
        raise TimeoutError("no answer")

    app = opened(silent)
    put(app, "a")
    worker.drain(app)
    assert (job(app).state, job(app).last_error) == ("uncertain", "TimeoutError: no answer")


def test_a_handler_that_lost_its_job_does_not_touch_it(opened: Opened) -> None:
    def robbed(app: App, payload: Mapping[str, Any], claimed: Claimed) -> None:
        if claimed.attempt == 1:
            with app.work(SYSTEM) as work:
                work.driver("UPDATE g_job SET lease_until = 0")
            assert claim(app)  # another worker, which is still at it
        effect(app, payload, claimed)

    app = opened(robbed)
    put(app, "a")
    assert worker.drain(app) == 1
    assert (job(app).state, job(app).attempt, effects(app)) == ("running", 2, [])


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (5, 160), (8, 1280), (20, 3600)])
def test_backoff_doubles_up_to_an_hour_and_is_spread_by_the_job(attempt: int, seconds: int) -> None:
    waits = {backoff(id, attempt).total_seconds() for id in range(50)}
    assert all(0.8 * seconds <= wait <= 1.2 * seconds for wait in waits)
    assert len(waits) == 50
    assert backoff(7, attempt) == backoff(7, attempt)


def test_a_background_worker_wakes_at_the_bell(opened: Opened) -> None:
    ran = threading.Event()
    app = opened(lambda app, payload, claimed: ran.set())
    background = Worker(app, poll=60)
    background.start()
    try:
        time.sleep(0.1)  # let it find nothing and wait
        put(app, "a")
        assert ran.wait(5)
    finally:
        background.stop()


def test_a_lost_ring_costs_only_the_poll(opened: Opened) -> None:
    ran = threading.Event()
    app = opened(lambda app, payload, claimed: ran.set())
    app.bell.ring = lambda ids: None  # type: ignore[method-assign]
    background = Worker(app, poll=0.05)
    background.start()
    try:
        put(app, "a")
        assert ran.wait(5)
    finally:
        background.stop()


def test_a_ticker_goes_on_after_a_failure(opened: Opened) -> None:
    ticks = threading.Semaphore(0)

    def due(app: App) -> int:
        ticks.release()
        raise ZeroDivisionError

    app = opened(effect, due=(due,))
    ticker = Ticker(app, every=0.01)
    ticker.start()
    try:
        assert all(ticks.acquire(timeout=5) for _ in range(3))
    finally:
        ticker.stop()
