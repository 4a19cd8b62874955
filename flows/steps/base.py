"""Step: one place of the block tree, compiled once per version; tokens come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from engine.errors import Mark
from engine.expressions import Expression
from engine.registry import Registry

if TYPE_CHECKING:
    from flows.build import Build
    from flows.run import Run
    from flows.state import Token
    from forms.place import Place


class Follow(NamedTuple):
    """Where a token goes: to a `step`, to the `join` of a block, or to the `end` of the flow."""

    kind: str
    step: str = ""


END = Follow("end")
BlockPath = tuple[tuple[str, int], ...]  # the blocks around a step and the case of each, outermost first


@dataclass(frozen=True)
class Position:
    """Where a step stands: around it, after it, and how many steps are written before it."""

    path: BlockPath
    after: Follow
    order: int


@dataclass(eq=False)
class Case:
    """One way through a block; without `when` it is taken when no other one is, or always in a parallel."""

    index: int
    label: str
    when: Expression | None
    otherwise: bool
    mark: Mark
    steps: list[Step] = field(default_factory=list)
    first: Follow = END


class Step:
    """Base of all steps; `options` is the JSON Schema properties table of its own keys.

    `human` says that people decide here, so that a return can lead to it.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]]
    required: ClassVar[tuple[str, ...]] = ()
    human: ClassVar[bool] = False
    last: ClassVar[bool] = False  # may stand under `finally`

    def __init__(self, place: Place, id: str, position: Position, build: Build) -> None:
        self.id, self.mark = id, place.key_mark(self.name)
        self.label: str = place.value.get("label", id)
        self.path, self.after, self.order = position.path, position.after, position.order
        self.cases: list[Case] = []
        self.compile(place, build)

    def compile(self, place: Place, build: Build) -> None:
        """Read the options; mistakes go to the problems of the place."""
        raise NotImplementedError

    def enter(self, run: Run, token: Token, *, returned: bool = False) -> None:
        """A token has come here: do what the step does and send it on, or let it wait.

        `returned` says that it was sent back here, so that nothing may decide by itself.
        """
        raise NotImplementedError

    def reads(self) -> set[tuple[str, ...]]:
        """The paths that decide where a token goes or who is asked; a return watches them."""
        return {path for case in self.cases if case.when for path in case.when.reads}

    def brief(self) -> str:
        """What the step does in a few words, for the tree on the page."""
        return ""

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """The JSON Schema of one item of this kind."""
        own = {
            cls.name: {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "步骤标识 / id of the step"},
            "label": {"type": "string", "minLength": 1, "description": "显示名称 / what people read"},
        }
        return {
            "type": "object",
            "properties": {**own, **cls.options},
            "required": [cls.name, *cls.required],
            "additionalProperties": False,
        }


step_types: Registry[Step] = Registry("step", "guiju.steps")


def parallels(path: BlockPath, blocks: Mapping[str, Step]) -> BlockPath:
    """Those blocks of a path that split a token; a choice does not."""
    return tuple((block, case) for block, case in path if blocks[block].name == "parallel")
