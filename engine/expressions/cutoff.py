"""Conditions on day counts turned into conditions on the date itself, so that an index on the date answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.calendar import instant
from engine.expressions import types
from engine.expressions.tree import Call, Compare, Computed, If, IsNull, Literal, Logic, Node, Not, Scaled, constant

_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def rewritten(node: Compare, value_of: Callable[[Node], Any], zone: ZoneInfo) -> Node | None:
    """The comparison of a day count with a fixed number as one of the date with a fixed day, or None.

    `days_between(due, today()) > 15` holds exactly when `due < today() - 15`; a condition on
    `a if test else 0` becomes one on `a` where `0` alone would not do; the date of an instant is
    compared by the instant at which a day of `zone` begins.
    """
    if constant(node.left):
        if constant(node.right):
            return None
        node = replace(node, op=_FLIP[node.op], left=node.right, right=node.left)
    if not constant(node.right):
        return None
    left = _bare(node.left)
    if isinstance(left, Call) and left.name == "days_between":
        return _days(node, left, value_of)
    if isinstance(left, Call) and left.name == "date_of":
        return _instants(node, left, value_of, zone)
    if isinstance(left, If) and _counts_days(left.then, left.other):
        return _split(node, left, value_of)
    if isinstance(left, Call) and left.name in ("max", "min") and _counts_days(*left.args):
        return _clamped(node, left, value_of)
    return None


def _bare(node: Node) -> Node:
    """The node without wrappers that leave its value as it is."""
    while isinstance(node, Computed) or (isinstance(node, Scaled) and node.part.type.scale <= node.type.scale):
        node = node.part
    return node


def _counts_days(*nodes: Node) -> bool:
    bare = [_bare(node) for node in nodes]
    return any(isinstance(node, Call) and node.name == "days_between" for node in bare)


def _clamped(node: Compare, call: Call, value_of: Callable[[Node], Any]) -> Node | None:
    """`max(0, days) > 15` is `days > 15`, because 0 alone would not do; in general when the limit decides nothing."""
    if len(call.args) != 2 or constant(call.args[0]) == constant(call.args[1]) or node.op in ("==", "!="):
        return None
    limit, days = call.args if constant(call.args[0]) else (call.args[1], call.args[0])
    beyond = (call.name == "max") == (node.op in (">", ">="))
    if value_of(replace(node, left=limit)) is not (not beyond):
        return None
    return replace(node, left=days)


def _days(node: Compare, call: Call, value_of: Callable[[Node], Any]) -> Node | None:
    first, second = call.args
    if constant(first) == constant(second):
        return None
    day, count = value_of(first if constant(first) else second), value_of(node.right)
    if day is None or count is None or int(count) != count:
        return None
    try:
        edge: date = day + timedelta(days=int(count) if constant(first) else -int(count))
    except OverflowError:
        return None
    fixed = Literal(types.date(nullable=False), str(edge), edge)
    if constant(first):
        return replace(node, left=second, right=fixed)
    return replace(node, op=_FLIP[node.op], left=first, right=fixed)


def _instants(node: Compare, call: Call, value_of: Callable[[Node], Any], zone: ZoneInfo) -> Node | None:
    day = value_of(node.right)
    if day is None or node.op == "!=" or day.year in (1, 9999):
        return None
    instants = call.args[0]
    begin = _moment(node, instants, ">=" if node.op in (">=", "==") else "<", day, zone)
    end = _moment(node, instants, "<" if node.op in ("<=", "==") else ">=", day + timedelta(days=1), zone)
    if node.op == "==":
        return Logic(node.type, node.text, "and", (begin, end))
    return begin if node.op in ("<", ">=") else end


def _moment(node: Compare, instants: Node, op: str, day: date, zone: ZoneInfo) -> Compare:
    """The instants from, or before, the beginning of a day."""
    starts = instant(day, time(0), zone)
    return replace(node, op=op, left=instants, right=Literal(types.datetime(nullable=False), node.right.text, starts))


def _split(node: Compare, choice: If, value_of: Callable[[Node], Any]) -> Node | None:
    """`(a if test else b) op c`, where `b op c` is known beforehand."""
    if constant(choice.then) == constant(choice.other):
        return None
    fixed, open_ = (choice.then, choice.other) if constant(choice.then) else (choice.other, choice.then)
    known = value_of(replace(node, left=fixed))
    if known is None:
        return None
    yes = types.boolean(nullable=False)
    known_true = Logic(
        yes,
        choice.test.text,
        "and",
        (choice.test, Not(yes, choice.test.text, IsNull(yes, choice.test.text, choice.test, False))),
    )
    chosen: Node = known_true if open_ is choice.then else Not(yes, choice.test.text, known_true)
    compared = replace(node, left=open_)
    if known:
        return Logic(node.type, node.text, "or", (Not(yes, choice.test.text, chosen), compared))
    return Logic(node.type, node.text, "and", (chosen, compared))
