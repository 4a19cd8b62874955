"""Routing: which step a record reaches, and what is written when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from flows import instances
from tests.flows.conftest import Company

CREDIT = """
label: 客户授信申请
form: application
title: "{{ customer.name }} 申请额度 {{ money(amount) }}"
start: {who: {role: sales}, edit: [amount, term, reason]}
status: status
steps:
  - approve: finance_review
    label: 财务初审
    who: {role: finance}
    fields: {edit: [opinion, approved_amount, approved_term], require: [approved_amount, approved_term]}
  - choose: by_amount
    label: 按申请额度
    cases:
      - when: amount <= 50000
        steps: [{approve: sales_director, label: 销售总监审批, who: {role: sales_director}, opinion: on_reject}]
      - otherwise: true
        steps: [{approve: cfo, label: 财务总监审批, who: {role: cfo}, opinion: always}]
  - update: write_back
    label: 回写客户额度
    record: customer
    set: {credit_limit: approved_amount, credit_term: approved_term}
finally:
  - copy: tell_all
    to: [starter, {role: sales}, {role: finance}]
"""
REVIEW = {"values": {"approved_amount": Decimal(40000), "approved_term": 30}}


@pytest.mark.parametrize(("amount", "step", "who"), [("50000", "sales_director", "xu"), ("50000.01", "cfo", "zhao")])
def test_the_amount_chooses_the_approver(found: Callable[..., Company], amount: str, step: str, who: str) -> None:
    company = found(CREDIT)
    instance = company.submit(amount)
    assert company.waiting(instance.id) == {"finance_review": ["pool"]}
    company.decide("zhou", **REVIEW)
    assert company.waiting(instance.id) == {step: [who]}
    company.decide(who, opinion="同意")
    assert company.status(instance.id) == "approved"


def test_approval_writes_back_and_everybody_gets_a_copy(found: Callable[..., Company]) -> None:
    company = found(CREDIT)
    customer = company.customer()
    instance = company.submit("50000", customer=customer)
    company.decide("anran", values={"approved_amount": Decimal("45000.50"), "approved_term": 45})
    company.decide("xu")
    assert company.record("customer", customer)["credit_limit"] == Decimal("45000.50")
    assert company.record("customer", customer)["credit_term"] == 45
    assert company.record("application", instance.record_id)["status"] == "approved"
    for login in ("lin", "wu", "zhou", "anran"):
        with company.work(login) as work:
            assert instances.get(work, instance.id).status == "approved"


def test_rejection_leaves_the_customer_and_still_copies(found: Callable[..., Company]) -> None:
    from flows import tasks

    company = found(CREDIT)
    customer = company.customer()
    instance = company.submit("80000", customer=customer)
    company.decide("zhou", **REVIEW)
    company.decide("zhao", "reject", opinion="额度过高")
    assert company.status(instance.id) == "rejected"
    assert company.record("customer", customer)["credit_limit"] == Decimal("0.00")
    assert company.record("application", instance.record_id)["status"] == "rejected"
    for login in ("lin", "wu", "zhou", "anran"):
        with company.work(login) as work:
            assert [item.title for item in tasks.inbox(work, "copied")] == ["华东精工 申请额度 80,000.00"]
