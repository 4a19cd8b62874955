"""Decisions in a scenario: what somebody answers to a task of a flow, found by its step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from flows import tasks
from flows.flow import START
from flows.tables import instance
from flows.tables import task as table
from ui.scenarios.acts.base import ID, RECORD, Act, act_types
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage

STEP = {**ID, "description": "流程步骤 / the step of the flow, `start` for what came back to its starter"}
OF = {"of": {**RECORD, "description": "哪条记录的, 表单.记录名 / of which record, where several wait"}}
LOGIN = {"type": "string", "minLength": 1}


class Decision(Act):
    """Base of the answers: the word behind the act is the step of the flow."""

    schema = STEP
    options = {
        "values": {"type": "object", "description": "同时填写的字段 / fields that are filled in with it"},
        "opinion": {"type": "string", "description": "审批意见 / opinion"},
        **OF,
    }

    def link(self, names: Names, step: Step) -> None:
        link_task(names, step, self.name)
        names.values(step.given, step.options.get("values", {}), step.path("values"))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        with stage.work(step.who) as work:
            id = waiting(work, stage, step)
            form = work.execute(select(instance.c.form).join(table).where(table.c.id == id)).scalar_one()
            values = stage.values(form, step.options.get("values", {}))
            more: dict[str, Any] = {"to": step.options["to"]} if "to" in step.options else {}
            tasks.decide(work, id, self.name, opinion=step.options.get("opinion", ""), values=values, **more)
        return ()


@act_types.register("approve")
class Approve(Decision):
    """Agree.

    - {as: li, approve: finance_review, values: {finance_opinion: 回款良好}, opinion: 同意}
    """


@act_types.register("reject")
class Reject(Decision):
    """Turn down.

    - {as: li, reject: finance_review, opinion: 资料不全}
    """


@act_types.register("abstain")
class Abstain(Decision):
    """Give no vote, where votes are counted.

    - {as: li, abstain: committee}
    """


@act_types.register("resubmit")
class Resubmit(Decision):
    """Submit again what came back.

    - {as: wang, resubmit: start, values: {amount: 30000}}
    """


@act_types.register("return")
class Return(Decision):
    """Send back, to the start or to an earlier step.

    - {as: li, return: finance_review, to: start, opinion: 补充报表}
    """

    options = {**Decision.options, "to": {**ID, "description": "退回到 / start, previous or a step"}}


@act_types.register("claim")
class Claim(Act):
    """Take a task of a pool for oneself.

    - {as: li, claim: finance_review}
    """

    schema = STEP
    options = OF

    def link(self, names: Names, step: Step) -> None:
        link_task(names, step, self.name)

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        with stage.work(step.who) as work:
            tasks.claim(work, waiting(work, stage, step))
        return ()


@act_types.register("transfer")
class Transfer(Act):
    """Hand a task to somebody else.

    - {as: li, transfer: finance_review, to: xu}
    """

    schema = STEP
    options = {
        **OF,
        "to": {**LOGIN, "description": "转给谁 / login"},
        "opinion": {"type": "string", "description": "说明 / why"},
    }

    def link(self, names: Names, step: Step) -> None:
        link_task(names, step, self.name)
        names.person(step.options.get("to", ""), step.path("to"))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        with stage.work(step.who) as work:
            to = stage.person(step.options["to"])
            tasks.transfer(work, waiting(work, stage, step), to, opinion=step.options.get("opinion", ""))
        return ()


def link_task(names: Names, step: Step, word: str) -> None:
    """Check the step of the flow that a decision names, and the record where one is named."""
    if step.given != START:
        names.flow_step(step.given, step.path(word))
    if "of" in step.options:
        names.record(step.options["of"], step.path("of"))


def waiting(work: Work, stage: Stage, step: Step) -> int:
    """The task at this step that the acting person has; else one that is or was there, for the engine to refuse."""
    asked = select(table.c.id, table.c.status).join(instance).where(table.c.step == step.given).order_by(table.c.id)
    if "of" in step.options:
        form, key = step.options["of"].split(".", 1)
        asked = asked.where(instance.c.form == form, instance.c.record_id == stage.id_of(form, key))
    rows = work.execute(asked).all()
    mine = {item.task_id for item in tasks.inbox(work, limit=200)}
    held = [row.id for row in rows if row.status == "open" and row.id in mine]
    if len(held) > 1:
        raise StepFailed(
            f"{step.who} has {len(held)} tasks at {step.given}; say which with `of: form.name`", step.mark()
        )
    if not rows:
        raise StepFailed(f"no task at {step.given}", step.mark(), stage.open_tasks())
    return int(held[0] if held else next((row.id for row in rows if row.status == "open"), rows[-1].id))
