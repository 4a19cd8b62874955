"""Notices: messages inside the app, each read by the one it is for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import notices
from engine.app import App
from engine.catalog import Catalog
from engine.clock import SetClock
from engine.database import Database
from engine.principal import SYSTEM, Principal

NOW = datetime(2026, 3, 1, 1, tzinfo=UTC)
WANG, LI = Principal(1, "wang", "王敏"), Principal(2, "li", "李强")


@pytest.fixture
def app(database: Database, folder: Callable[[dict[str, str]], Path]) -> Iterator[App]:
    app = App(Catalog.load(folder({})), database, [], SetClock(NOW))
    app.publish(app.catalog)
    yield app


def titles(app: App, principal: Principal, **more: object) -> list[str]:
    with app.work(principal, read=True) as work:
        return [notice.title for notice in notices.mine(work, **more)]  # type: ignore[arg-type]


def test_each_person_is_told_once(app: App) -> None:
    with app.work(SYSTEM) as work:
        notices.send(work, [1, 2, 1], "额度预警", body="已用八成", link="/forms/customer/7", kind="warning")
    assert titles(app, WANG) == titles(app, LI) == ["额度预警"]
    with app.work(WANG, read=True) as work:
        (notice,) = notices.mine(work)
    assert (notice.body, notice.link, notice.kind) == ("已用八成", "/forms/customer/7", "warning")
    assert (notice.created_at, notice.read_at) == (NOW, None)


def test_nobody_to_tell_is_no_error(app: App) -> None:
    with app.work(SYSTEM) as work:
        notices.send(work, [], "无人")
    assert titles(app, WANG) == []


def test_a_key_tells_the_same_person_at_most_once(app: App) -> None:
    for people in ([1], [1, 2]):
        with app.work(SYSTEM) as work:
            notices.send(work, people, "首次", key="rule:7")
            notices.send(work, people, "再次", key="rule:7")
    assert titles(app, WANG) == titles(app, LI) == ["首次"]


def test_a_key_holds_when_two_tell_at_once(app: App) -> None:
    together = threading.Barrier(4)

    def tell() -> None:
        together.wait()
        with app.work(SYSTEM) as work:
            notices.send(work, [1, 2], "一次", key="k")

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles(app, WANG) == ["一次"]


def test_what_is_rolled_back_was_never_said(app: App) -> None:
    with pytest.raises(RuntimeError), app.work(SYSTEM) as work:
        notices.send(work, [1], "不算")
        raise RuntimeError
    assert titles(app, WANG) == []


def test_reading_touches_only_ones_own(app: App) -> None:
    with app.work(SYSTEM) as work:
        for title in ("一", "二", "三"):
            notices.send(work, [1, 2], title)
    with app.work(WANG) as work:
        mine = notices.mine(work)
        others = [notice.id for notice in notices.mine(work.acting(LI, work.cause))]
        assert notices.mark_read(work, [mine[0].id, *others]) == 1
        assert notices.unread_count(work) == 2
        assert notices.mark_read(work, []) == 0
    assert titles(app, WANG, unread=True) == ["二", "一"]
    assert titles(app, LI, unread=True) == ["三", "二", "一"]
    with app.work(WANG) as work:
        assert notices.mark_read(work) == 2
        assert notices.mark_read(work) == 0
        assert notices.unread_count(work) == 0


def test_older_ones_follow_page_by_page(app: App) -> None:
    with app.work(SYSTEM) as work:
        for number in range(5):
            notices.send(work, [1], str(number))
    with app.work(WANG, read=True) as work:
        first = notices.mine(work, limit=2)
        second = notices.mine(work, limit=2, before=first[-1].id)
    assert [notice.title for notice in first + second] == ["4", "3", "2", "1"]


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "/\\evil", "javascript:alert(1)", ""])
def test_a_link_stays_inside_the_app(app: App, link: str) -> None:
    with app.work(SYSTEM) as work, pytest.raises(ValueError, match="leads out"):
        notices.send(work, [1], "x", link=link)


def test_an_unknown_kind_is_refused(app: App) -> None:
    with app.work(SYSTEM) as work, pytest.raises(ValueError, match="no kind"):
        notices.send(work, [1], "x", kind="alarm")


def test_a_long_title_is_cut(app: App) -> None:
    with app.work(SYSTEM) as work:
        notices.send(work, [1], "长" * 500)
    assert titles(app, WANG) == ["长" * 300]
