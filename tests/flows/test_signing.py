"""Signing: any, all, sequence and vote, each to the corner, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import AccessDenied, Conflict, InputError
from flows import tasks
from tests.flows.conftest import Company


def flow(sign: str, who: str = "[{person: zhou}, {person: anran}, {person: zhao}]", more: str = "") -> str:
    return f"""
label: 签署
form: application
steps:
  - approve: sign
    label: 签署
    who: {who}
    sign: {sign}
{more}
"""


def test_any_lets_the_first_decide(found: Callable[..., Company]) -> None:
    company = found(flow("any"))
    instance = company.submit()
    late = company.task("anran")
    company.decide("zhou", "reject", opinion="不行")
    assert company.status(instance.id) == "rejected"
    with pytest.raises(Conflict):
        company.decide("anran", task=late)


def test_any_may_need_all_to_reject(found: Callable[..., Company]) -> None:
    company = found(flow("any", more="    reject_needs: all"))
    instance = company.submit()
    company.decide("zhou", "reject")
    company.decide("anran", "reject")
    assert company.status(instance.id) == "running"
    company.decide("zhao")
    assert company.status(instance.id) == "approved"


def test_all_need_everybody(found: Callable[..., Company]) -> None:
    company = found(flow("all"))
    instance = company.submit()
    for login in ("zhao", "zhou"):
        company.decide(login)
        assert company.status(instance.id) == "running"
    company.decide("anran")
    assert company.status(instance.id) == "approved"


def test_one_refusal_ends_all_at_once(found: Callable[..., Company]) -> None:
    company = found(flow("all"))
    instance = company.submit()
    company.decide("zhao", "reject")
    assert company.status(instance.id) == "rejected"
    assert company.open("zhou") == []


def test_all_may_wait_for_every_opinion(found: Callable[..., Company]) -> None:
    company = found(flow("all", more="    on_refusal: wait_all"))
    instance = company.submit()
    company.decide("zhao", "reject")
    company.decide("zhou")
    assert company.status(instance.id) == "running"
    company.decide("anran")
    assert company.status(instance.id) == "rejected"


def test_a_sequence_goes_by_position_even_when_a_person_comes_twice(found: Callable[..., Company]) -> None:
    company = found(flow("sequence"))
    instance = company.submit()
    for login in ("zhou", "anran", "zhao"):
        assert company.waiting(instance.id) == {"sign": [login]}
        company.decide(login)
    assert company.status(instance.id) == "approved"


@pytest.mark.parametrize(
    ("rule", "answers", "outcome"),
    [
        ("{vote: {percent: 60}}", ["approve", "reject"], "running"),
        ("{vote: {percent: 60}}", ["approve", "reject", "approve"], "approved"),
        ("{vote: {percent: 60}}", ["reject", "reject"], "rejected"),
        ("{vote: {count: 2}}", ["approve", "approve"], "approved"),
        ("{vote: {percent: 34}}", ["abstain", "approve"], "running"),
        ("{vote: {percent: 34}}", ["abstain", "approve", "abstain"], "rejected"),
        ("{vote: {percent: 33}}", ["approve"], "approved"),
    ],
)
def test_votes_count_in_whole_numbers(
    found: Callable[..., Company], rule: str, answers: list[str], outcome: str
) -> None:
    company = found(flow(f"{rule}"))
    instance = company.submit()
    for login, answer in zip(("zhou", "anran", "zhao"), answers, strict=False):
        company.decide(login, answer)
    assert company.status(instance.id) == outcome


def test_a_pool_is_one_task_that_somebody_takes(found: Callable[..., Company]) -> None:
    company = found(flow("any", "{role: finance}"))
    instance = company.submit()
    task = company.task("zhou")
    assert company.task("anran") == task
    with company.work("zhou") as work:
        tasks.claim(work, task)
    assert company.open("anran") == []
    with pytest.raises(AccessDenied), company.work("anran") as work:
        tasks.decide(work, task, "approve")
    with company.work("zhou") as work:
        tasks.release(work, task)
    company.decide("anran", task=task)
    assert company.status(instance.id) == "approved"


def test_a_list_of_roles_needs_one_signature_of_each(found: Callable[..., Company]) -> None:
    company = found(flow("all", "[{role: sales_director}, {role: finance}]"))
    instance = company.submit()
    assert company.waiting(instance.id) == {"sign": ["xu", "pool"]}
    company.decide("anran")
    company.decide("xu")
    assert company.status(instance.id) == "approved"


def test_one_role_under_all_asks_everybody_who_holds_it(found: Callable[..., Company]) -> None:
    company = found(flow("all", "{role: finance}"))
    instance = company.submit()
    assert company.waiting(instance.id) == {"sign": ["zhou", "anran"]}


def test_signers_are_added_before(found: Callable[..., Company]) -> None:
    company = found(flow("all", "[{person: zhou}]"))
    instance = company.submit()
    task = company.task("zhou")
    with company.work("zhou") as work:
        tasks.add_signer(work, task, [company.id("fa"), company.id("feng")], "before", sign="all")
    assert sorted(company.waiting(instance.id)["sign"]) == ["fa", "feng"]
    with pytest.raises(Conflict, match="加签"):
        company.decide("zhou", task=task)
    company.decide("fa")
    company.decide("feng")
    assert company.waiting(instance.id) == {"sign": ["zhou"]}
    company.decide("zhou")
    assert company.status(instance.id) == "approved"


def test_signers_are_added_after(found: Callable[..., Company]) -> None:
    company = found(flow("all", "[{person: zhou}]"))
    instance = company.submit()
    with company.work("zhou") as work:
        tasks.add_signer(work, company.task("zhou"), [company.id("fa")], "after")
    assert company.waiting(instance.id) == {"sign": ["fa"]}
    company.decide("fa")
    assert company.status(instance.id) == "approved"


@pytest.mark.parametrize("when", ["before", "after", "parallel"])
def test_an_added_signer_who_rejects_rejects_the_step(found: Callable[..., Company], when: str) -> None:
    company = found(flow("all", "[{person: zhou}]"))
    instance = company.submit()
    with company.work("zhou") as work:
        tasks.add_signer(work, company.task("zhou"), [company.id("fa")], when)
    company.decide("fa", "reject")
    assert company.status(instance.id) == "rejected"
    assert company.open("zhou") == []


def test_a_parallel_signer_counts_like_the_others(found: Callable[..., Company]) -> None:
    company = found(flow("all", "[{person: zhou}]"))
    instance = company.submit()
    with company.work("zhou") as work:
        tasks.add_signer(work, company.task("zhou"), [company.id("fa")], "parallel")
    company.decide("zhou")
    assert company.status(instance.id) == "running"
    company.decide("fa")
    assert company.status(instance.id) == "approved"


def test_adding_nests_three_deep_and_no_deeper(found: Callable[..., Company]) -> None:
    company = found(flow("all", "[{person: zhou}]"))
    company.submit()
    for login, other in (("zhou", "fa"), ("fa", "feng")):
        with company.work(login) as work:
            tasks.add_signer(work, company.task(login), [company.id(other)], "before")
    with pytest.raises(InputError, match="3 层"), company.work("feng") as work:
        tasks.add_signer(work, company.task("feng"), [company.id("boss")], "before")


@pytest.mark.parametrize(("who", "error"), [("anran", Conflict), ("zhou", InputError), ("lin", InputError)])
def test_who_signs_already_or_started_it_is_not_added(found: Callable[..., Company], who: str, error: type) -> None:
    company = found(flow("all", "[{person: zhou}, {person: anran}]"))
    company.submit()
    with pytest.raises(error), company.work("zhou") as work:
        tasks.add_signer(work, company.task("zhou"), [company.id(who)], "parallel")


def test_a_transfer_changes_the_holder_and_keeps_the_place(found: Callable[..., Company]) -> None:
    company = found(flow("sequence", "[{person: zhou}, {person: anran}]"))
    instance = company.submit()
    task = company.task("zhou")
    with company.work("zhou") as work:
        tasks.transfer(work, task, company.id("feng"), opinion="请代为审核")
    assert company.waiting(instance.id) == {"sign": ["feng"]}
    with company.work("zhou") as work:
        assert tasks.get(work, task).actions == ()
    company.decide("feng")
    assert company.waiting(instance.id) == {"sign": ["anran"]}
