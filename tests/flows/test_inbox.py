"""The inbox, and single to-dos that rules open outside any flow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import notices
from engine.errors import AccessDenied, Conflict, InputError
from engine.events import Event
from flows import tasks, timers
from forms import records
from tests.flows.conftest import Company

FLOW = """
label: 收件箱
form: application
title: "{{ amount }}"
steps:
  - {approve: a, label: 初审, who: {role: finance}, limit: [{after: HOURS hours, remind: true}]}
  - {approve: b, who: {person: zhao}, opinion: always}
finally:
  - {copy: tell, to: {person: fa}}
"""
LOG = """
label: 沟通记录
title: "{{ note }}"
fields:
  customer: {type: reference, form: customer, label: 客户, required: true}
  note: {type: text, label: 内容}
access: {rows: {sales: all}, create: [sales]}
"""


@pytest.fixture
def company(found: Callable[..., Company]) -> Company:
    return found(FLOW.replace("HOURS", "4"), forms__log=LOG)


def test_open_tasks_come_by_deadline_and_page_by_cursor(company: Company) -> None:
    for amount in ("1", "2", "3"):
        company.submit(amount)
        company.clock.set(company.clock.now() - timedelta(hours=1))
    with company.work("lin") as work:
        tasks.open(work, kind="call", title="没有期限", to=[company.id("zhou")])
    seen: list[str] = []
    after = None
    while True:
        with company.work("zhou", read=True) as work:
            page = tasks.inbox(work, limit=1, after=after)
        if not page:
            break
        seen.append(page[0].title)
        after = page[0].cursor
    assert seen == ["3.00", "2.00", "1.00", "没有期限"]


def test_each_tab_shows_its_own(company: Company) -> None:
    company.submit("10")
    company.submit("20")
    with company.work("lin", read=True) as work:
        assert [item.title for item in tasks.inbox(work, "started")] == ["20.00", "10.00"]
        assert tasks.counts(work)["started"] == 2
    done = company.open("zhou")[0]
    company.decide("zhou", task=done.task_id)
    with company.work("zhou", read=True) as work:
        assert [(item.title, item.decision, item.status) for item in tasks.inbox(work, "done")] == [
            (done.title, "approve", "running")
        ]
    with pytest.raises(InputError), company.work("zhou", read=True) as work:
        tasks.inbox(work, "all")
    with pytest.raises(InputError), company.work("zhou", read=True) as work:
        tasks.inbox(work, after="yesterday~x")


def test_everybody_is_told_with_a_link(company: Company) -> None:
    instance = company.submit("10")
    task = company.task("zhou")
    for login in ("zhou", "anran"):
        with company.work(login, read=True) as work:
            assert [(note.title, note.link, note.kind) for note in notices.mine(work)] == [
                ("待审批: 10.00", f"/tasks/{task}", "todo")
            ]
    company.decide("zhou")
    company.decide("zhao", "reject", opinion="不行")
    with company.work("fa", read=True) as work:
        assert [(note.title, note.link) for note in notices.mine(work)] == [
            ("抄送: 10.00 (已拒绝)", f"/instances/{instance.id}")
        ]
    with company.work("lin", read=True) as work:
        assert [note.title for note in notices.mine(work)] == ["已拒绝: 10.00"]


def test_a_batch_decides_each_for_itself(company: Company) -> None:
    first, second = company.submit("1"), company.submit("2")
    assert [item.batch for item in company.open("zhou")] == [True, True]
    ids = [item.task_id or 0 for item in company.open("zhou")]
    company.decide("anran", task=ids[0])
    with company.work("zhou") as work:
        answers = tasks.decide_many(work, [*ids, 10**6], "approve", key="batch")
    assert [answer.error for answer in answers] == ["已由许安然处理: 同意", None, "没有这个待办"]
    assert company.waiting(first.id) == company.waiting(second.id) == {"b": ["zhao"]}
    assert [item.batch for item in company.open("zhao")] == [False, False]
    with company.work("zhao") as work:
        (answer, _) = tasks.decide_many(work, [item.task_id or 0 for item in tasks.inbox(work)], "approve")
    assert answer.error == "opinion: 请填写审批意见"


def open_call(company: Company, **more: object) -> tuple[int | None, int]:
    customer = company.customer()
    with company.work() as work:
        given = {"kind": "call", "title": "联系华东精工", "to": [company.id("lin")], "record": ("customer", customer)}
        return tasks.open(work, **{**given, **more}), customer  # type: ignore[arg-type]


def test_a_rule_opens_one_task_for_one_source(company: Company) -> None:
    first, customer = open_call(company, source="overdue:7:1")
    assert first is not None
    assert open_call(company, source="overdue:7:1")[0] is None
    (item,) = company.open("lin")
    assert (item.task_id, item.title, item.form, item.record_id) == (first, "联系华东精工", "customer", customer)
    with company.work("lin", read=True) as work:
        assert tasks.get(work, first).actions == ("finish",)
    with pytest.raises(AccessDenied), company.work("zhou", read=True) as work:
        tasks.get(work, first)


def test_a_task_is_finished_once_with_one_of_its_results(company: Company) -> None:
    heard: list[Event] = []
    company.app.subscribers = (*company.app.subscribers, lambda work, event: heard.append(event))
    task, _ = open_call(company, options={"phone": "电话", "visit": "上门"})
    assert task is not None
    with pytest.raises(InputError, match="电话、上门"), company.work("lin") as work:
        tasks.finish(work, task)
    with pytest.raises(AccessDenied), company.work("wu") as work:
        tasks.finish(work, task, "phone")
    with company.work("lin") as work:
        tasks.finish(work, task, "visit", "约定周三")
    with pytest.raises(Conflict, match="林晓彤"), company.work("lin") as work:
        tasks.finish(work, task, "visit")
    assert [event.data["result"] for event in heard if event.name == "task.finished"] == ["visit"]


def test_a_task_may_ask_for_a_record_first(company: Company) -> None:
    task, customer = open_call(company, require_record={"form": "log", "via": "customer"})
    assert task is not None
    with pytest.raises(InputError, match="沟通记录"), company.work("lin") as work:
        tasks.finish(work, task)
    with company.work("lin") as work:
        records.save(work, "log", {"customer": customer, "note": "已联系"})
        tasks.finish(work, task)
    assert company.open("lin") == []


@pytest.mark.parametrize("to", ["sales", "people"])
def test_a_task_for_several_is_taken_by_one(company: Company, to: str) -> None:
    whom: object = "sales" if to == "sales" else [company.id("lin"), company.id("wu")]
    task, _ = open_call(company, to=whom)
    assert company.task("lin") == company.task("wu") == task
    with company.work("wu") as work:
        tasks.finish(work, task or 0)
    assert company.open("lin") == []


def test_a_task_for_nobody_reaches_an_admin(company: Company) -> None:
    task, _ = open_call(company, to=[None])
    assert company.task("admin") == task


def test_tasks_close_when_their_reason_is_gone(company: Company) -> None:
    _, customer = open_call(company)
    with company.work() as work:
        tasks.open(work, kind="letter", title="催款函", to="finance", record=("customer", customer))
        assert tasks.close(work, record=("customer", customer), kind="call", reason="paid") == 1
        assert tasks.close(work, record=("customer", customer), reason="paid") == 1
        assert tasks.close(work, record=("customer", customer), reason="paid") == 0
    assert company.open("lin") == company.open("zhou") == []


def test_closing_leaves_approvals_alone(company: Company) -> None:
    instance = company.submit()
    with company.work() as work:
        assert tasks.close(work, record=("application", instance.record_id), reason="paid") == 0


def test_a_late_task_is_told_once(company: Company) -> None:
    heard: list[Event] = []
    company.app.subscribers = (*company.app.subscribers, lambda work, event: heard.append(event))
    open_call(company, due=company.clock.now() + timedelta(hours=2))
    for _ in range(3):
        company.clock.set(company.clock.now() + timedelta(hours=1))
        timers.run_due(company.app)
    assert [event.data["kind"] for event in heard if event.name == "task.overdue"] == ["call"]
    assert company.open("lin")[0].overdue
