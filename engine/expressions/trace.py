"""Trace: how an expression came to its value, part by part, for people who ask why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.expressions.env import Env, Path
from engine.expressions.python import closure
from engine.expressions.tree import Aggregate, Arith, Compare, Computed, Known, Literal, Logic, Node, Not, rebuild
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


def traced(node: Node, env: Env) -> Trace:
    """Evaluate a node and its parts, each once, keeping each value."""
    return _seen(node, env, {}).trace


@dataclass(frozen=True, slots=True)
class Seen:
    """A part that has been reckoned: its value before it is rounded to be shown, and what was seen below it."""

    node: Node
    value: Any
    below: tuple[Seen, ...]
    trace: Trace


def _seen(node: Node, env: Env, known: dict[Path, Seen]) -> Seen:
    """Reckon a node from its parts; a computed field that comes again is looked up."""
    if isinstance(node, Computed):
        if node.path not in known:
            part = _seen(node.part, env, known)
            known[node.path] = _told(node, part.value, part.below, env)
        return known[node.path]
    if isinstance(node, Aggregate):  # the records inside are told as a count
        return _told(node, closure(node)(env, ()), (), env)
    if not any(node.parts()):
        return _told(node, closure(node)(env, ()), (), env)
    below: list[Seen] = []

    def reckoned(part: Node) -> Node:
        if isinstance(part, Literal):
            return part
        below.append(_seen(part, env, known))
        return Known(part.type, part.text, below[-1].value)

    value = closure(rebuild(node, reckoned))(env, ())
    return _told(node, value, tuple(below), env)


def _told(node: Node, value: Any, below: tuple[Seen, ...], env: Env) -> Seen:
    """The value with its line, above the parts worth a line of their own."""
    plain = isinstance(node, Compare)
    children = tuple(part.trace for part in below if not plain or any(part.node.parts()))
    told = _rounded(node, value)
    trace = Trace(node.text, told, _line(node, told, below), children, _note(node, value, below, env))
    return Seen(node, value, below, trace)


def _rounded(node: Node, value: Any) -> Any:
    return to_scale(value, node.type.scale) if node.type.numeric else value


def _line(node: Node, value: Any, below: tuple[Seen, ...]) -> str:
    if isinstance(node, Literal):
        return node.text
    if isinstance(node, Compare):
        seen = iter(below)
        left, right = (
            shown(side.value) if isinstance(side, Literal) else f"{side.text} = {shown(next(seen).trace.value)}"
            for side in (node.left, node.right)
        )
        return f"{left} {node.op} {right} {shown(value)}"
    if isinstance(node, Logic):
        return f"{node.op}: {shown(value)}"
    if isinstance(node, Not):
        return f"not: {shown(value)}"
    return f"{node.text} = {shown(value)}"


def _note(node: Node, value: Any, below: tuple[Seen, ...], env: Env) -> str:
    if isinstance(node, Arith) and node.op == "/" and value is None:
        right = node.right.value if isinstance(node.right, Literal) else below[-1].value
        return "divided by zero" if right == 0 else ""
    if isinstance(node, Aggregate):
        return f"{len(env.related(node.relation))} records"
    return ""
