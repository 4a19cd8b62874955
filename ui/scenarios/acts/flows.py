"""Flows in a scenario: start one, take it back, urge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flows import instances
from ui.scenarios.acts.base import RECORD, Act, act_types
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


@act_types.register("start")
class Start(Act):
    """Start a flow, with a new record that gets a name, or on one that is there.

    - as: wang
      start: {credit_application: {first: {customer: acme, amount: 50000}}}
    - {as: wang, start: {over_limit_order: so1}}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "description": "记录名 / the name of the record"},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": {"type": "object"},
                    "description": "记录名 → 字段 / a name for the new record, then its fields",
                },
            ]
        },
        "description": "流程 → 记录 / flow, then the record that it is about",
    }

    def link(self, names: Names, step: Step) -> None:
        (flow, what), *_ = step.given.items()
        form = names.flow(flow, step.path(self.name, flow))
        if form is None:
            return
        if isinstance(what, str):
            names.record(f"{form.id}.{what}", step.path(self.name, flow))
        else:
            for key, given in what.items():
                names.fields(form, given, step.path(self.name, flow, key))
                if step.refused is None:
                    names.made(form.id, key)

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        (flow, what), *_ = step.given.items()
        form = stage.catalog["flow"][flow].form.id
        with stage.work(step.who) as work:
            if isinstance(what, Mapping):
                (key, given), *_ = what.items()
                made = instances.start(work, flow, values=stage.values(form, given))
                stage.name(form, key, made.record_id)
            else:
                instances.start(work, flow, stage.id_of(form, what))
        return ()


class OnInstance(Act):
    """Base of what is done to a running instance, found by its record."""

    schema = RECORD

    def link(self, names: Names, step: Step) -> None:
        names.record(step.given, step.path(self.name))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        form, key = step.given.split(".", 1)
        with stage.work(step.who) as work:
            found = instances.of(work, form, stage.id_of(form, key))
            if not found:
                raise StepFailed(f"{step.given} is in no flow", step.mark(self.name))
            self.act(work, found[0].id)
        return ()

    def act(self, work: Work, id: int) -> None:
        raise NotImplementedError


@act_types.register("withdraw")
class Withdraw(OnInstance):
    """Take an application back.

    - {as: wang, withdraw: credit_application.first}
    """

    def act(self, work: Work, id: int) -> None:
        instances.withdraw(work, id)


@act_types.register("urge")
class Urge(OnInstance):
    """Remind whoever has it.

    - {as: wang, urge: credit_application.first}
    """

    def act(self, work: Work, id: int) -> None:
        instances.urge(work, id)
