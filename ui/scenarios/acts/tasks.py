"""Single tasks in a scenario: saying that what a rule asked for is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from flows import tasks
from flows.tables import task as table
from ui.scenarios.acts.base import ID, Act, act_types
from ui.scenarios.acts.decisions import OF
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


@act_types.register("finish")
class Finish(Act):
    """Finish a to-do that a rule opened, found by its kind.

    - {as: wang, finish: due_soon, result: promised, note: 周五付款}
    """

    schema = {**ID, "description": "任务类型 / the kind of the task"}
    options = {
        "result": {"type": "string", "description": "结果 / one of its results"},
        "note": {"type": "string", "description": "说明 / note"},
        **OF,
    }

    def link(self, names: Names, step: Step) -> None:
        names.task_kind(step.given, step.path(self.name))
        if "of" in step.options:
            names.record(step.options["of"], step.path("of"))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        asked = select(table.c.id, table.c.status).where(table.c.kind == step.given, table.c.instance_id.is_(None))
        if "of" in step.options:
            form, key = step.options["of"].split(".", 1)
            asked = asked.where(table.c.form == form, table.c.record_id == stage.id_of(form, key))
        with stage.work(step.who) as work:
            rows = work.execute(asked.order_by(table.c.id)).all()
            if not rows:
                raise StepFailed(f"no task of kind {step.given}", step.mark(self.name), stage.open_tasks())
            mine = {item.task_id for item in tasks.inbox(work, limit=200)}
            id = next((row.id for row in rows if row.id in mine), rows[-1].id)
            tasks.finish(work, id, step.options.get("result"), step.options.get("note", ""))
        return ()
