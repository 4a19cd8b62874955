"""Copy: let people know and read; never waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.who import schema as who_schema
from flows.steps.base import Step, step_types

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


@step_types.register("copy")
class Copy(Step):
    """Send a copy: a notice and the right to read. The same person gets one per instance; nobody is no mistake.

    - copy: tell_all
      label: 抄送
      to: [starter, {role: finance}]
    """

    options = {
        "to": {**who_schema(), "description": "抄送给 / who gets it"},
        "again": {"type": "boolean", "description": "重复通知 / tell those again who have had a copy"},
        "message": {"type": "string", "description": "通知内容 / words of the notice, with {{ holes }}"},
    }
    required = ("to",)
    last = True

    def compile(self, place: Place, build: Build) -> None:
        self.to = place.at("to").who()
        self.told = self.to.describe(place.catalog) if self.to else ""
        self.again: bool = place.value.get("again", False)
        self.message = place.at("message").text() if place.has("message") else None

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        run.copy(self)
        run.leave(token, self)

    def brief(self) -> str:
        return self.told
