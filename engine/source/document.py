"""Document: the plain value of one file beside the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.errors import Mark
from engine.source.characters import origin

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in the text: offset from 0, line and column from 1."""

    index: int
    line: int
    column: int


@dataclass(slots=True)
class Node:
    """One value of the file where it stands.

    `style` is `block` or `flow` for maps and lists, and for scalars the character that opens them
    (`'`, `"`, `|`, `>`) or nothing. A block ends where its last scalar ends. `value` is a scalar's value,
    `items` a list's nodes, `entries` a map's key and value nodes; a node has exactly one of them.
    """

    start: Spot
    end: Spot
    style: str = ""
    value: Any = None
    items: list[Node] | None = None
    entries: dict[str, tuple[Node, Node]] | None = None

    @classmethod
    def nowhere(cls) -> Node:
        """The node of a value that stands in no file."""
        return cls(Spot(0, 1, 1), Spot(0, 1, 1))

    def child(self, step: str | int) -> Node | None:
        """The node one step down, None when there is none."""
        if self.entries is not None:
            return self.entries[step][1] if isinstance(step, str) and step in self.entries else None
        if self.items is not None and isinstance(step, int) and -len(self.items) <= step < len(self.items):
            return self.items[step]
        return None


@dataclass(frozen=True, slots=True)
class Document:
    """One file: `value` is plain data (dict, list, str, int, Decimal, bool, None), the marks say where it stood."""

    value: Any
    file: str
    text: str
    root: Node

    def node(self, *path: str | int) -> Node | None:
        """The node at this path, None when there is none."""
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node else None
        return node

    def get(self, *path: str | int, default: Any = None) -> Any:
        """The value at this path, `default` when there is none."""
        value = self.value
        for step in path:
            known = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            if step not in known:
                return default
            value = value[step]
        return value

    def mark(self, *path: str | int) -> Mark:
        """Where the value at this path stands; of what is missing, where the nearest thing around it stands.

        `mark.at(offset)` finds the characters of a text.
        """
        if (node := self.node(*path)) is None:
            return self.key_mark(*path[:-1]) if path else Mark(self.file, 1, 1)
        inside = partial(self._character, node) if isinstance(node.value, str) else None
        return Mark(self.file, node.start.line, node.start.column, inside)

    def key_mark(self, *path: str | int) -> Mark:
        """Where the key at this path stands; for an item of a list, where the item stands."""
        parent = self.node(*path[:-1]) if path else None
        if parent is not None and parent.entries is not None and path[-1] in parent.entries:
            start = parent.entries[str(path[-1])][0].start
            return Mark(self.file, start.line, start.column)
        return self.mark(*path)

    def _character(self, node: Node, offset: int) -> Mark:
        raw = self.text[node.start.index : node.end.index]
        before = raw[: origin(raw, node.style, offset)]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else node.start.column + len(before)
        return Mark(self.file, node.start.line + lines, column)
