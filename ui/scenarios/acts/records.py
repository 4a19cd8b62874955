"""Records in a scenario: create, update, delete, and give a name to one that a rule or flow has made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forms import records
from ui.scenarios.acts.base import RECORD, RECORDS, Act, act_types
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


@act_types.register("create")
class Create(Act):
    """Make records, each under the name by which later steps call it.

    - as: li
      create: {payment: {first: {receivable: ar1, amount: 100}}}
    """

    schema = RECORDS

    def link(self, names: Names, step: Step) -> None:
        names.records(step.given, step.path(self.name), new=step.refused is None)

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        warnings: list[str] = []
        with stage.work(step.who) as work:
            for form, named in step.given.items():
                for key, given in named.items():
                    record = records.save(work, form, stage.values(form, given))
                    stage.name(form, key, record.id)
                    warnings += record.warnings
        return warnings


@act_types.register("update")
class Update(Act):
    """Change records.

    - as: li
      update: {receivable: {ar1: {disputed: true, dispute_note: 少发货}}}
    """

    schema = RECORDS

    def link(self, names: Names, step: Step) -> None:
        names.records(step.given, step.path(self.name), new=False)
        for form, named in step.given.items():
            for key in named:
                names.record(f"{form}.{key}", step.path(self.name, form, key))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        warnings: list[str] = []
        with stage.work(step.who) as work:
            for form, named in step.given.items():
                for key, given in named.items():
                    id = stage.id_of(form, key)
                    warnings += records.save(work, form, stage.values(form, given), id=id).warnings
        return warnings


@act_types.register("delete")
class Delete(Act):
    """Delete a record.

    - {as: admin, delete: receivable.ar1}
    """

    schema = RECORD

    def link(self, names: Names, step: Step) -> None:
        names.record(step.given, step.path(self.name))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        form, key = step.given.split(".", 1)
        with stage.work(step.who) as work:
            records.delete(work, form, stage.id_of(form, key))
        return ()


@act_types.register("find")
class Find(Act):
    """Give a name to the one record that meets a condition; it fails unless there is exactly one.

    - find: {receivable: {made: amount == 300}}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "description": "表单 → 记录名 → 条件 / form, then a name, then the condition that one record meets",
    }
    person = False

    def link(self, names: Names, step: Step) -> None:
        for form, named in step.given.items():
            if names.form(form, step.path(self.name, form)):
                for key in named:
                    names.made(form, key)

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        with stage.work(step.who) as work:
            for form, named in step.given.items():
                for key, where in named.items():
                    found = records.find(work, form, where=where, limit=2, count="none").rows
                    if len(found) != 1:
                        count = "none" if not found else "more than one"
                        raise StepFailed(
                            f"{form} where {where}: expected one record, found {count}",
                            step.mark(self.name, form, key),
                        )
                    stage.name(form, key, found[0].id)
        return ()
