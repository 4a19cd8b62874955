"""Instances: versions, incidents, write-backs, blocks, and what an admin does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.errors import AccessDenied, Conflict, InputError
from engine.events import Cause
from flows import instances, tasks
from forms import records
from tests.flows.conftest import Company


def simple(steps: str, more: str = "") -> str:
    return f"label: 流程\nform: application\n{more}steps:\n{steps}"


FIRST = simple("  - {approve: a, label: 第一步, who: {person: zhou}}\n  - {approve: b, who: {person: fa}}\n")
SECOND = simple("  - {approve: a, label: 新的第一步, who: {person: zhou}}\n  - {approve: c, who: {person: feng}}\n")


def test_an_instance_keeps_the_version_it_started_with(found: Callable[..., Company]) -> None:
    company = found(FIRST)
    old = company.submit()
    company.publish(SECOND)
    new = company.submit()
    assert (old.version, new.version) == (1, 2)
    for instance in (old, new):
        with company.work("zhou") as work:
            task = next(item.task_id for item in tasks.inbox(work) if item.instance_id == instance.id)
            tasks.decide(work, task or 0, "approve")
    assert company.waiting(old.id) == {"b": ["fa"]}
    assert company.waiting(new.id) == {"c": ["feng"]}
    company.publish(SECOND.replace("feng", "boss"))
    company.decide("fa")
    assert company.status(old.id) == "approved"


def test_the_same_text_published_again_is_no_new_version(found: Callable[..., Company]) -> None:
    company = found(FIRST)
    company.publish(FIRST)
    assert company.submit().version == 1


GUARDED = simple("""
  - {approve: a, who: {person: zhou}}
  - update: write
    label: 回写
    record: customer
    set: {credit_limit: amount / term}
    if_changed: stop_and_ask
""")


def test_a_write_back_that_cannot_be_is_an_incident_that_an_admin_retries(found: Callable[..., Company]) -> None:
    write = "  - update: write\n    record: customer\n    set: {name: reason}\n"
    company = found(simple("  - {approve: a, who: {person: zhou}}\n" + write))
    instance = company.submit(reason=None)
    assert company.decide("zhou").status == "running"
    with company.work() as work:
        assert instances.get(work, instance.id).incident == "name: 请填写"
        assert [node.state for node in instances.view(work, instance.id).nodes] == ["done", "done", "stuck"]
    with pytest.raises(AccessDenied), company.work("zhou") as work:
        instances.retry(work, instance.id)
    with company.work(cause=Cause("rule", "repair")) as work:
        records.save(work, "application", {"reason": "新名"}, id=instance.record_id)
    with company.work("admin") as work:
        assert instances.retry(work, instance.id).status == "approved"


def test_a_target_that_others_changed_meanwhile_stops_and_asks(found: Callable[..., Company]) -> None:
    company = found(GUARDED)
    customer = company.customer()
    instance = company.submit(customer=customer)
    with company.work() as work:
        records.save(work, "customer", {"credit_limit": Decimal(7)}, id=customer)
    company.decide("zhou")
    with company.work() as work:
        assert "授信额度在审批期间被修改过" in str(instances.get(work, instance.id).incident)
    assert company.record("customer", customer)["credit_limit"] == Decimal(7)
    with pytest.raises(AccessDenied), company.work("lin") as work:
        instances.retry(work, instance.id)
    with company.work("admin") as work:
        assert instances.retry(work, instance.id, overwrite=True).status == "approved"
    assert company.record("customer", customer)["credit_limit"] == Decimal("1666.67")


BRANCHES = """
  - parallel: checks
    inclusive: true
    if_branch_rejects: RULE
    cases:
      - label: 法务
        when: amount > 100
        steps: [{approve: legal, who: {person: fa}}]
      - label: 风控
        when: amount > 1000
        steps: [{approve: risk, who: {person: feng}}]
      - otherwise: true
        steps: []
  - {approve: last, who: {person: zhao}}
"""


@pytest.mark.parametrize(
    ("amount", "open_steps"),
    [("50", {"last": ["zhao"]}), ("500", {"legal": ["fa"]}), ("5000", {"legal": ["fa"], "risk": ["feng"]})],
)
def test_an_inclusive_block_waits_for_exactly_the_branches_taken(
    found: Callable[..., Company], amount: str, open_steps: dict[str, list[str]]
) -> None:
    company = found(simple(BRANCHES.replace("RULE", "end_flow")))
    instance = company.submit(amount)
    assert company.waiting(instance.id) == open_steps
    for step, (login,) in open_steps.items():
        if step != "last":
            company.decide(login)
    assert company.waiting(instance.id) == {"last": ["zhao"]}


def test_a_rejection_in_a_branch_ends_the_flow(found: Callable[..., Company]) -> None:
    company = found(simple(BRANCHES.replace("RULE", "end_flow")))
    instance = company.submit("5000")
    company.decide("fa", "reject")
    assert company.status(instance.id) == "rejected"
    assert company.open("feng") == []


def test_a_rejection_may_end_only_its_branch(found: Callable[..., Company]) -> None:
    company = found(simple(BRANCHES.replace("RULE", "end_branch")))
    instance = company.submit("5000")
    company.decide("fa", "reject")
    assert company.waiting(instance.id) == {"risk": ["feng"]}
    company.decide("feng")
    assert company.waiting(instance.id) == {"last": ["zhao"]}


def test_a_block_whose_branches_all_reject_is_rejected(found: Callable[..., Company]) -> None:
    company = found(simple(BRANCHES.replace("RULE", "end_branch")))
    instance = company.submit("5000")
    company.decide("fa", "reject")
    company.decide("feng", "reject")
    assert company.status(instance.id) == "rejected"


DECIDE = """
  - decide: auto
    label: 小额自动
    reject: customer.grade == 'd'
    agree: amount <= 1000
    otherwise: OTHERWISE
  - {approve: a, who: {person: zhou}}
"""


@pytest.mark.parametrize(
    ("grade", "amount", "otherwise", "status", "incident"),
    [
        ("b", "1000", "stop", "running", False),
        ("d", "1000", "stop", "rejected", False),
        ("b", "1000.01", "stop", "running", True),
        ("b", "1000.01", "reject", "rejected", False),
    ],
)
def test_a_machine_decides_within_its_bounds(
    found: Callable[..., Company], grade: str, amount: str, otherwise: str, status: str, incident: bool
) -> None:
    company = found(simple(DECIDE.replace("OTHERWISE", otherwise)))
    instance = company.submit(amount, customer=company.customer(grade=grade))
    with company.work() as work:
        stands = instances.get(work, instance.id)
        auto = [line.payload["why"] for line in instances.story(work, instance.id) if line.type == "auto_decided"]
    assert (stands.status, stands.incident is not None) == (status, incident)
    assert bool(auto) != incident


def test_an_endless_way_of_automatic_steps_stops(found: Callable[..., Company]) -> None:
    steps = "".join(f"  - {{update: u{n}, set: {{reason: \"'{n}'\"}}}}\n" for n in range(201))
    company = found(simple(steps))
    instance = company.submit()
    with company.work() as work:
        assert "200" in str(instances.get(work, instance.id).incident)


def test_only_an_admin_ends_an_instance_and_says_why(found: Callable[..., Company]) -> None:
    company = found(FIRST)
    instance = company.submit()
    with pytest.raises(AccessDenied), company.work("zhou") as work:
        instances.terminate(work, instance.id, reason="误提交")
    with pytest.raises(InputError), company.work("admin") as work:
        instances.terminate(work, instance.id, reason=" ")
    with company.work("admin") as work:
        assert instances.terminate(work, instance.id, reason="误提交").status == "terminated"
    assert company.open("zhou") == []
    with pytest.raises(Conflict), company.work("admin") as work:
        instances.terminate(work, instance.id, reason="再次")


def test_urging_is_heard_once_in_half_an_hour(found: Callable[..., Company]) -> None:
    company = found(FIRST)
    instance = company.submit()
    with company.work("lin") as work:
        instances.urge(work, instance.id)
    with pytest.raises(Conflict, match="30 分钟"), company.work("lin") as work:
        instances.urge(work, instance.id)
    company.clock.set(company.clock.now() + timedelta(minutes=30))
    with company.work("lin") as work:
        instances.urge(work, instance.id)
    with pytest.raises(AccessDenied), company.work("wu") as work:
        instances.urge(work, instance.id)


def test_a_new_record_may_start_by_itself(found: Callable[..., Company]) -> None:
    company = found(simple("  - {approve: a, who: {superior: starter}}\n", "start: {auto: true}\n"))
    customer = company.customer()
    with company.work("lin") as work:
        record = records.save(work, "application", {"customer": customer, "amount": Decimal(5), "term": 3})
        (instance,) = instances.of(work, "application", record.id)
    assert company.waiting(instance.id) == {"a": ["xu"]}
    assert instance.title == "流程 华东精工 5.00"


def test_a_flow_that_is_not_enabled_cannot_be_started(found: Callable[..., Company]) -> None:
    company = found(simple("  - {approve: a, who: {person: zhou}}\n", "enabled: amount > 100\n"))
    with pytest.raises(Conflict, match="没有启用"):
        company.submit("100")
    assert company.submit("101").status == "running"


def test_a_start_writes_what_it_says_into_the_new_record(found: Callable[..., Company]) -> None:
    more = "start: {set: {urgent: true, status: running}}\nstatus: {field: status, rejected: withdrawn}\n"
    company = found(simple("  - {approve: a, who: {person: zhou}}\n", more))
    instance = company.submit()
    record = company.record("application", instance.record_id)
    assert (record["urgent"], record["status"], record["applicant"]) == (True, "running", company.id("lin"))
    company.decide("zhou", "reject")
    assert company.record("application", instance.record_id)["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("more", "by", "locked"), [("", "lin", True), ("", "system", False), ("lock: false\n", "lin", False)]
)
def test_what_a_person_submitted_is_locked_unless_the_flow_says_otherwise(
    found: Callable[..., Company], more: str, by: str, locked: bool
) -> None:
    company = found(simple("  - {approve: a, who: {person: zhou}}\n", more))
    customer = company.customer()
    with company.work("lin") as work:
        record = records.save(work, "application", {"customer": customer, "amount": Decimal(5), "term": 3})
    with company.work(by) as work:
        instances.start(work, "credit", record.id)
    try:
        with company.work("lin") as work:
            records.save(work, "application", {"term": 4}, id=record.id)
    except AccessDenied:
        assert locked
    assert company.record("application", record.id)["term"] == (3 if locked else 4)


def test_a_preview_shows_the_way_before_the_start(found: Callable[..., Company]) -> None:
    company = found(simple(BRANCHES.replace("RULE", "end_flow")))
    customer = company.customer()
    with company.work("lin") as work:
        given = {"customer": customer, "amount": Decimal(500), "term": 3}
        record = records.save(work, "application", given)
    with company.work("lin", read=True) as work:
        preview = instances.preview(work, "credit", record.id)
    block, last = preview.nodes
    assert [branch.taken for branch in block.branches] == [True, False, False]
    assert [node.signatures[0].names for node in (block.branches[0].nodes[0], last)] == [("方律师",), ("赵立群",)]
    assert preview.problems == ()


def test_the_tree_shows_what_was_and_what_will_be(found: Callable[..., Company]) -> None:
    steps = """
  - {approve: a, label: 初审, who: {role: finance}, opinion: always}
  - choose: by_amount
    cases:
      - {when: amount <= 100, label: 小额, steps: [{approve: xu, who: {person: xu}}]}
      - {otherwise: true, steps: [{approve: zhao, who: {person: zhao}}]}
"""
    company = found(simple(steps))
    instance = company.submit("500")
    with company.work("lin", read=True) as work:
        start, first, choice = instances.view(work, instance.id).nodes
    assert (start.state, first.state, first.signatures[0].names) == ("done", "current", ("周文博", "许安然"))
    assert [(branch.label, branch.taken) for branch in choice.branches] == [("小额", False), ("其他情况", True)]
    company.clock.set(company.clock.now() + timedelta(hours=2))
    company.decide("anran", opinion="可以")
    with company.work("lin", read=True) as work:
        _, first, choice = instances.view(work, instance.id).nodes
    (signature,) = first.signatures
    assert (first.state, signature.names, signature.opinion) == ("done", ("许安然",), "可以")
    assert signature.took == timedelta(hours=2)
    assert choice.branches[1].nodes[0].state == "current"
    assert choice.branches[0].nodes[0].state == "skipped"
