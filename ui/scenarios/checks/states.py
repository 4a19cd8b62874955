"""How flows stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.principal import SYSTEM
from flows import instances
from ui.scenarios import seen
from ui.scenarios.acts.base import RECORD
from ui.scenarios.checks.base import Check, Difference, check_types

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Path, Step
    from ui.scenarios.stage import Stage

STATES = ("running", "returned", "approved", "rejected", "withdrawn", "terminated")


@check_types.register("flows")
class Flows(Check):
    """The state of the newest flow of a record.

    expect: {flows: {credit_application.first: approved}}
    """

    schema = {
        "type": "object",
        "patternProperties": {RECORD["pattern"]: {"enum": list(STATES)}},
        "additionalProperties": False,
        "minProperties": 1,
        "description": "表单.记录名 → 流程状态 / form.name, then the state of its flow",
    }

    def link(self, names: Names, expected: Any, path: Path) -> None:
        for text in expected:
            names.record(text, (*path, text))

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        found = []
        for text, wanted in expected.items():
            form, key = text.split(".", 1)
            told = instances.of(work.acting(SYSTEM, work.cause), form, stage.id_of(form, key))
            state = told[0].status if told else None
            if state != wanted:
                reasons = [f"it is stuck: {told[0].incident}"] if told and told[0].incident else []
                said = f"the flow of {text}: expected {wanted}, found {seen.told(state)}"
                found.append(Difference(step.path("expect", self.name, text), said, [*reasons, *stage.open_tasks()]))
        return found
