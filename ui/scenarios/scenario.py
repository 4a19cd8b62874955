"""Scenario: one file of `tests/`, compiled: the people, what is given, and the steps of the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import Mark
from engine.source import Document

if TYPE_CHECKING:
    from ui.scenarios.acts.base import Act

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Step:
    """One step: at most one act, by whom, and what is to be seen afterwards."""

    number: int  # from 1
    document: Document
    act: Act | None
    given: Any  # what stands behind the word of the act
    who: str | None
    options: Mapping[str, Any]  # what only some acts take: values, opinion, of, to, result
    expect: Mapping[str, Any]
    refused: str | None
    warned: str | None
    label: str

    def path(self, *more: str | int) -> Path:
        return ("then", self.number - 1, *more)

    def mark(self, *more: str | int) -> Mark:
        return self.document.mark(*self.path(*more))

    @property
    def title(self) -> str:
        """The step in a few words, for the report of a failure."""
        who = f"{self.who}: " if self.who else ""
        words = self.label or (f"{self.act.name} {_brief(self.given)}" if self.act else "expect")
        return f"step {self.number}, {who}{words}"


@dataclass(frozen=True)
class Scenario:
    """One story. `people` is a map by login, or the file of the app folder that holds it."""

    id: str
    label: str
    clock: datetime
    document: Document
    people: Mapping[str, Any] | str
    departments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


class StepFailed(Exception):
    """A step did not do what the scenario says; `why` holds the lines that explain it."""

    def __init__(self, message: str, mark: Mark, why: list[str] | None = None) -> None:
        super().__init__(message)
        self.message, self.mark, self.why = message, mark, why or []


def _brief(given: Any) -> str:
    """The names in what stands behind an act, without the values."""
    if isinstance(given, Mapping):
        return ", ".join(f"{name} {_brief(inner)}".strip() if isinstance(inner, Mapping) and _deep(inner) else str(name)
                         for name, inner in given.items())  # fmt: skip
    return str(given)


def _deep(inner: Mapping[str, Any]) -> bool:
    return all(isinstance(value, Mapping) for value in inner.values())
