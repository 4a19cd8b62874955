"""Time in a scenario: it passes, due work runs, and the app is closed and opened again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from engine import sandbox
from engine.principal import SYSTEM
from ui.scenarios.acts.base import Act, act_types
from ui.scenarios.clock import PATTERN, at
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage


@act_types.register("advance")
class Advance(Act):
    """Let time pass: to a time on the wall, or by days or hours. What falls due on the way happens at its time.

    - advance: {to: 2026-03-16 09:00}
    - advance: {days: 1}
    """

    schema = {
        "type": "object",
        "properties": {
            "to": {"type": "string", "pattern": PATTERN, "description": "到, 如 2026-03-16 09:00 / date and time"},
            "days": {"type": "integer", "minimum": 1, "maximum": sandbox.MOST_DAYS, "description": "天 / days"},
            "hours": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "小时 / hours"},
        },
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "description": "时间前进 / time passes",
    }
    person = False

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        to = None
        if "to" in step.given:
            to = at(step.given["to"], stage.catalog.timezone)
            if to < stage.clock.now():
                raise StepFailed("the clock only moves forward", step.mark(self.name, "to"))
        elif "hours" in step.given:
            to = stage.clock.now() + timedelta(hours=step.given["hours"])
        sandbox.move(stage.app, SYSTEM, to=to, days=step.given.get("days"))
        return ()


@act_types.register("due")
class Due(Act):
    """Run what is due, so many times over; nothing may happen twice.

    - due: 3
    """

    schema = {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "description": "运行到期工作几次 / run due work so often",
    }
    person = False

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        for _ in range(step.given):
            stage.app.due()
            stage.drain()
        return ()


@act_types.register("restart")
class Restart(Act):
    """Close the app, open it again on the same database, and run what is due.

    - restart: true
    """

    schema = {"const": True, "description": "关闭并重新打开应用 / close the app and open it again"}
    person = False

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        stage.restart()
        stage.app.due()
        return ()
