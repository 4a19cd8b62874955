"""Choose: one of several ways, the first whose condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place

CASE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "minLength": 1, "description": "分支名称 / what people read"},
        "when": {"type": ["string", "boolean"], "description": "条件 / taken when this holds"},
        "otherwise": {"const": True, "description": "其他情况 / taken when no other case is"},
        "steps": {"type": "array", "items": {"type": "object"}, "description": "步骤 / steps of this case"},
    },
    "required": ["steps"],
    "additionalProperties": False,
}


@step_types.register("choose")
class Choose(Step):
    """Take the first case whose condition holds; `otherwise` is the last one and cannot be left out.

    - choose: by_amount
      label: 按申请额度
      cases:
        - when: amount <= 50000
          steps:
            - approve: sales_director
              who: {role: sales_director}
        - otherwise: true
          steps:
            - approve: cfo
              who: {role: cfo}
    """

    options = {"cases": {"type": "array", "minItems": 1, "items": CASE, "description": "分支 / cases, in order"}}
    required = ("cases",)

    def compile(self, place: Place, build: Build) -> None:
        self.cases = build.cases(place.at("cases"), self, join=self.after)
        for case, item in zip(self.cases, place.value["cases"], strict=True):
            if "when" not in item and not case.otherwise:
                place.refuse("a case needs `when` or `otherwise: true`", mark=case.mark)
        if not self.cases or not self.cases[-1].otherwise:
            hint = "add `- otherwise: true` with the steps for all other records, or `steps: []`"
            place.refuse(f"the choice '{self.id}' has no `otherwise` as its last case", hint, self.mark)

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        case = run.world.first_true(self.cases)
        run.fact("chosen", step=self.id, case=case.index, label=case.label)
        run.go(token, case.first)

    def brief(self) -> str:
        return " / ".join(case.label for case in self.cases)
