"""Triggers: when a rule is looked at. One file per kind; a rule may have several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from engine.registry import Registry

trigger_types: Registry[Trigger] = Registry("trigger", "guiju.triggers")


@dataclass(frozen=True)
class Period:
    """One due look at a rule: `key` is unique per rule, `at` the instant it was meant for."""

    key: str
    at: datetime


class Trigger:
    """Base of all triggers; `schema` is the JSON Schema of the value behind the trigger's name."""

    name: ClassVar[str]
    schema: ClassVar[Mapping[str, Any]]

    def __init__(self, value: Any) -> None:
        self.value = value

    def latest(self, now: datetime, zone: ZoneInfo) -> Period | None:
        """The last period that has begun by `now`; earlier ones are not made up for, since conditions on
        time stay true (R4). None for triggers that react to events."""
        return None

    def describe(self) -> str:
        """The trigger in Chinese words."""
        raise TypeError(f"{type(self).__name__} does not say how it reads")


def built_in() -> Iterator[str]:
    """The explicit list of built-in triggers; importing one registers it."""
    from rules.triggers import changes, daily, every, monthly, weekly

    yield from (module.__name__ for module in (daily, weekly, monthly, every, changes))
