"""Wait: let time pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import EvaluationError
from engine.expressions import types
from flows import asking
from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


@step_types.register("wait")
class Wait(Step):
    """Go on after a stretch of time, or on a date of the record; a past date passes at once.

    - wait: cool_down
      for: 2 days
    """

    options = {
        "for": {"type": "string", "description": "时长 / how long, such as 2 workdays"},
        "until": {"type": "string", "description": "日期 / expression of a date: goes on when that day begins"},
    }

    def compile(self, place: Place, build: Build) -> None:
        self.length = place.at("for").duration() if place.has("for") else None
        self.until = place.at("until").expression(types.date()) if place.has("until") else None
        self.calendar = build.calendar(place, self.length is not None and self.length.working)
        if place.has("for") == place.has("until"):
            place.refuse(f"'{self.id}' needs either `for` or `until`", mark=self.mark)

    def reads(self) -> set[tuple[str, ...]]:
        return set(self.until.reads) if self.until else set()

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        world = run.world
        at = world.due(run.now, self.length, self.calendar) if self.length else world.start_of(self.until)
        if at is None:
            raise EvaluationError(f"the date that '{self.label}' waits for is empty")
        if at <= run.now:
            run.leave(token, self)
        else:
            asking.wait(run, token, self, at)

    def brief(self) -> str:
        return f"等待 {self.length}" if self.length else "等待到指定日期"
