"""Rule: a condition on the records of a form, when it is looked at, and what is done when it becomes true."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.expressions import Expression
from rules.actions import Action
from rules.triggers import Trigger
from rules.triggers.changes import Changes

if TYPE_CHECKING:
    from engine.work import Work


@dataclass(frozen=True)
class Fire:
    """How often a rule fires while its condition stays true."""

    mode: str = "once"  # once, every, level
    distance: timedelta | None = None
    most: int | None = None


@dataclass(frozen=True)
class Rearm:
    """When a rule that has fired may fire again."""

    mode: str = "on_exit"  # on_exit, never, after, when
    distance: timedelta | None = None
    when: Expression | None = None


@dataclass(frozen=True)
class Quiet:
    """The hours in which nobody is told anything; `start` and `end` are HH:MM in the app's zone."""

    start: str
    end: str


@dataclass(frozen=True)
class Declared:
    """What rules, ladders and decision tables have in common."""

    id: str
    label: str
    form: str
    triggers: tuple[Trigger, ...]
    enabled: Expression | bool
    source: Mapping[str, Any]

    @property
    def hash(self) -> str:
        return hashlib.sha256(repr(self.source).encode()).hexdigest()

    @property
    def reason(self) -> Expression | None:
        """The expression that says why it does something: its condition, or what its table decides."""
        return None

    @property
    def changes(self) -> tuple[str, ...]:
        """The field paths whose change makes this rule look at once."""
        return tuple(path for trigger in self.triggers if isinstance(trigger, Changes) for path in trigger.value)

    def is_enabled(self, work: Work) -> bool:
        """Whether it runs, by a constant or by a setting of the app."""
        if isinstance(self.enabled, bool):
            return self.enabled
        from rules.scope import settings_env

        return self.enabled.holds(settings_env(work))


@dataclass(frozen=True)
class Rule(Declared):
    """A rule on one condition."""

    when: Expression | None = None
    fire: Fire = Fire()
    rearm: Rearm = Rearm()
    baseline: bool = False
    quiet: Quiet | None = None
    do: tuple[Action, ...] = ()
    on_exit: tuple[Action, ...] = ()

    @property
    def reason(self) -> Expression | None:
        return self.when


@dataclass(frozen=True)
class LadderStep:
    """One step of a ladder, `offset` days from the anchor; workdays where `unit` says so."""

    id: str
    label: str
    offset: int
    unit: str  # days, workdays
    roll: str  # none, previous, next
    when: Expression | None
    do: tuple[Action, ...]


@dataclass(frozen=True)
class Ladder(Declared):
    """Ordered steps around a date of the record, while a condition holds."""

    anchor: str = ""
    condition: Expression | None = None  # `while:`
    calendar: str | None = None
    catch_up: str = "latest"  # latest, each, skip
    max_age: int | None = None
    baseline: bool = False
    quiet: Quiet | None = None
    steps: tuple[LadderStep, ...] = ()
    on_exit: tuple[Action, ...] = ()

    @property
    def reason(self) -> Expression | None:
        return self.condition


@dataclass(frozen=True)
class DecisionTable(Declared):
    """A field whose value follows from a table; `otherwise` stands where no row holds."""

    target: str = ""
    decided: Expression | None = None

    @property
    def reason(self) -> Expression | None:
        return self.decided
