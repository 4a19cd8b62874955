"""Start an approval and give two approvals, in process, beside the same written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flows import instances, tasks
from tests.bench.measure import Line, interleaved, ms
from tests.bench.stage import Stage
from tests.bench.twin import Approvals


def run(stage: Stage) -> Iterator[Line]:
    count = stage.sizes.approvals
    hand = Approvals(stage.twin)

    def ours() -> None:
        for _ in range(count):
            with stage.app.work(stage.seller) as work:
                values = {"customer": 7, "amount": Decimal("50000.00")}
                started = instances.start(work, "approval", values=values)
            for who in (stage.finance, stage.director):
                with stage.app.work(who) as work:
                    (task,) = [item for item in tasks.inbox(work, "open", 1) if item.task_id is not None]
                    assert task.task_id is not None
                    tasks.decide(work, task.task_id, "approve", opinion="同意")
            with stage.app.work(stage.finance, read=True) as work:
                assert instances.get(work, started.id).status == "approved"

    def theirs() -> None:
        for _ in range(count):
            application = hand.start(7, 5_000_000)
            hand.approve(application, "fin", "finance", "同意")
            hand.approve(application, "dir", "director", "同意")

    taken = interleaved({"guiju": ours, "twin": theirs}, stage.sizes.rounds)
    mine, other = taken["guiju"] / count, taken["twin"] / count
    text = f"{ms(mine)}, {1 / mine:,.0f}/s"
    yield Line("start + 2 approvals, in process", text, f"{ms(other)}, {1 / other:,.0f}/s ORM by hand", mine / other)
