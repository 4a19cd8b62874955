"""Units of work: who, when and why; whole or not at all; events in order; the running version followed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import jobs
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.errors import EvaluationError
from engine.events import Cause, Event
from engine.principal import SYSTEM, Principal
from engine.room import Room
from engine.work import MAX_DEPTH, Work

WANG = Principal(7, "wang", "王")


def count(app: App, table: str = "g_job") -> int:
    with app.work(SYSTEM, read=True) as work:
        return int(work.driver(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_time_stands_still_and_the_day_is_that_of_the_app(app: App, clock: SetClock) -> None:
    clock.set(datetime(2026, 3, 2, 17, 30, tzinfo=UTC))  # already the 3rd in Shanghai
    with app.work(WANG) as work:
        clock.set(datetime(2026, 3, 9, tzinfo=UTC))
        assert work.now == datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
        assert work.today == date(2026, 3, 3)


def test_an_error_undoes_everything_and_calls_nothing_after(app: App) -> None:
    called: list[str] = []
    with pytest.raises(ZeroDivisionError), app.work(WANG) as work:
        jobs.put(work, "x", {}, key="a")
        work.after_commit(lambda: called.append("after"))
        raise ZeroDivisionError
    assert (count(app), called) == (0, [])


def test_what_comes_after_the_commit_cannot_undo_it(app: App, caplog: pytest.LogCaptureFixture) -> None:
    called: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "guiju"), app.work(WANG) as work:
        jobs.put(work, "x", {}, key="a")
        work.after_commit(fail)
        work.after_commit(lambda: called.append(count(app)))
    assert called == [1]
    assert "a step after the commit failed" in caplog.text


def test_a_unit_inside_another_is_refused(app: App) -> None:
    with app.work(WANG), pytest.raises(RuntimeError, match="hand its `work` on"), app.work(WANG):
        pass


def test_another_hand_shares_the_transaction_and_the_cache(app: App) -> None:
    with app.work(WANG, cause=Cause("page", "customer", "c1")) as work:
        other = work.acting(SYSTEM, work.cause.then("rule", "overdue"))
        work.cache["seen"] = 1
        assert (other.now, other.cache["seen"], other.connection) == (work.now, 1, work.connection)
        assert (other.principal, other.cause) == (SYSTEM, Cause("rule", "overdue", "c1", 1))
        assert (work.stamp["actor"], other.stamp["actor"]) == ("王", "系统")
        assert (work.stamp["cause_kind"], other.stamp["cause_kind"]) == ("page", "rule")


def test_subscribers_hear_in_the_order_of_the_rooms(opened: Callable[..., App]) -> None:
    heard: list[str] = []
    rooms = [Room(name, subscribers=(lambda work, event, name=name: heard.append(f"{name} {event.name}"),))  # type: ignore[misc]
             for name in ("flows", "rules")]  # fmt: skip
    app = opened(rooms)
    with app.work(WANG) as work:
        work.publish(Event("record.created"))
    assert heard == ["flows record.created", "rules record.created"]


def test_a_chain_that_feeds_itself_is_undone_whole(opened: Callable[..., App]) -> None:
    def again(work: Work, event: Event) -> None:
        jobs.put(work, "x", {}, key=f"depth:{work.cause.depth}")
        work.acting(SYSTEM, work.cause.then("rule", "loop")).publish(event)

    app = opened([Room("rules", subscribers=(again,))])
    with pytest.raises(EvaluationError, match=f"deeper than {MAX_DEPTH} links"), app.work(WANG) as work:
        work.publish(Event("record.updated"))
    assert count(app) == 0


def test_due_work_of_one_room_does_not_keep_another_from_its_turn(opened: Callable[..., App]) -> None:
    def broken(app: App) -> int:
        raise ZeroDivisionError

    done: list[str] = []

    def fine(app: App) -> int:
        done.append("fine")
        return 1

    app = opened([Room("broken", due=(broken,)), Room("fine", due=(fine,))])
    with pytest.raises(ExceptionGroup) as failed:
        app.due()
    assert done == ["fine"]
    assert failed.group_contains(ZeroDivisionError)


def test_a_reader_may_not_write(app: App) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"), app.work(replace(WANG, system=True), read=True) as work:
        jobs.put(work, "x", {}, key="a")


@pytest.fixture
def opened(database: Database, folder: Callable[[dict[str, str]], Path], clock: SetClock) -> Callable[..., App]:
    def open_with(rooms: list[Room], **files: Any) -> App:
        return App.open(folder(files), database, rooms, clock)

    return open_with
