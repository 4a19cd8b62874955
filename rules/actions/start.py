"""Start: begin an approval flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.principal import SYSTEM
from flows import instances
from rules.actions import Action, Occasion, action_types
from rules.target import Target

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("start")
class Start(Action):
    """Start a flow on the record, or on a new record of the flow's form filled from it.

    - start: {flow: legal_or_provision, fields: {receivable: id}}
    """

    options = {
        "flow": {"type": "string", "description": "流程 / id of the flow"},
        "fields": {
            "type": "object",
            "description": "新记录的字段 / values of the new record, where the form is another",
        },
    }
    required = ("flow",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.flow = place.at("flow").known("flow", "flow")
        self.values = {}
        if self.flow and place.has("fields"):
            self.values = Target(self.flow.form, ()).values(place.at("fields"))

    def run(self, work: Work, occasion: Occasion) -> str:
        system = work.acting(SYSTEM, work.cause)
        if self.flow.form.id == occasion.record.form.id:
            instances.start(system, self.flow.id, occasion.record.id)
        else:
            values = {name: value.evaluate(occasion.env) for name, value in self.values.items()}
            instances.start(system, self.flow.id, values=values)
        return f"流程 {self.flow.label}"
