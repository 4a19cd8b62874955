"""Actions: what a rule does. One file per kind; an item of `do` names one kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.errors import UnknownName
from engine.names import unknown
from engine.registry import Registry

if TYPE_CHECKING:
    from engine.expressions import Env
    from engine.work import Work
    from forms.place import Place
    from forms.records import Record

action_types: Registry[Action] = Registry("action", "guiju.actions")


@dataclass(frozen=True)
class Occasion:
    """One firing as an action sees it: the record as it stands now, and names that make the effect unique."""

    rule: str
    label: str
    key: str  # rule:record:episode:step:action
    record: Record
    env: Env


class Action:
    """Base of all actions; compiled from its options, run in the transaction of its firing.

    `outside` marks what only informs people: it is held back in quiet hours and left out for records
    that met the condition before the rule was new.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]]
    required: ClassVar[tuple[str, ...]] = ()
    outside: ClassVar[bool] = False

    def __init__(self, place: Place) -> None:
        self.place = place

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        return {
            "type": "object",
            "properties": dict(cls.options),
            "required": list(cls.required),
            "additionalProperties": False,
        }

    def run(self, work: Work, occasion: Occasion) -> str:
        """Do it; answer in a few words what was done, for the story of the record."""
        raise TypeError(f"the action {self.name} does nothing")

    def writes(self) -> frozenset[tuple[str, str]]:
        """The (form, field) pairs it gives new values, for the check for cycles."""
        return frozenset()


def built_in() -> Iterator[str]:
    """The explicit list of built-in actions; importing one registers it."""
    from rules.actions import close_tasks, create, email, notify, set_fields, start, task

    yield from (module.__name__ for module in (set_fields, create, notify, email, task, start, close_tasks))


def compile_actions(place: Place) -> tuple[Action, ...]:
    """Compile the list of actions at this place; unknown kinds are told with the nearest known one."""
    actions = []
    for index, item in enumerate(place.value):
        ((kind, _),) = item.items()
        if kind not in action_types:
            place.problems.add(_unknown(place, index, kind))
            continue
        actions.append(action_types[kind](place.at(index, kind)))
    return tuple(actions)


def _unknown(place: Place, index: int, kind: str) -> UnknownName:
    return unknown("action", kind, list(action_types), place.document.key_mark(*place.path, index, kind))
