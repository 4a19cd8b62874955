"""Parallel: several ways at once; the block ends when all that were taken have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import EvaluationError
from flows.steps.base import Case, Step, step_types
from flows.steps.choose import CASE

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


@step_types.register("parallel")
class Parallel(Step):
    """Run all cases, or with `inclusive` those whose condition holds, and wait for exactly these.

    - parallel: checks
      cases:
        - label: 法务
          steps: [{approve: legal, who: {role: legal}}]
        - label: 风控
          steps: [{approve: risk, who: {role: risk}}]
      if_branch_rejects: end_flow
    """

    options = {
        "cases": {"type": "array", "minItems": 1, "items": CASE, "description": "分支 / branches"},
        "inclusive": {"type": "boolean", "description": "包容分支 / only branches whose `when` holds"},
        "if_branch_rejects": {
            "enum": ["end_flow", "end_branch"],
            "description": "分支拒绝时 / what a rejection inside a branch ends; end_flow if not given",
        },
    }
    required = ("cases",)

    def compile(self, place: Place, build: Build) -> None:
        self.inclusive: bool = place.value.get("inclusive", False)
        self.ends_flow = place.value.get("if_branch_rejects", "end_flow") == "end_flow"
        self.cases = build.cases(place.at("cases"), self, join=None)
        for case in self.cases:
            if not self.inclusive and (case.when or case.otherwise):
                place.refuse("a condition in a parallel needs `inclusive: true`", "or use `choose`", case.mark)

    def taken(self, run: Run) -> list[Case]:
        """The branches that run; EvaluationError when none applies and there is no `otherwise`."""
        if not self.inclusive:
            return self.cases
        found = [case for case in self.cases if not case.otherwise and run.world.case_holds(case)]
        found = found or [case for case in self.cases if case.otherwise]
        if not found:
            raise EvaluationError(f"no branch of '{self.label}' applies and it has no `otherwise`")
        return found

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        cases = self.taken(run)
        run.fact("forked", step=self.id, cases=[case.index for case in cases])
        for child, case in zip(run.fork(token, self.id, [case.index for case in cases]), cases, strict=True):
            run.go(child, case.first)

    def brief(self) -> str:
        return f"{len(self.cases)} 个分支同时进行"
