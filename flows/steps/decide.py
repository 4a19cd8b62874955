"""Decide: an automatic decision within declared bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import EvaluationError
from engine.expressions import types
from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from engine.expressions import Expression
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


@step_types.register("decide")
class Decide(Step):
    """Agree or reject by condition, without a person; the story says which bound did it.

    - decide: small_and_good
      label: 小额自动通过
      reject: customer.grade == 'd'
      agree: amount <= 1000
      otherwise: reject
    """

    options = {
        "reject": {"type": ["string", "boolean"], "description": "自动拒绝条件 / looked at first"},
        "agree": {"type": ["string", "boolean"], "description": "自动同意条件"},
        "otherwise": {
            "enum": ["agree", "reject", "stop"],
            "description": "都不满足时 / when neither holds; stop (an incident for the admin) if not given",
        },
    }

    def compile(self, place: Place, build: Build) -> None:
        self.bounds: list[tuple[str, Expression]] = []
        for verdict in ("reject", "agree"):
            condition = place.at(verdict).expression(types.boolean()) if place.has(verdict) else None
            if condition is not None:
                self.bounds.append((verdict, condition))
        self.otherwise: str = place.value.get("otherwise", "stop")
        if not place.has("agree") and not place.has("reject"):
            place.refuse(f"'{self.id}' decides nothing", "give it `agree`, `reject` or both", self.mark)

    def reads(self) -> set[tuple[str, ...]]:
        return {path for _, condition in self.bounds for path in condition.reads}

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        verdict, why = next(((v, c.text) for v, c in self.bounds if run.world.holds(c)), (self.otherwise, "otherwise"))
        if verdict == "stop":
            raise EvaluationError(f"neither bound of '{self.label}' holds")
        run.fact("auto_decided", step=self.id, decision="approve" if verdict == "agree" else "reject", why=why)
        if verdict == "agree":
            run.leave(token, self)
        else:
            run.reject(token, self)

    def brief(self) -> str:
        return "自动决策"
