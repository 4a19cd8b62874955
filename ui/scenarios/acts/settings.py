"""Settings in a scenario: an admin turns a knob."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine import settings
from ui.scenarios.acts.base import Act, act_types

if TYPE_CHECKING:
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


@act_types.register("change")
class Change(Act):
    """Give settings other values.

    - {as: admin, change: {watch_after_days: 10}}
    """

    schema = {"type": "object", "minProperties": 1, "description": "设置 → 新值 / setting, then its new value"}

    def link(self, names: Names, step: Step) -> None:
        for name in step.given:
            names.setting(name, step.path(self.name, name))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        with stage.work(step.who) as work:
            for name, value in step.given.items():
                settings.change(work, name, value)
        return ()
