"""A small company with a credit application, on both databases; flows are given as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import people
from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.events import Cause
from engine.people import seed
from engine.principal import SYSTEM
from engine.work import Work
from flows import instances, tasks
from flows.room import ROOM as FLOWS
from forms import records
from forms.room import ROOM as FORMS

FILES = {
    "roles.yaml": """
sales: {label: 销售}
sales_director: {label: 销售总监}
finance: {label: 财务}
cfo: {label: 财务总监}
legal: {label: 法务}
risk: {label: 风控}
admin: {label: 管理员, can: [publish]}
""",
    "forms/customer.yaml": """
label: 客户
title: "{{ name }}"
fields:
  name: {type: text, label: 名称, required: true}
  grade: {type: choice, label: 等级, options: {a: A, b: B, d: D}, default: b}
  credit_limit: {type: money, label: 授信额度, default: 0, write: system}
  credit_term: {type: integer, label: 账期, default: 0, write: system}
  owner: {type: person, label: 销售负责人}
access:
  rows: {sales: all, finance: all, cfo: all, admin: all}
  create: [sales, admin]
  update: [sales, admin]
""",
    "forms/application.yaml": """
label: 授信申请
title: "{{ customer.name }} {{ money(amount) }}"
fields:
  customer: {type: reference, form: customer, label: 客户, required: true}
  amount: {type: money, label: 申请额度, required: true, min: 0.01}
  term: {type: integer, label: 申请账期, required: true}
  reason: {type: long_text, label: 理由}
  urgent: {type: boolean, label: 加急}
  ready_on: {type: date, label: 生效日}
  applicant: {type: person, label: 申请人, default: user, write: system}
  opinion: {type: long_text, label: 财务意见}
  approved_amount: {type: money, label: 批准额度, min: 0}
  approved_term: {type: integer, label: 批准账期}
  status:
    type: choice
    label: 结果
    options: {draft: 草稿, running: 审批中, approved: 已通过, rejected: 已拒绝, withdrawn: 已撤回}
    default: draft
    write: system
access:
  rows: {sales: applicant == user, finance: all, admin: all}
  create: [sales, finance]
  update: [sales]
  delete: [sales]
""",
}
PEOPLE = {
    "departments": {
        "head": {"label": "总部", "head": "boss"},
        "sales": {"label": "销售部", "parent": "head", "head": "xu"},
    },
    "people": {
        "boss": {"name": "高总", "roles": [], "department": "head"},
        "xu": {"name": "许总监", "roles": ["sales_director"], "superior": "boss", "department": "sales"},
        "lin": {"name": "林晓彤", "roles": ["sales"], "superior": "xu", "department": "sales"},
        "wu": {"name": "吴一凡", "roles": ["sales"], "superior": "xu", "department": "sales"},
        "zhou": {"name": "周文博", "roles": ["finance"], "superior": "zhao", "department": "head"},
        "anran": {"name": "许安然", "roles": ["finance"], "superior": "zhao", "department": "head"},
        "zhao": {"name": "赵立群", "roles": ["cfo"], "superior": "boss", "department": "head"},
        "fa": {"name": "方律师", "roles": ["legal"], "superior": "boss", "department": "head"},
        "feng": {"name": "冯控", "roles": ["risk"], "superior": "boss", "department": "head"},
        "admin": {"name": "管理员", "roles": ["admin"], "department": "head"},
    },
}
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 9 o'clock in Shanghai


@dataclass
class Company:
    """The app, and short words for what people do in it."""

    app: App
    clock: SetClock
    root: Path

    @contextmanager
    def work(self, login: str = "system", **more: Any) -> Iterator[Work]:
        principal = SYSTEM
        if login != "system":
            with self.app.work(SYSTEM, read=True) as work:
                principal = people.principal(work, login)
        with self.app.work(principal, cause=more.pop("cause", Cause("page")), **more) as work:
            yield work

    def id(self, login: str) -> int:
        with self.work(read=True) as work:
            return people.find(work, login).id  # type: ignore[union-attr]

    def customer(self, **values: Any) -> int:
        with self.work("lin") as work:
            return records.save(work, "customer", {"name": "华东精工", **values}).id

    def submit(
        self, amount: str = "50000", *, by: str = "lin", flow: str = "credit", **values: Any
    ) -> instances.Instance:
        customer = values.pop("customer", None) or self.customer()
        with self.work(by) as work:
            given = {"customer": customer, "amount": Decimal(amount), "term": 30, "reason": "增长", **values}
            return instances.start(work, flow, values=given)

    def open(self, login: str) -> list[tasks.Item]:
        with self.work(login, read=True) as work:
            return tasks.inbox(work)

    def task(self, login: str, step: str | None = None) -> int:
        items = [item for item in self.open(login) if step is None or self.step(item.task_id) == step]
        assert len(items) == 1, f"{login} has {[(i.title, i.label) for i in items]}"
        return int(items[0].task_id or 0)

    def step(self, task: int | None) -> str | None:
        with self.work(read=True) as work:
            return work.execute(tasks.table.select().where(tasks.table.c.id == task)).one().step

    def decide(self, login: str, decision: str = "approve", *, step: str | None = None, **more: Any) -> tasks.Answer:
        task = more.pop("task", None) or self.task(login, step)
        with self.work(login) as work:
            return tasks.decide(work, task, decision, **more)

    def status(self, id: int) -> str:
        with self.work() as work:
            return instances.get(work, id).status

    def record(self, form: str, id: int) -> Mapping[str, Any]:
        with self.work() as work:
            return records.get(work, form, id).values

    def waiting(self, id: int) -> dict[str, list[str]]:
        """The open steps of an instance, with the logins of who is asked."""
        found: dict[str, list[str]] = {}
        with self.work() as work:
            names = {person.id: person.login for person in people.everyone(work)}
            rows = work.execute(
                tasks.table.select().where(tasks.table.c.instance_id == id, tasks.table.c.status == "open")
            )
            for row in rows:
                found.setdefault(row.step, []).append(names.get(row.assignee_id, "pool"))
        return found

    def types(self, id: int) -> list[str]:
        with self.work() as work:
            return [line.type for line in instances.story(work, id)]

    def publish(self, flow: str, id: str = "credit") -> None:
        from engine.catalog import Catalog

        (self.root / f"flows/{id}.yaml").write_text(flow, encoding="utf-8")
        self.app.publish(Catalog.load(self.root, [*FORMS.kinds, *FLOWS.kinds]))


@pytest.fixture
def found(database: Database, folder: Callable[[dict[str, str]], Path]) -> Callable[..., Company]:
    """Found the company with one flow, `credit`, and more files where they are needed."""

    def build(flow: str, **more: str) -> Company:
        files = {
            **FILES,
            "flows/credit.yaml": flow,
            **{name.replace("__", "/") + ".yaml": text for name, text in more.items()},
        }
        root = folder(files)
        clock = SetClock(START)
        app = App.open(root, database, [FORMS, FLOWS], clock)
        with app.work(SYSTEM) as work:
            seed.load(work, PEOPLE)
        return Company(app, clock, root)

    return build
