"""Update: write values into the record or into one it refers to, in the transaction of the decision before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.names import unknown
from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


@step_types.register("update")
class Update(Step):
    """Give fields new values through the same checks and guards that people pass; exactly once per visit.

    - update: write_back
      label: 回写客户档案
      record: customer
      set: {credit_limit: approved_amount, credit_term: approved_term}
      if_changed: stop_and_ask
    """

    options = {
        "record": {
            "type": "string",
            "description": "目标记录 / reference that leads to the record; this record if not given",
        },
        "set": {
            "type": "object",
            "minProperties": 1,
            "description": "字段与值 / fields and their values; an expression, or the id of an option",
        },
        "if_changed": {
            "enum": ["overwrite", "stop_and_ask"],
            "description": "目标字段在审批期间被改过时 / when they changed since the start; overwrite if not given",
        },
    }
    required = ("set",)

    def compile(self, place: Place, build: Build) -> None:
        self.record: tuple[str, ...] = ()
        self.asks = place.value.get("if_changed") == "stop_and_ask"
        self.target = place.form
        if place.has("record"):
            self._compile_target(place.at("record"))
        given = ((name, place.at("set", name).new_value(self.target)) for name in place.value["set"])
        self.set = {name: value for name, value in given if value is not None}
        self.writes_money = any(self.target.fields[name].value_type.kind == "money" for name in self.set)

    def _compile_target(self, place: Place) -> None:
        form = place.form
        path = tuple(place.value.split("."))
        for name in path:
            field = form.fields.get(name)
            if field is None:
                place.problems.add(unknown("field", name, list(form.fields), place.mark))
                return
            kind = field.value_type
            if kind.kind != "reference" or kind.form is None:
                place.refuse(f"'{name}' does not lead to a record", "name a reference field")
                return
            form = place.catalog["form"][kind.form]
        self.record, self.target = path, form

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        changed = run.world.update(self)
        run.fact("updated", step=self.id, **changed)
        run.leave(token, self)

    def brief(self) -> str:
        return f"自动更新 {self.target.label}"
