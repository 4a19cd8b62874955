"""Limits: what happens to a task that nobody handles, step by step, on working time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.calendar.duration import SCHEMA as DURATION
from engine.calendar.duration import Duration

if TYPE_CHECKING:
    from flows.build import Build
    from flows.state import Task
    from flows.world import World
    from forms.place import Place

MAX_HOPS = 3
ACTIONS = ("remind", "transfer", "agree", "reject")

SCHEMA: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 10,
    "description": "处理时限, 逐条执行 / what happens when nobody handles the task, in order",
    "items": {
        "type": "object",
        "properties": {
            "after": {
                **DURATION,
                "description": "自任务到达起, 如 4 workhours / from when the holder got it, such as 4 workhours",
            },
            "remind": {"const": True, "description": "提醒处理人 / remind the holder"},
            "transfer": {"const": "superior", "description": "转给上级 / hand over to the holder's superior"},
            "agree": {"const": True, "description": "自动同意 / agree automatically"},
            "reject": {"const": True, "description": "自动拒绝 / reject automatically"},
        },
        "required": ["after"],
        "additionalProperties": False,
    },
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One entry of the list."""

    after: Duration
    action: str

    @property
    def decisive(self) -> bool:
        """Whether it changes who holds the task, or ends it."""
        return self.action != "remind"


@dataclass(frozen=True, slots=True)
class Limits:
    """The list of one step with the calendar it counts on; empty when nothing is timed."""

    entries: tuple[Limit, ...] = ()
    calendar: str | None = None

    @property
    def due(self) -> Limit | None:
        """The entry that people mean by the time limit: the last reminder before something happens by itself."""
        head: Limit | None = None
        for entry in self.entries:
            if entry.decisive:
                return head or entry
            head = entry
        return head

    def arm(self, world: World, task: Task, start: datetime) -> None:
        """Let the list count for this holder from `start`."""
        task.armed_at, task.timer_step = start, 0
        task.due_at = world.due(start, self.due.after, self.calendar) if self.due else None
        task.next_timer_at = self.at(world, task, 0)

    def at(self, world: World, task: Task, step: int) -> datetime | None:
        """When the entry at this place is due for the present holder, None past the end of the list."""
        if step >= len(self.entries):
            return None
        return world.due(task.armed_at or task.created_at, self.entries[step].after, self.calendar)


def compile_limits(place: Place | None, build: Build, home: Place) -> Limits:
    """Compile the list at `place`, counted on the calendar that holds at the step `home`."""
    if place is None:
        return Limits()
    entries: list[Limit] = []
    for index, item in enumerate(place.value):
        spot = place.at(index)
        actions = [name for name in ACTIONS if name in item]
        if len(actions) != 1:
            spot.refuse("a limit does one thing", f"give it exactly one of {', '.join(ACTIONS)}")
            continue
        after = spot.at("after").duration()
        if after is not None:
            entries.append(Limit(after, actions[0]))
    return Limits(tuple(entries), build.calendar(home, any(entry.after.working for entry in entries), place))
