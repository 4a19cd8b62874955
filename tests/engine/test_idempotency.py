"""Idempotency: done once, answered the same; nothing half done whatever goes wrong."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from engine import audit, idempotency
from engine.app import App
from engine.clock import SetClock
from engine.errors import Busy, Conflict, InputError
from engine.idempotency import Answer
from engine.principal import SYSTEM, Principal
from engine.work import Work

WANG = Principal(7, "wang", "王")
LI = Principal(8, "li", "李")


def create(work: Work) -> Answer:
    audit.write(work, "effect", "order")
    return Answer(201, {"id": len(audit.rows(work, action="effect"))})


def once(
    app: App,
    key: str = "k",
    *,
    who: Principal = WANG,
    path: str = "POST /orders",
    body: str = "b",
    respond: Any = create,
) -> Answer:
    return idempotency.once(app, who, key, path, body, respond)


def effects(app: App) -> int:
    with app.work(SYSTEM, read=True) as work:
        return len(audit.rows(work, action="effect"))


def test_the_second_time_tells_the_first_answer(app: App) -> None:
    assert once(app) == Answer(201, {"id": 1})
    assert once(app) == Answer(201, {"id": 1}, replayed=True)
    assert effects(app) == 1


@pytest.mark.parametrize("other", [{"key": "k2"}, {"who": LI}, {"who": SYSTEM}])
def test_another_key_or_person_is_another_request(app: App, other: dict[str, Any]) -> None:
    once(app)
    assert once(app, **other) == Answer(201, {"id": 2})


@pytest.mark.parametrize("other", [{"body": "c"}, {"path": "POST /payments"}])
def test_the_same_key_with_another_request_is_refused(app: App, other: dict[str, Any]) -> None:
    once(app)
    with pytest.raises(InputError, match="已用于另一个请求"):
        once(app, **other)
    assert effects(app) == 1


def test_what_was_refused_may_be_sent_again(app: App) -> None:
    def refuse(work: Work) -> Answer:
        create(work)
        raise InputError({"amount": "太大"})

    with pytest.raises(InputError):
        once(app, respond=refuse)
    assert once(app) == Answer(201, {"id": 1})


def test_a_second_click_meanwhile_is_told_at_once(app: App) -> None:
    started, finish = threading.Event(), threading.Event()
    answers: list[Answer] = []

    def slow(work: Work) -> Answer:
        started.set()
        finish.wait(10)
        return create(work)

    thread = threading.Thread(target=lambda: answers.append(once(app, respond=slow)))
    thread.start()
    started.wait(5)
    with pytest.raises(Conflict, match="正在处理中"):
        once(app)
    finish.set()
    thread.join()
    assert answers == [Answer(201, {"id": 1})]
    assert once(app).replayed


def test_fifty_clicks_at_once_are_done_once(app: App) -> None:
    start = threading.Barrier(20)
    answers: list[Answer | None] = []

    def click() -> None:
        start.wait()
        try:
            answers.append(once(app))
        except Conflict:
            answers.append(None)

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [answer for answer in answers if answer]
    assert len(answers) == 20
    assert {answer.response["id"] for answer in told} == {1}
    assert sum(not answer.replayed for answer in told) == 1
    assert effects(app) == 1


def test_a_unit_that_the_database_undid_runs_again(app: App) -> None:
    if app.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    tries: list[int] = []

    def clash_once(work: Work) -> Answer:
        tries.append(1)
        if len(tries) == 1:
            work.driver("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return create(work)

    assert once(app, respond=clash_once) == Answer(201, {"id": 1})
    assert len(tries) == 2


def test_one_that_only_waited_too_long_does_not_run_again(app: App) -> None:
    tries: list[int] = []

    def wait(work: Work) -> Answer:
        tries.append(1)
        raise Busy("held by others")

    with pytest.raises(Busy):
        once(app, respond=wait)
    assert len(tries) == 1


def test_answers_are_forgotten_after_a_week(app: App, clock: SetClock) -> None:
    once(app)
    clock.set(clock.now() + timedelta(days=6, hours=23))
    assert idempotency.clean(app) == 0
    clock.set(clock.now() + timedelta(hours=2))
    assert idempotency.clean(app) == 1
    assert not once(app).replayed


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "钥匙", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused_before_anything_is_done(app: App, key: str) -> None:
    with pytest.raises(InputError, match="Idempotency-Key"):
        once(app, key=key)
    assert effects(app) == 0
