"""Flow: what one file of `flows/` declares, compiled: a program of steps on one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.steps.base import BlockPath, Follow, Step, parallels

if TYPE_CHECKING:
    from engine.errors import Mark
    from engine.expressions import Expression
    from engine.texts import Text
    from engine.who import Who
    from forms.form import Form

START = "start"


@dataclass(frozen=True)
class Start:
    """Who may start, what they may change when it comes back, and whether a new record starts by itself,
    and the values it gets then."""

    who: Who | None = None
    edit: tuple[str, ...] | None = None  # None: every field that the form lets them change
    auto: bool = False
    set: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusField:
    """A choice field of the form that follows the instance: status to option."""

    field: str
    options: Mapping[str, str]


@dataclass(eq=False)
class Flow:
    """A program: steps by id in written order, and where a token begins."""

    id: str
    label: str
    form: Form
    mark: Mark
    title: Text | None
    start: Start
    steps: dict[str, Step]
    tree: list[Step]
    first: Follow
    tail: list[Step] = field(default_factory=list)
    status: StatusField | None = None
    enabled: Expression | None = None
    lock: bool = True  # whether the record is closed to changes while people decide
    withdraw: str = "before_first_decision"
    resubmit: str = "straight_back"

    def path(self, step: str) -> BlockPath:
        """The blocks around a step that split a token."""
        return () if step == START else parallels(self.steps[step].path, self.steps)

    def order(self, step: str) -> int:
        return 0 if step == START else self.steps[step].order

    def label_of(self, step: str) -> str:
        """What people call a step."""
        return "提交申请" if step == START else self.steps[step].label

    def watched(self, source: str, target: str) -> set[str]:
        """The fields of the form that decide what happens between two steps; see returns."""
        first, last = self.order(target), self.order(source)
        return {path[0] for step in self.steps.values() if first <= step.order <= last for path in step.reads()}
