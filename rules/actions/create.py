"""Create: make a new record of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.principal import SYSTEM
from forms import records
from rules.actions import Action, Occasion, action_types
from rules.target import Target

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("create")
class Create(Action):
    """Make a new record; its fields are computed from the record that fired.

    - create: {form: communication_log, fields: {customer: customer, note: "'逾期'"}}
    """

    options = {
        "form": {"type": "string", "description": "表单 / form of the new record"},
        "fields": {"type": "object", "description": "字段与值 / values; expressions, or the id of an option"},
    }
    required = ("form", "fields")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.form = place.at("form").known("form", "form")
        self.values = Target(self.form, ()).values(place.at("fields")) if self.form else {}

    def run(self, work: Work, occasion: Occasion) -> str:
        values = {name: value.evaluate(occasion.env) for name, value in self.values.items()}
        made = records.save(work.acting(SYSTEM, work.cause), self.form.id, values)
        return f"{self.form.label} {made.title}"

    def writes(self) -> frozenset[tuple[str, str]]:
        return frozenset((self.form.id, name) for name in self.values) if self.form else frozenset()
