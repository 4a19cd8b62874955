"""People: who is asked when the starter, nobody or the same person again would be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from engine.errors import AccessDenied, Conflict, InputError
from engine.people import stamp
from engine.people.tables import persons
from flows import instances, tasks
from tests.flows.conftest import Company


def one(who: str, **options: str) -> str:
    more = "".join(f"\n    {key}: {value}" for key, value in options.items())
    return f"label: 一步\nform: application\nsteps:\n  - approve: step\n    who: {who}{more}\n"


def leave(company: Company, login: str) -> None:
    with company.work() as work:
        work.execute(update(persons).where(persons.c.login == login).values(active=False))
        stamp.renew(work)


@pytest.mark.parametrize(
    ("rule", "waiting", "status"),
    [
        ("superior", {"step": ["xu"]}, "running"),
        ("department_head", {"step": ["xu"]}, "running"),
        ("allow", {"step": ["lin"]}, "running"),
        ("skip", {}, "approved"),
    ],
)
def test_the_starter_does_not_approve_their_own(
    found: Callable[..., Company], rule: str, waiting: dict[str, list[str]], status: str
) -> None:
    company = found(one("starter", if_self=rule))
    instance = company.submit()
    assert company.waiting(instance.id) == waiting
    assert company.status(instance.id) == status


def test_skip_drops_the_starter_where_others_remain(found: Callable[..., Company]) -> None:
    company = found(one("[starter, {person: zhou}]", if_self="skip", sign="all"))
    instance = company.submit()
    assert company.waiting(instance.id) == {"step": ["zhou"]}


def test_a_pool_bars_the_starter(found: Callable[..., Company]) -> None:
    company = found(one("{role: finance}"))
    instance = company.submit(by="zhou")
    assert company.waiting(instance.id) == {"step": ["anran"]}


def test_a_larger_pool_bars_the_starter(found: Callable[..., Company]) -> None:
    company = found(one("[{role: finance}, {role: sales}]"))
    company.submit(by="zhou")
    assert company.open("zhou") == []
    task = company.task("anran")
    with pytest.raises(AccessDenied), company.work("zhou") as work:
        tasks.decide(work, task, "approve")


@pytest.mark.parametrize(
    ("rule", "waiting", "status"),
    [
        ("flow_admin", {"step": ["admin"]}, "running"),
        ("superior", {"step": ["xu"]}, "running"),
        ("agree", {}, "approved"),
        ("reject", {}, "rejected"),
    ],
)
def test_nobody_to_ask(found: Callable[..., Company], rule: str, waiting: dict[str, list[str]], status: str) -> None:
    company = found(one("{role: legal}", if_nobody=rule))
    leave(company, "fa")
    instance = company.submit()
    assert company.waiting(instance.id) == waiting
    assert company.status(instance.id) == status


def test_somebody_else_may_be_named_for_nobody(found: Callable[..., Company]) -> None:
    company = found(one("{role: legal}", if_nobody="{person: feng}"))
    leave(company, "fa")
    assert company.waiting(company.submit().id) == {"step": ["feng"]}


def test_nobody_may_stand_against_submitting(found: Callable[..., Company]) -> None:
    company = found(one("{role: legal}", if_nobody="block_submit"))
    assert company.submit().status == "running"
    leave(company, "fa")
    with pytest.raises(InputError, match="没有审批人"):
        company.submit()


def test_automatic_decisions_say_so(found: Callable[..., Company]) -> None:
    company = found(one("{role: legal}", if_nobody="agree"))
    leave(company, "fa")
    instance = company.submit()
    with company.work() as work:
        auto = [line for line in instances.story(work, instance.id) if line.type == "auto_decided"]
    assert [line.payload["why"] for line in auto] == ["没有审批人, 自动同意"]


def test_nobody_at_all_is_an_incident_not_a_silent_pass(found: Callable[..., Company]) -> None:
    company = found(one("{role: legal}"))
    for login in ("fa", "admin"):
        leave(company, login)
    instance = company.submit()
    assert company.status(instance.id) == "running"
    with company.work() as work:
        assert "没有审批人" in str(instances.get(work, instance.id).incident)


TWICE = """
label: 去重
form: application
defaults: {{skip_repeat: {rule}}}
steps:
  - {{approve: a, who: {{person: zhou}}}}
  - {{approve: b, who: {{person: xu}}}}
  - {{approve: c, who: {{person: zhou}}}}
  - {{approve: d, who: {{person: zhou}}}}
"""


@pytest.mark.parametrize(("rule", "left"), [("none", {"c": ["zhou"]}), ("consecutive", {"c": ["zhou"]}), ("any", None)])
def test_who_agreed_already_is_skipped(
    found: Callable[..., Company], rule: str, left: dict[str, list[str]] | None
) -> None:
    company = found(TWICE.format(rule=rule))
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu")
    assert company.waiting(instance.id) == (left or {})
    if rule == "consecutive":
        company.decide("zhou")
    assert company.status(instance.id) == ("running" if rule == "none" else "approved")


def test_a_step_that_needs_something_is_not_skipped(found: Callable[..., Company]) -> None:
    company = found(
        TWICE.format(rule="any").replace("c, who: {person: zhou}", "c, who: {person: zhou}, opinion: always")
    )
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu")
    assert company.waiting(instance.id) == {"c": ["zhou"]}


def test_approvals_before_a_return_count_no_more(found: Callable[..., Company]) -> None:
    company = found(TWICE.format(rule="any").replace("{skip_repeat", "{resubmit: replay, skip_repeat"))
    instance = company.submit()
    company.decide("zhou")
    company.decide("xu", "return", opinion="?")
    company.decide("lin", "resubmit")
    assert company.waiting(instance.id) == {"a": ["zhou"]}
    company.decide("zhou")
    company.decide("xu")
    assert company.status(instance.id) == "approved"


def test_only_the_named_role_starts_and_only_once(found: Callable[..., Company]) -> None:
    company = found(
        one("{role: cfo}").replace("form: application\n", "form: application\nstart: {who: {role: sales}}\n")
    )
    customer = company.customer()
    with pytest.raises(AccessDenied, match="销售"):
        company.submit(by="zhou", customer=customer)
    instance = company.submit(customer=customer)
    with pytest.raises(AccessDenied, match="自己"), company.work("lin") as work:
        instances.start(work, "credit", instance.record_id, starter=company.id("wu"))
    with pytest.raises(Conflict, match="正在流程"), company.work("lin") as work:
        instances.start(work, "credit", instance.record_id)


def test_outsiders_neither_read_nor_decide(found: Callable[..., Company]) -> None:
    company = found(one("{role: cfo}") + "finally: [{copy: tell, to: {person: fa}}]\n")
    instance = company.submit()
    task = company.task("zhao")
    for login in ("feng", "fa", "wu"):
        with pytest.raises(AccessDenied), company.work(login) as work:
            tasks.decide(work, task, "approve")
        with pytest.raises(AccessDenied), company.work(login) as work:
            tasks.get(work, task)
    company.decide("zhao", task=task)
    with company.work("fa") as work:
        copied = tasks.get(work, task)
        assert copied.actions == () and copied.record is not None
        assert tasks.counts(work)["copied"] == 1
        instances.mark_read(work, instance.id)
        assert tasks.counts(work)["copied"] == 0
    with pytest.raises(AccessDenied), company.work("feng") as work:
        tasks.get(work, task)
