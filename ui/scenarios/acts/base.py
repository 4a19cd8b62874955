"""What an act is: one thing that people or time do in a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from engine.registry import Registry

if TYPE_CHECKING:
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage

act_types: Registry[Act] = Registry("act of a scenario", "guiju.scenario_acts")

RECORDS: Mapping[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "object"},
    },
    "description": "表单 → 记录名 → 字段 / form, then a name for the record, then its fields",
}
RECORD: Mapping[str, Any] = {
    "type": "string",
    "pattern": r"^[a-z][a-z0-9_]*\.[\w-]+$",
    "description": "表单.记录名 / a record, as form.name",
}
ID: Mapping[str, Any] = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


class Act:
    """Base of all acts. `schema` is the shape of what stands behind its word, `options` of the keys beside it.

    `person` says that somebody does it, who is named with `as`.
    """

    name: ClassVar[str]
    schema: ClassVar[Mapping[str, Any]]
    options: ClassVar[Mapping[str, Any]] = {}
    person: ClassVar[bool] = True

    def link(self, names: Names, step: Step) -> None:
        """Check the names in it against the app and what the story made before; take note of new records."""

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        """Do it; answer the words of guards that only warned. What the engines refuse is raised."""
        raise NotImplementedError
