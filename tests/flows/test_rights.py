"""Rights: what a step may change, must fill and does not see; and that nobody else changes it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.errors import AccessDenied, Conflict, InputError, NotFound
from flows import instances, tasks
from forms import records
from tests.flows.conftest import Company

FLOW = """
label: 字段
form: application
steps:
  - approve: finance
    who: [{person: zhou}, {person: anran}]
    sign: all
    opinion: OPINION
    fields: {edit: [opinion, approved_term], require: [approved_amount], hidden: [reason]}
"""


@pytest.fixture
def company(found: Callable[..., Company]) -> Company:
    return found(FLOW.replace("OPINION", "on_reject"))


def test_a_step_changes_its_own_fields_and_no_others(company: Company) -> None:
    instance = company.submit()
    with pytest.raises(AccessDenied, match="申请额度"):
        company.decide("zhou", values={"amount": Decimal(1), "approved_amount": Decimal(1)})
    company.decide("zhou", values={"approved_amount": Decimal(900), "opinion": "可行"})
    record = company.record("application", instance.record_id)
    assert (record["amount"], record["approved_amount"], record["opinion"]) == (Decimal(50000), Decimal(900), "可行")


def test_a_required_field_must_be_filled_before_agreeing_but_not_before_rejecting(company: Company) -> None:
    instance = company.submit()
    with pytest.raises(InputError) as refused:
        company.decide("zhou")
    assert refused.value.fields == {"approved_amount": ["请填写批准额度"]}
    assert company.waiting(instance.id) == {"finance": ["zhou", "anran"]}
    company.decide("zhou", "reject", opinion="资料不全")
    assert company.status(instance.id) == "rejected"


@pytest.mark.parametrize(
    ("rule", "decision", "refused"),
    [
        ("never", "approve", False),
        ("never", "reject", False),
        ("on_reject", "approve", False),
        ("on_reject", "reject", True),
        ("always", "approve", True),
    ],
)
def test_when_an_opinion_is_needed(found: Callable[..., Company], rule: str, decision: str, refused: bool) -> None:
    company = found(FLOW.replace("OPINION", rule))
    company.submit()
    values = {"approved_amount": Decimal(1)} if decision == "approve" else {}
    if refused:
        with pytest.raises(InputError) as error:
            company.decide("zhou", decision, values=values, opinion="  ")
        assert list(error.value.fields) == ["opinion"]
    else:
        assert company.decide("zhou", decision, values=values).decision == decision


@pytest.mark.parametrize(
    ("given", "at"),
    [({"opinion": "好" * 5001}, "opinion"), ({"opinion": "a\0b"}, "opinion"), ({"key": "k" * 81}, "key")],
)
def test_words_that_cannot_be_kept_are_refused(company: Company, given: dict[str, str], at: str) -> None:
    company.submit()
    with pytest.raises(InputError) as refused:
        company.decide("zhou", "reject", **given)
    assert list(refused.value.fields) == [at]
    assert company.decide("zhou", "reject", opinion="行一\n" + "好" * 2000).decision == "reject"


@pytest.mark.parametrize("id", [0, -1, 10**6, 2**63, 10**30])
def test_what_is_not_there_is_not_found(company: Company, id: int) -> None:
    for call in (tasks.get, tasks.finish, tasks.claim, instances.get, instances.view, instances.withdraw):
        with pytest.raises(NotFound), company.work("zhou") as work:
            call(work, id)


def test_the_page_knows_what_is_hidden_and_what_can_be_changed(company: Company) -> None:
    company.submit()
    task = company.task("zhou")
    with company.work("zhou", read=True) as work:
        detail = tasks.get(work, task)
        assert detail.record is not None
        with pytest.raises(AccessDenied):
            detail.record["reason"]
        assert "reason" not in detail.record.values
        assert detail.record["amount"] == Decimal(50000)
    assert detail.hidden == {"reason"}
    assert detail.edit == ("opinion", "approved_amount", "approved_term")
    assert detail.require == ("approved_amount",)
    assert detail.actions == ("approve", "reject", "return", "transfer", "add_signer")
    assert detail.return_to == {"start": "提交申请"}


def test_different_fields_merge_and_the_same_field_is_looked_at_first(company: Company) -> None:
    instance = company.submit()
    seen = company.record("application", instance.record_id)
    assert seen["approved_amount"] is None
    with company.work() as work:
        version = records.get(work, "application", instance.record_id).version
    company.decide("zhou", values={"approved_amount": Decimal(900)}, version=version)
    with pytest.raises(Conflict, match="周文博刚刚修改了批准额度"):
        company.decide("anran", values={"approved_amount": Decimal(800)}, version=version)
    company.decide("anran", values={"approved_term": 45}, version=version)
    record = company.record("application", instance.record_id)
    assert (record["approved_amount"], record["approved_term"]) == (Decimal(900), 45)


def test_nobody_changes_or_deletes_a_record_that_is_being_decided(company: Company) -> None:
    instance = company.submit()
    for login in ("lin",):
        with pytest.raises(AccessDenied, match="审批中"), company.work(login) as work:
            records.save(work, "application", {"term": 90}, id=instance.record_id)
        with pytest.raises(AccessDenied, match="审批中"), company.work(login) as work:
            records.delete(work, "application", instance.record_id)
    company.decide("zhou", "reject", opinion="不同意")
    with company.work("lin") as work:
        records.save(work, "application", {"term": 90}, id=instance.record_id)


def test_every_decision_keeps_the_form_as_it_was_seen(company: Company) -> None:
    from sqlalchemy import select

    from flows.tables import flow_event, snapshot

    instance = company.submit()
    company.decide("zhou", values={"approved_amount": Decimal(900)})
    company.decide("anran", values={"approved_amount": Decimal(800)})
    with company.work() as work:
        decided = select(flow_event.c.record_version).where(flow_event.c.type == "decided").order_by(flow_event.c.seq)
        versions = list(work.execute(decided).scalars())
        kept = {row.record_version: row.data["approved_amount"] for row in work.execute(select(snapshot))}
    assert [kept[version] for version in versions] == ["900.00", "800.00"]
    assert instance.id
