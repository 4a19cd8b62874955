"""Walks: random flows, random people doing random things; nothing may hang, and the story always tells the state."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.errors import GuijuError
from engine.people import seed as people_seed
from engine.principal import SYSTEM
from flows import instances, tasks
from flows.fold import fold
from flows.room import ROOM as FLOWS
from flows.tables import visit
from forms.room import ROOM as FORMS
from tests.flows.conftest import FILES, PEOPLE, START, Company

LOGINS = ("xu", "zhou", "anran", "zhao", "fa", "feng", "boss", "lin", "admin")
WHO = (
    "{person: zhou}",
    "{role: finance}",
    "[{person: xu}, {person: fa}]",
    "{superior: starter}",
    "starter",
    "{role: risk}",
)
SIGN = ("any", "all", "sequence", "{vote: {percent: 60}}")


class Author:
    """Writes a random flow."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.count = chance, 0

    def steps(self, depth: int, indent: str) -> str:
        return "".join(self.step(depth, indent) for _ in range(self.chance.randint(1, 3)))

    def step(self, depth: int, indent: str) -> str:
        self.count += 1
        kind = self.chance.choice(
            ["approve", "approve", "approve", "update", "copy", *(["choose", "parallel"] * (depth < 2))]
        )
        head = f"{indent}- {kind}: s{self.count}\n{indent}  "
        if kind == "approve":
            mode = self.chance.choice(["straight_back", "replay"])
            repeat = self.chance.choice(["none", "consecutive", "any"])
            refuse = self.chance.choice(["", f"\n{indent}  on_reject: {{return: start}}"])
            options = {"sign": self.chance.choice(SIGN), "resubmit": mode, "skip_repeat": repeat}
            rest = "".join(f"\n{indent}  {key}: {value}" for key, value in options.items())
            return f"{head}who: {self.chance.choice(WHO)}{rest}{refuse}\n"
        if kind == "update":
            return f"{head}set: {{reason: \"'{self.count}'\"}}\n"
        if kind == "copy":
            return f"{head}to: [starter, {{role: legal}}]\n"
        return f"{head}{self.block(kind, depth, indent)}"

    def block(self, kind: str, depth: int, indent: str) -> str:
        inner = f"{indent}        "
        if kind == "choose":
            heads = [f"when: amount > {self.chance.choice([10, 90000])}", "otherwise: true"]
            more = ""
        else:
            heads = ["label: 一", "label: 二"]
            more = f"{indent}  if_branch_rejects: {self.chance.choice(['end_flow', 'end_branch'])}\n"
        cases = "".join(f"{indent}    - {head}\n{indent}      steps:\n{self.steps(depth + 1, inner)}" for head in heads)
        return f"cases:\n{cases}{more}"


def act(company: Company, chance: random.Random, id: int) -> None:
    """Somebody does something, allowed or not."""
    login = chance.choice(LOGINS)
    with company.work(login) as work:
        open_tasks = [item for item in tasks.inbox(work) if item.instance_id == id]
    if not open_tasks:
        return
    task = chance.choice(open_tasks)
    what = chance.choice(["approve"] * 8 + ["reject", "return", "return", "transfer", "before", "after", "parallel"])
    other = company.id(chance.choice(LOGINS))
    try:
        with company.work(login) as work:
            if task.kind == "revise":
                tasks.decide(work, task.task_id or 0, "resubmit", values={"amount": chance.choice([5, 50, 99999])})
            elif what == "transfer":
                tasks.transfer(work, task.task_id or 0, other)
            elif what in tasks.WHEN:
                tasks.add_signer(work, task.task_id or 0, [other], what)
            else:
                to = chance.choice([None, "start", "previous"]) if what == "return" else None
                tasks.decide(work, task.task_id or 0, what, opinion="意见", to=to)
    except GuijuError:
        pass


def check(company: Company, id: int) -> str:
    """What holds at rest, whatever happened before."""
    with company.work() as work:
        stands = instances.get(work, id)
        rows = work.execute(select(tasks.table).where(tasks.table.c.instance_id == id)).all()
        visits = work.execute(select(visit).where(visit.c.instance_id == id)).all()
        folded = fold(work, id)
        instances.view(work, id)
    live = [row for row in rows if row.status in ("open", "waiting")]
    assert stands.incident is None
    if stands.status in ("running", "returned"):
        assert any(row.status == "open" for row in live), "it hangs: nobody can act"
    else:
        assert not live and not [row for row in visits if row.status == "open"]
    for row in visits:
        own = [task for task in rows if task.visit_id == row.id]
        if row.status == "open":
            assert row.live == sum(task.status in ("open", "waiting") for task in own)
        assert row.agreed == sum(task.status == "done" and task.decision == "approve" for task in own)
    assert folded.status == stands.status
    assert {task: told["status"] for task, told in folded.tasks.items()} == {row.id: row.status for row in rows}
    return stands.status


@pytest.mark.parametrize("number", range(12))
def test_nothing_hangs_and_the_story_tells_all(
    number: int, folder: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    chance = random.Random(number)
    flow = f"label: 随机\nform: application\nstart: {{who: {{role: sales}}}}\nsteps:\n{Author(chance).steps(0, '  ')}"
    root = folder({**FILES, "flows/credit.yaml": flow})
    app = App.open(root, Database(f"sqlite:///{tmp_path}/walk.sqlite3"), [FORMS, FLOWS], SetClock(START))
    with app.work(SYSTEM) as work:
        people_seed.load(work, PEOPLE)
    company = Company(app, SetClock(START), tmp_path)
    customer = company.customer()
    for _ in range(3):
        id = company.submit(str(chance.choice([5, 50, 99999])), customer=customer).id
        for _ in range(60):
            if check(company, id) not in ("running", "returned"):
                break
            act(company, chance, id)
    app.close()
