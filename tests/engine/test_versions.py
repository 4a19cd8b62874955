"""Versions: published whole or not at all, stored once, followed by every process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import app as module
from engine import audit, versions
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.errors import ConfigErrors, Conflict, NotFound
from engine.principal import SYSTEM, Principal
from engine.room import Room
from engine.work import Work

LI = Principal(8, "li", "李")
Folder = Callable[[dict[str, str]], Path]

SETTING = "settings.yaml"
FIFTEEN = "days: {label: 天数, type: integer, default: 15}\n"
TEN = "days: {label: 天数, type: integer, default: 10}\n"


@pytest.fixture(autouse=True)
def look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.0)


@pytest.fixture
def app(database: Database, folder: Folder, clock: SetClock) -> Iterator[App]:
    opened = App.open(folder({SETTING: FIFTEEN}), database, [], clock)
    yield opened
    opened.close()


def every(app: App) -> list[versions.Version]:
    with app.work(SYSTEM, read=True) as work:
        return versions.every(work)


def days(app: App) -> int:
    with app.work(SYSTEM, read=True) as work:
        return int(work.settings["days"])


def test_a_publication_is_stored_with_who_and_why(app: App, folder: Folder, clock: SetClock) -> None:
    version = app.publish(Catalog.load(folder({SETTING: TEN})), LI, "十天")
    newest, first = every(app)
    assert (newest.id, newest.note, newest.published_by, newest.at) == (version.id, "十天", "李", clock.now())
    assert (newest.generation, first.generation) == (2, None)
    with app.work(SYSTEM, read=True) as work:
        assert versions.files(work.connection, version.id)[SETTING] == TEN
        assert [row.actor for row in audit.rows(work, action="config.publish")] == ["李", "系统"]
    assert days(app) == 10


def test_applying_twice_leaves_no_trace(app: App, folder: Folder) -> None:
    version = app.publish(Catalog.load(folder({SETTING: FIFTEEN})))
    assert (len(every(app)), version.generation) == (1, 1)
    with app.work(SYSTEM, read=True) as work:
        assert len(audit.rows(work, action="config.publish")) == 1


def test_going_back_stores_nothing_twice(app: App, folder: Folder) -> None:
    first = Catalog.load(folder({SETTING: FIFTEEN}))
    app.publish(Catalog.load(folder({SETTING: TEN})))
    version = app.publish(first)
    assert (len(every(app)), version.generation, days(app)) == (2, 3, 15)


def test_another_process_moves_on_between_two_units(app: App, folder: Folder) -> None:
    other = App.open_published(same(app), [])
    assert days(other) == 15
    with other.work(SYSTEM, read=True) as running:
        app.publish(Catalog.load(folder({SETTING: TEN})))
        assert running.settings["days"] == 15  # a unit of work keeps what it began with
    assert days(other) == 10
    other.close()


def test_a_process_looks_at_most_once_a_second(app: App, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    other = App.open_published(same(app), [])
    monkeypatch.setattr(module, "LOOK_EVERY", 60.0)
    assert days(other) == 15
    app.publish(Catalog.load(folder({SETTING: TEN})))
    assert days(other) == 15
    other.close()


def test_a_broken_folder_is_refused_and_the_running_version_stays(app: App, folder: Folder) -> None:
    with pytest.raises(ConfigErrors):
        Catalog.load(folder({SETTING: "days: {label: 天数, type: nonsense}\n"}))
    with pytest.raises(ConfigErrors):
        App.open(folder({SETTING: "days: ["}), same(app), [])
    assert (days(app), len(every(app))) == (15, 1)


def test_a_room_that_cannot_prepare_leaves_everything_as_it_was(
    database: Database, folder: Folder, clock: SetClock
) -> None:
    seen: list[tuple[Any, Any]] = []

    def prepare(work: Work, old: Catalog | None, new: Catalog) -> None:
        seen.append((None if old is None else old.hash, new.hash))
        work.driver(f"CREATE TABLE t{len(seen)} (id integer)")
        if new.settings["days"].default == 10:
            raise ZeroDivisionError

    app = App.open(folder({SETTING: FIFTEEN}), database, [Room("forms", prepare=prepare)], clock)
    first, second = app.catalog.hash, Catalog.load(folder({SETTING: TEN}))
    with pytest.raises(ZeroDivisionError):
        app.publish(second)
    assert seen == [(None, first), (first, second.hash)]
    assert (days(app), len(every(app))) == (15, 1)
    with app.work(SYSTEM) as work:
        work.driver("CREATE TABLE t2 (id integer)")  # what the failed one had made is gone


def test_two_publishers_do_not_overwrite_each_other(app: App, folder: Folder) -> None:
    seen = every(app)[0].generation
    app.publish(Catalog.load(folder({SETTING: TEN})), seen=seen)
    with pytest.raises(Conflict, match="published meanwhile"):
        app.publish(Catalog.load(folder({SETTING: FIFTEEN})), seen=seen)
    assert days(app) == 10


def test_processes_may_start_together(database: Database, folder: Folder) -> None:
    catalog = Catalog.load(folder({SETTING: FIFTEEN}))
    failed: list[BaseException] = []

    def start() -> None:
        opened = App(catalog, Database(database.url.render_as_string(hide_password=False)), [])
        try:
            opened.publish(catalog)
        except BaseException as error:
            failed.append(error)
        opened.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    opened = App.open_published(database, [])
    assert [version.generation for version in every(opened)] == [1]


def test_an_empty_database_says_what_to_do(database: Database) -> None:
    with pytest.raises(NotFound, match="guiju publish"):
        App.open_published(database, [])


def test_a_version_that_cannot_be_read_here_is_told_and_the_running_one_stays(
    app: App, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    other = App.open_published(same(app), [])
    version = app.publish(Catalog.load(folder({SETTING: TEN})))
    with app.work(SYSTEM) as work:
        work.execute(
            versions.table.update().where(versions.table.c.id == version.id).values(files={"app.yaml": "format: 9"})
        )
    with caplog.at_level(logging.ERROR, "guiju"):
        assert days(other) == 15
        assert days(other) == 15
    assert caplog.text.count("cannot be read here") == 1
    app.publish(Catalog.load(folder({SETTING: FIFTEEN + "# again\n"})))
    assert days(other) == 15
    assert other.catalog.hash == app.catalog.hash
    other.close()


def same(app: App) -> Database:
    """The same database in another process."""
    return Database(app.database.url.render_as_string(hide_password=False))
