"""Set: give fields new values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.principal import SYSTEM
from forms import records
from rules.actions import Action, Occasion, action_types
from rules.target import Target

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("set")
class SetFields(Action):
    """Give fields of the record, or of one it refers to, new values; commits with its cause.

    - set: {record: customer, fields: {credit_status: frozen}}
    """

    options = {
        "record": {
            "type": "string",
            "description": "要修改的记录, 缺省为本记录 / path to the record, itself by default",
        },
        "fields": {
            "type": "object",
            "minProperties": 1,
            "description": "字段与新值 / new values; expressions, or the id of an option",
        },
    }
    required = ("fields",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.target = Target.of(place)
        self.values = self.target.values(place.at("fields")) if self.target else {}

    def run(self, work: Work, occasion: Occasion) -> str:
        assert self.target
        values = {name: value.evaluate(occasion.env) for name, value in self.values.items()}
        target_id = self.target.id_of(occasion)
        if target_id is None:
            return f"没有{self.target.form.label}可改"
        system = work.acting(SYSTEM, work.cause)
        current = records.get(system, self.target.form.id, target_id)
        changed = {name: value for name, value in values.items() if current[name] != value}
        if not changed:
            return "已是该值"
        records.save(system, self.target.form.id, changed, id=target_id, version=current.version)
        return "、".join(self.target.form.fields[name].label for name in changed)

    def writes(self) -> frozenset[tuple[str, str]]:
        return frozenset((self.target.form.id, name) for name in self.values) if self.target else frozenset()
