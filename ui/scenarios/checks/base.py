"""What a check is: one thing that `expect` can look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.registry import Registry

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Path, Step
    from ui.scenarios.stage import Stage

check_types: Registry[Check] = Registry("check of a scenario", "guiju.scenario_checks")

FIELD = r"^[a-z][a-z0-9_]*\.[\w-]+(\.[a-z][a-z0-9_]*)+$"  # form.name.field, and what lies behind a reference


@dataclass(frozen=True)
class Difference:
    """What is not as it should be: where in the scenario, in words, and why."""

    path: Path
    message: str
    why: Sequence[str] = ()


class Check:
    """Base of all checks. `schema` is the shape of what is expected; `work` is in the hand of the step's `as`."""

    name: ClassVar[str]
    schema: ClassVar[Mapping[str, Any]]

    def link(self, names: Names, expected: Any, path: Path) -> None:
        """Check the names in it."""

    def look(self, stage: Stage, work: Work, step: Step, expected: Any) -> list[Difference]:
        raise NotImplementedError
