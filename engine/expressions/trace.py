"""Trace: how an expression came to its value, part by part, for people who ask why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.expressions.env import Env
from engine.expressions.python import Outer, closure
from engine.expressions.tree import Aggregate, Arith, Compare, Computed, Literal, Logic, Node, Not
from engine.expressions.values import to_scale


@dataclass(frozen=True)
class Trace:
    """One part of an expression with its value; `str()` gives the whole tree, one line a part."""

    text: str
    value: Any
    line: str
    children: tuple[Trace, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The tree as indented lines."""
        yield (
            "  " * depth
            + (self.line or f"{self.text} = {shown(self.value)}")
            + (f" ({self.note})" if self.note else "")
        )
        for child in self.children:
            yield from child.lines(depth + 1)

    def to_json(self) -> dict[str, Any]:
        """The tree as plain data for JSON."""
        data: dict[str, Any] = {"text": self.text, "value": shown(self.value), "line": self.line}
        if self.note:
            data["note"] = self.note
        if self.children:
            data["parts"] = [child.to_json() for child in self.children]
        return data


def shown(value: Any) -> str:
    """A value as it reads in a trace."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)


def traced(node: Node, env: Env, outer: Outer = ()) -> Trace:
    """Evaluate a node and its parts, keeping each value."""
    value = closure(node)(env, outer)
    if node.type.numeric:
        value = to_scale(value, node.type.scale)
    children = tuple(_children(node, env, outer))
    return Trace(node.text, value, _line(node, value, env, outer), children, _note(node, value, env, outer))


def _line(node: Node, value: Any, env: Env, outer: Outer) -> str:
    if isinstance(node, Literal):
        return node.text
    if isinstance(node, Compare):
        return f"{_side(node.left, env, outer)} {node.op} {_side(node.right, env, outer)} {shown(value)}"
    if isinstance(node, Logic):
        return f"{node.op}: {shown(value)}"
    if isinstance(node, Not):
        return f"not: {shown(value)}"
    return f"{node.text} = {shown(value)}"


def _side(node: Node, env: Env, outer: Outer) -> str:
    if isinstance(node, Literal):
        return shown(node.value)
    value = closure(node)(env, outer)
    return f"{node.text} = {shown(to_scale(value, node.type.scale) if node.type.numeric else value)}"


def _children(node: Node, env: Env, outer: Outer) -> Iterator[Trace]:
    """The parts worth a line of their own; the records inside an aggregate are told as a count."""
    inner = node.part if isinstance(node, Computed) else node
    if isinstance(inner, Aggregate):
        return
    plain = isinstance(node, Compare)
    for part in inner.parts():
        if isinstance(part, Literal) or (plain and not any(part.parts())):
            continue
        yield traced(part, env, outer)


def _note(node: Node, value: Any, env: Env, outer: Outer) -> str:
    if isinstance(node, Arith) and node.op == "/" and value is None and closure(node.right)(env, outer) == 0:
        return "divided by zero"
    if isinstance(node, Aggregate):
        base = (*outer, env)[-1 - node.up]
        return f"{len(base.related(node.relation))} records"
    return ""
