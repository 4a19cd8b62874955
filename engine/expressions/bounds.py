"""How large a number can grow, in units of its scale: decides where 64-bit arithmetic is enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions.tree import Aggregate, Arith, Call, Computed, Field, If, Negative, Node, Scaled, constant
from engine.expressions.values import to_units

ValueOf = Callable[[Node], Any]

FITS = 2**63 - 1
STORED = 10**15  # forms refuse larger numbers: 9,999,999,999,999.99 yuan


def bound(node: Node, value_of: ValueOf) -> int:
    """No value of the node is beyond this many units; `value_of` answers what is the same for every record."""
    if constant(node):
        value = value_of(node)
        return abs(to_units(value, node.type.scale)) if value is not None else 0
    if isinstance(node, Field):
        return STORED
    if isinstance(node, Computed | Negative):
        return bound(node.part, value_of)
    if isinstance(node, Scaled):
        return _moved(bound(node.part, value_of), node.type.scale - node.part.type.scale)
    if isinstance(node, If):
        return max(_at(node.then, node.type.scale, value_of), _at(node.other, node.type.scale, value_of))
    if isinstance(node, Arith) and node.op in "+-":
        return _at(node.left, node.type.scale, value_of) + _at(node.right, node.type.scale, value_of)
    if isinstance(node, Arith) and node.op == "*":
        return _moved(
            bound(node.left, value_of) * bound(node.right, value_of),
            node.type.scale - node.left.type.scale - node.right.type.scale,
        )
    if isinstance(node, Call) and node.name in ("min", "max", "coalesce", "abs", "floor", "ceil"):
        return max(_at(arg, max(node.type.scale, arg.type.scale), value_of) for arg in node.args)
    if isinstance(node, Call):
        return 10**8  # counts of days, years, lengths
    if isinstance(node, Aggregate) and node.name == "count":
        return 10**10
    if isinstance(node, Aggregate) and node.name in ("min_of", "max_of") and node.value is not None:
        return bound(node.value, value_of)
    return FITS


def _at(node: Node, scale: int, value_of: ValueOf) -> int:
    return bound(node, value_of) * int(10 ** (scale - node.type.scale))


def _moved(units: int, places: int) -> int:
    return units * int(10**places) if places >= 0 else units // int(10**-places) + 1
