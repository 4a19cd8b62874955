"""Races: two hands on one instance at the same moment, with real threads, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import AccessDenied, Conflict
from flows import instances, tasks, timers
from tests.flows.conftest import Company

ROUNDS = 8

BOTH = """
label: 会签
form: application
steps:
  - approve: sign
    who: [{person: zhou}, {person: anran}]
    sign: SIGN
    limit: [{after: 1 hour, reject: true}]
  - approve: last
    who: {person: zhao}
"""


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; answers results or errors in order."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(index: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_last_signers_make_exactly_one_next_step(found: Callable[..., Company]) -> None:
    company = found(BOTH.replace("SIGN", "all"))
    for _ in range(ROUNDS):
        instance = company.submit()
        both = {login: company.task(login, "sign") for login in ("zhou", "anran")}
        answers = at_once(*(lambda who=login, t=task: company.decide(who, task=t) for login, task in both.items()))
        assert [answer.decision for answer in answers] == ["approve", "approve"]
        assert company.waiting(instance.id) == {"last": ["zhao"]}
        company.decide("zhao", "reject", opinion="下一轮")


def test_of_two_or_signers_one_decides_and_the_other_learns_who(found: Callable[..., Company]) -> None:
    company = found(BOTH.replace("SIGN", "any"))
    for _ in range(ROUNDS):
        instance = company.submit()
        both = {login: company.task(login, "sign") for login in ("zhou", "anran")}
        answers = at_once(*(lambda who=login, t=task: company.decide(who, task=t) for login, task in both.items()))
        assert sum(isinstance(answer, tasks.Answer) for answer in answers) == 1
        [late] = [answer for answer in answers if isinstance(answer, Conflict)]
        assert str(late) == f"已由{'周文博' if late is answers[1] else '许安然'}处理: 同意"
        assert company.waiting(instance.id) == {"last": ["zhao"]}
        company.decide("zhao", "reject", opinion="下一轮")


def test_of_a_decision_and_a_withdrawal_exactly_one_wins(found: Callable[..., Company]) -> None:
    company = found(BOTH.replace("SIGN", "any"))
    for _ in range(ROUNDS):
        instance = company.submit()
        task = company.task("zhou")

        def withdraw(id: int = instance.id) -> instances.Instance:
            with company.work("lin") as work:
                return instances.withdraw(work, id)

        decided, withdrawn = at_once(lambda t=task: company.decide("zhou", task=t), withdraw)
        assert isinstance(decided, tasks.Answer) != isinstance(withdrawn, instances.Instance)
        status = company.status(instance.id)
        assert status == ("running" if isinstance(decided, tasks.Answer) else "withdrawn")
        if status == "running":
            company.decide("zhao", "reject", opinion="下一轮")


def test_a_decision_and_its_limit_never_both_count(found: Callable[..., Company]) -> None:
    from datetime import timedelta

    company = found(BOTH.replace("SIGN", "any"))
    for _ in range(ROUNDS):
        instance = company.submit()
        task = company.task("zhou")
        company.clock.set(company.clock.now() + timedelta(hours=1))
        answer, *_ = at_once(
            lambda t=task: company.decide("zhou", task=t),
            lambda: timers.run_due(company.app),
            lambda: timers.run_due(company.app),
        )
        won = isinstance(answer, tasks.Answer)
        assert won or isinstance(answer, Conflict)
        assert company.status(instance.id) == ("running" if won else "rejected")
        assert company.types(instance.id).count("decided") == 1
        if won:
            company.decide("zhao", "reject", opinion="下一轮")


def test_a_click_that_arrives_twice_is_one_decision(found: Callable[..., Company]) -> None:
    company = found(BOTH.replace("SIGN", "all"))
    instance = company.submit()
    task = company.task("zhou")
    first, second = at_once(*(lambda: company.decide("zhou", task=task, key="click-1") for _ in range(2)))
    assert {first.repeated, second.repeated} == {True, False}
    assert (first.decision, first.status, first.at) == (second.decision, second.status, second.at)
    assert company.types(instance.id).count("decided") == 1
    third = company.decide("zhou", task=task, key="click-1")
    assert third.repeated and third.status == "running"
    with pytest.raises(Conflict, match="已由周文博处理: 同意"):
        company.decide("zhou", task=task, key="click-2")


def test_a_record_enters_a_flow_once(found: Callable[..., Company]) -> None:
    company = found(BOTH.replace("SIGN", "all"))
    instance = company.submit()
    with company.work("lin") as work:
        instances.withdraw(work, instance.id)

    def start() -> instances.Instance:
        with company.work("lin") as work:
            return instances.start(work, "credit", instance.record_id)

    results = at_once(start, start, start)
    assert sum(isinstance(result, instances.Instance) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 2


@pytest.mark.parametrize(("policy", "after"), [("never", False), ("before_first_decision", True), ("before_end", True)])
def test_until_when_a_starter_withdraws(found: Callable[..., Company], policy: str, after: bool) -> None:
    company = found(BOTH.replace("SIGN", "all").replace("steps:", f"defaults: {{withdraw: {policy}}}\nsteps:", 1))
    instance = company.submit()
    if policy != "before_end":
        first = company.submit()
        if after:
            with company.work("lin") as work:
                assert instances.withdraw(work, first.id).status == "withdrawn"
    company.decide("zhou", task=next(item.task_id for item in company.open("zhou") if item.instance_id == instance.id))
    if policy == "before_end":
        with company.work("lin") as work:
            assert instances.withdraw(work, instance.id).status == "withdrawn"
    else:
        with pytest.raises(Conflict), company.work("lin") as work:
            instances.withdraw(work, instance.id)
    with pytest.raises(AccessDenied), company.work("wu") as work:
        instances.withdraw(work, instance.id)
