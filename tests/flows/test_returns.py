"""Returns: sending back, submitting again, and what a changed field does to the way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.errors import AccessDenied, Conflict, InputError
from flows import instances, tasks
from forms import records
from tests.flows.conftest import Company

CHAIN = """
label: 三级
form: application
start: {who: {role: sales}, edit: [amount, reason]}
status: status
defaults: {resubmit: RESUBMIT}
steps:
  - approve: finance
    who: {person: zhou}
  - choose: by_amount
    cases:
      - when: amount <= 50000
        steps: [{approve: director, who: {person: xu}}]
      - otherwise: true
        steps: [{approve: cfo, who: {person: zhao}}]
  - approve: legal
    who: {person: fa}
"""


@pytest.fixture(params=["straight_back", "replay"])
def chain(request: pytest.FixtureRequest, found: Callable[..., Company]) -> tuple[Company, str]:
    return found(CHAIN.replace("RESUBMIT", request.param)), request.param


def test_a_return_to_the_start_and_submitting_again(chain: tuple[Company, str]) -> None:
    company, mode = chain
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu")
    company.decide("fa", "return", opinion="缺少营业执照")
    assert company.status(instance.id) == "returned"
    assert company.waiting(instance.id) == {"start": ["lin"]}
    company.decide("lin", "resubmit", values={"reason": "已补充"})
    assert company.waiting(instance.id) == ({"legal": ["fa"]} if mode == "straight_back" else {"finance": ["zhou"]})
    assert company.status(instance.id) == "running"


def test_raising_the_amount_walks_the_whole_way_again(found: Callable[..., Company]) -> None:
    company = found(CHAIN.replace("RESUBMIT", "straight_back"))
    instance = company.submit("50000")
    for login in ("zhou", "xu"):
        company.decide(login)
    company.decide("fa", "return", opinion="请核对额度")
    company.decide("lin", "resubmit", values={"amount": Decimal("50000.01")})
    assert company.waiting(instance.id) == {"finance": ["zhou"]}
    company.decide("zhou")
    assert company.waiting(instance.id) == {"cfo": ["zhao"]}
    with company.work() as work:
        replayed = [line for line in instances.story(work, instance.id) if line.type == "replayed"]
    assert [line.payload["changed"] for line in replayed] == [["申请额度"]]


def test_the_page_of_the_record_changes_it_too(found: Callable[..., Company]) -> None:
    """The guard looks at the record, not at what was posted with the resubmission."""
    company = found(CHAIN.replace("RESUBMIT", "straight_back"))
    instance = company.submit("50000")
    for login in ("zhou", "xu"):
        company.decide(login)
    company.decide("fa", "return", opinion="请核对额度")
    with company.work("lin") as work:
        records.save(work, "application", {"amount": Decimal(90000)}, id=instance.record_id)
    with company.work("lin") as work:
        instances.resubmit(work, instance.id)
    assert company.waiting(instance.id) == {"finance": ["zhou"]}


def test_a_return_to_an_earlier_step(chain: tuple[Company, str]) -> None:
    company, mode = chain
    instance = company.submit()
    for login in ("zhou", "xu"):
        company.decide(login)
    company.decide("fa", "return", to="finance", opinion="请复核")
    assert company.waiting(instance.id) == {"finance": ["zhou"]}
    company.decide("zhou")
    assert company.waiting(instance.id) == ({"legal": ["fa"]} if mode == "straight_back" else {"director": ["xu"]})


def test_previous_is_the_last_step_of_people(found: Callable[..., Company]) -> None:
    company = found(CHAIN.replace("RESUBMIT", "replay"))
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu")
    company.decide("fa", "return", to="previous", opinion="?")
    assert company.waiting(instance.id) == {"director": ["xu"]}


@pytest.mark.parametrize("to", ["cfo", "legal", "nowhere"])
def test_a_return_leads_only_to_steps_that_were_visited(found: Callable[..., Company], to: str) -> None:
    company = found(CHAIN.replace("RESUBMIT", "replay"))
    company.submit()
    company.decide("zhou")
    company.decide("xu")
    with pytest.raises(InputError, match="可以退回到"):
        company.decide("fa", "return", to=to, opinion="?")


def test_a_return_needs_its_reason(found: Callable[..., Company]) -> None:
    company = found(CHAIN.replace("RESUBMIT", "replay"))
    company.submit()
    with pytest.raises(InputError, match="退回原因"):
        company.decide("zhou", "return")


def test_only_the_named_fields_change_when_it_comes_back(found: Callable[..., Company]) -> None:
    company = found(CHAIN.replace("RESUBMIT", "replay"))
    instance = company.submit()
    company.decide("zhou", "return", opinion="?")
    with pytest.raises(AccessDenied, match="申请账期"):
        company.decide("lin", "resubmit", values={"term": 90})
    with pytest.raises(AccessDenied, match="已退回"), company.work("lin") as work:
        records.save(work, "application", {"term": 90}, id=instance.record_id)


def test_what_was_submitted_again_cannot_be_submitted_twice(found: Callable[..., Company]) -> None:
    company = found(CHAIN.replace("RESUBMIT", "replay"))
    company.submit()
    company.decide("zhou", "return", opinion="?")
    task = company.task("lin")
    company.decide("lin", "resubmit", task=task)
    with pytest.raises(Conflict):
        company.decide("lin", "resubmit", task=task)


PARALLEL = """
label: 会审
form: application
defaults: {resubmit: RESUBMIT}
steps:
  - approve: first
    who: {person: zhou}
  - parallel: checks
    cases:
      - label: 法务
        steps:
          - {approve: legal, who: {person: fa}}
          - {approve: legal_lead, who: {person: boss}}
      - label: 风控
        steps: [{approve: risk, who: {person: feng}}]
  - approve: last
    who: {person: zhao}
"""


def test_a_return_inside_a_branch_leaves_the_other_branch(found: Callable[..., Company]) -> None:
    company = found(PARALLEL.replace("RESUBMIT", "replay"))
    instance = company.submit()
    company.decide("zhou")
    company.decide("fa")
    company.decide("boss", "return", to="legal", opinion="条款")
    assert company.waiting(instance.id) == {"risk": ["feng"], "legal": ["fa"]}
    for login in ("feng", "fa", "boss", "zhao"):
        company.decide(login)
    assert company.status(instance.id) == "approved"


def test_a_return_to_before_the_split_cancels_all_branches(found: Callable[..., Company]) -> None:
    company = found(PARALLEL.replace("RESUBMIT", "replay"))
    instance = company.submit()
    company.decide("zhou")
    company.decide("feng", "return", to="first", opinion="?")
    assert company.waiting(instance.id) == {"first": ["zhou"]}
    company.decide("zhou")
    assert company.waiting(instance.id) == {"legal": ["fa"], "risk": ["feng"]}


def test_straight_back_into_branches_takes_up_those_that_were_open(found: Callable[..., Company]) -> None:
    company = found(PARALLEL.replace("RESUBMIT", "straight_back"))
    instance = company.submit()
    company.decide("zhou")
    company.decide("fa")
    company.decide("feng", "return", to="first", opinion="?")
    company.decide("zhou")
    assert company.waiting(instance.id) == {"legal_lead": ["boss"], "risk": ["feng"]}
    for login in ("boss", "feng", "zhao"):
        company.decide(login)
    assert company.status(instance.id) == "approved"


@pytest.mark.parametrize("mode", ["replay", "straight_back"])
def test_a_return_from_after_the_join_reopens_only_the_one_branch(found: Callable[..., Company], mode: str) -> None:
    company = found(PARALLEL.replace("RESUBMIT", mode))
    instance = company.submit()
    for login in ("zhou", "fa", "boss", "feng"):
        company.decide(login)
    company.decide("zhao", "return", to="legal", opinion="?")
    assert company.waiting(instance.id) == {"legal": ["fa"]}
    company.decide("fa")
    if mode == "replay":
        company.decide("boss")
    assert company.waiting(instance.id) == {"last": ["zhao"]}
    company.decide("zhao")
    assert company.status(instance.id) == "approved"


def test_a_step_that_is_still_open_is_no_target(found: Callable[..., Company]) -> None:
    company = found(PARALLEL.replace("RESUBMIT", "replay"))
    company.submit()
    company.decide("zhou")
    with company.work("feng") as work:
        assert set(tasks.get(work, company.task("feng")).return_to) == {"start", "first"}


def test_a_rejection_may_send_back(found: Callable[..., Company]) -> None:
    company = found(
        CHAIN.replace("RESUBMIT", "replay").replace(
            "who: {person: fa}", "who: {person: fa}\n    on_reject: {return: finance}"
        )
    )
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu")
    company.decide("fa", "reject", opinion="重新评估")
    assert company.waiting(instance.id) == {"finance": ["zhou"]}


def test_returning_for_ever_costs_the_same(found: Callable[..., Company]) -> None:
    """Statements per action, counted: the hundredth round needs as many as the second."""
    from sqlalchemy import event

    company = found(CHAIN.replace("RESUBMIT", "replay"))
    company.submit()
    from engine import driver

    def round_trip() -> int:
        counted = 0
        original = driver.run

        def run(*given: object) -> object:
            nonlocal counted
            counted += 1
            return original(*given)  # type: ignore[arg-type]

        driver.run = run  # type: ignore[assignment]
        try:
            company.decide("zhou", "return", opinion="?")
            company.decide("lin", "resubmit")
        finally:
            driver.run = original
        return counted

    assert event is not None
    round_trip()
    second = round_trip()
    for _ in range(20):
        last = round_trip()
    assert last == second
