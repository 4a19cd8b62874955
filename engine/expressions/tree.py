"""The typed tree of an expression: what the checker makes and both back ends read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.expressions.env import Path
from engine.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression: its type and its own piece of the text; `varies` when it reads a record."""

    type: Type
    text: str
    varies: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        reads = isinstance(self, Field | Aggregate) or any(part.varies for part in self.parts())
        object.__setattr__(self, "varies", reads)

    def parts(self) -> Iterator[Node]:
        """The nodes directly below this one."""
        for name in self.__match_args__:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Node))

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class Known(Node):
    """A part that has been reckoned already; traces put it in the place of what they have seen."""

    value: Any


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A value of the record, or with `up` of a record further out than the aggregate it stands in."""

    path: Path
    up: int = 0


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """A knob of the app; the same for every record."""

    path: Path


@dataclass(frozen=True, slots=True)
class User(Node):
    """The person who looks: the id, or with `path` an attribute."""

    path: Path = ()


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` / `or` of three-valued parts."""

    op: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    part: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """Membership in a list of literals."""

    part: Node
    items: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    part: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """`+ - * /`; the result is rounded to the scale of its type, which matters for `*` and `/`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    part: Node


@dataclass(frozen=True, slots=True)
class Scaled(Node):
    """A number rounded to the scale of this node's type, half away from zero."""

    part: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """One of two values; an unknown condition takes the second."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """A number about the records of a relation; inside, `Field.up` 1 is the record that owns them."""

    name: str
    relation: Path
    up: int
    value: Node | None
    where: Node | None


@dataclass(frozen=True, slots=True)
class Computed(Node):
    """A computed field: the name as it was written, and the tree it stands for."""

    path: Path
    part: Node
    up: int = 0


def constant(node: Node) -> bool:
    """True when the node reads no record: it has one value for a whole set."""
    return not node.varies


def owns(node: Node, depth: int = 0) -> bool:
    """True when the node reads something of the very record it stands in."""
    if isinstance(node, Field | Aggregate) and node.up == depth:
        return True
    deeper = depth + 1 if isinstance(node, Aggregate) else depth
    return any(owns(part, deeper) for part in node.parts())


def literal(node: Node) -> bool:
    """True when the node is written out: literals and what is reckoned from them alone."""
    return all(isinstance(part, (Literal, Negative, Arith, Scaled)) for part in node.walk())


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """A copy of the node with `change` applied to each node directly below it."""
    changed: dict[str, Any] = {}
    for name in node.__match_args__:
        value = getattr(node, name)
        if isinstance(value, Node):
            changed[name] = change(value)
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            changed[name] = tuple(change(item) for item in value)
    return replace(node, **changed) if changed else node


def rebase(node: Node, prefix: Path, up: int, depth: int = 0) -> Node:
    """Move a tree that was made for one record to where that record is reached by `prefix`, `up` records further out.

    `depth` counts the aggregates between the tree's own root and the node.
    """
    deeper = depth + 1 if isinstance(node, Aggregate) else depth
    moved = rebuild(node, lambda part: rebase(part, prefix, up, deeper))
    if isinstance(moved, Field | Computed) and moved.up == depth:
        return replace(moved, path=prefix + moved.path, up=moved.up + up)
    if isinstance(moved, Aggregate) and moved.up == depth:
        return replace(moved, relation=prefix + moved.relation, up=moved.up + up)
    return moved
