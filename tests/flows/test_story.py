"""The story: only ever added to, and enough to tell the state from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from flows import tasks
from flows.fold import fold
from flows.tables import flow_event, snapshot
from flows.tables import instance as instances_table
from tests.flows.conftest import Company

FLOW = """
label: 全部
form: application
defaults: {skip_repeat: any, resubmit: replay}
steps:
  - approve: a
    who: [{person: zhou}, {person: anran}]
    sign: all
  - parallel: checks
    cases:
      - steps: [{approve: b, who: {role: finance}}]
      - steps: [{approve: c, who: {person: fa}}]
  - {approve: d, who: {person: zhou}}
"""


def check(company: Company, id: int) -> None:
    """The folded story equals the tables."""
    with company.work() as work:
        folded = fold(work, id)
        table = tasks.table
        rows = work.execute(select(table).where(table.c.instance_id == id))
        assert {task: (t["status"], t["assignee"], t["decision"]) for task, t in folded.tasks.items()} == {
            row.id: (row.status, row.assignee_id, row.decision) for row in rows
        }
        assert (
            folded.status == work.execute(select(instances_table.c.status).where(instances_table.c.id == id)).scalar()
        )


def test_the_story_folds_to_the_same_state(found: Callable[..., Company]) -> None:
    company = found(FLOW)
    instance = company.submit()
    check(company, instance.id)
    with company.work("zhou") as work:
        tasks.add_signer(work, company.task("zhou"), [company.id("feng")], "before")
    check(company, instance.id)
    for login in ("feng", "zhou", "anran"):
        company.decide(login)
        check(company, instance.id)
    task = company.task("anran")
    with company.work("anran") as work:
        tasks.claim(work, task)
    check(company, instance.id)
    with company.work("anran") as work:
        tasks.release(work, task)
    with company.work("fa") as work:
        tasks.transfer(work, company.task("fa"), company.id("boss"))
    company.decide("boss", "return", opinion="?")
    check(company, instance.id)
    company.decide("lin", "resubmit")
    for login, step in (("zhou", "a"), ("anran", "a"), ("zhou", "b"), ("fa", "c")):
        company.decide(login, step=step)
        check(company, instance.id)
    assert company.status(instance.id) == "approved"


@pytest.mark.parametrize("table", [flow_event, snapshot], ids=lambda table: table.name)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_rewrites_the_story(found: Callable[..., Company], table: object, change: str) -> None:
    company = found(FLOW)
    company.submit()
    statement = delete(table) if change == "delete" else update(table).values(record_version=1)  # type: ignore[arg-type]
    with pytest.raises(DBAPIError, match="only added to"), company.work() as work:
        work.execute(statement)
