"""How two types meet: in a comparison, in arithmetic, and as alternatives of one value."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from engine.expressions import types
from engine.expressions.tree import Arith, Call, Computed, If, Literal, Node, Scaled, literal
from engine.expressions.types import Type
from engine.expressions.values import MAX_SCALE
from engine.names import nearest

_TEXTLIKE = frozenset({"text", "choice", "department", "role"})
_ORDERED = types.NUMERIC | {"date", "datetime", "time"}
_CLOCK = frozenset({"today", "as_of", "now"})
_CHOOSING = frozenset({"min", "max", "coalesce"})
_WORDS = {
    "integer": "a whole number", "number": "a number", "money": "an amount of money", "percent": "a share",
    "duration": "a duration", "text": "a text", "boolean": "a yes/no value", "date": "a date", "datetime": "an instant",
    "time": "a time of day", "choice": "a choice", "choices": "several choices", "reference": "a reference",
    "person": "a person", "department": "a department", "role": "a role", "related": "a relation to many records",
    "record": "a record", "json": "free data", "null": "nothing",
}  # fmt: skip


class Mismatch(Exception):
    """Two parts do not fit; the checker knows where they stand."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class BadLiteral(Mismatch):
    """A literal cannot be read as what stands on the other side."""


def words(type: Type) -> str:
    """The type as a person says it."""
    return _WORDS[type.kind]


def compared(op: str, left: Node, right: Node) -> tuple[Node, Node]:
    """Both sides fit for comparison, literals turned into what they stand for; Mismatch when they do not fit."""
    left, right = _as(left, right.type), _as(right, left.type)
    a, b = left.type, right.type
    if "null" in (a.kind, b.kind):
        raise Mismatch("a comparison with None is never true", "write `is None` or `is not None`")
    if {a.kind, b.kind} == {"date", "datetime"}:
        raise Mismatch("a date and an instant cannot be compared", "write `date_of(...)` around the instant")
    if "choices" in (a.kind, b.kind):
        raise Mismatch("several choices are not compared as a whole", "write `'x' in field`, or `is_empty(field)`")
    if "json" in (a.kind, b.kind) or not _fit(left, right):
        raise Mismatch(f"{words(a)} cannot be compared with {words(b)}")
    if op not in ("==", "!=") and a.kind not in _ORDERED:
        raise Mismatch(f"{words(a)} has no order", "compare it with `==`, `!=` or `in [...]`")
    return left, right


def fitting(node: Node, type: Type) -> Node:
    """The node as a value of a type that is no number; Mismatch when it is none."""
    node = _as(node, type)
    wanted = Literal(type, node.text, None)
    if {node.type.kind, type.kind} == {"date", "datetime"} or not _fit(node, wanted):
        raise Mismatch(f"{words(type)} is needed here, and this is {words(node.type)}")
    return node


def alternatives(nodes: list[Node]) -> tuple[list[Node], Type]:
    """The nodes and the one type of a value that may be any of them."""
    typed = [node for node in nodes if node.type.kind != "null"]
    if not typed:
        return nodes, types.null()
    lead = next((node for node in typed if not literal(node)), typed[0])
    fitted = [_as(node, lead.type) for node in nodes]
    for node in fitted:
        if node.type.kind != "null" and not _fit(lead, node):
            raise Mismatch(f"{words(lead.type)} and {words(node.type)} cannot stand for the same value")
    kept = [node.type for node in fitted if node.type.kind != "null"]
    nullable = any(node.type.nullable for node in fitted)
    if lead.type.numeric:
        kind = _common([type for type in kept if type.kind != "integer"] or kept, lead)
        return fitted, Type(kind, nullable, max(type.scale for type in kept))
    options = tuple(dict.fromkeys(o for type in kept for o in type.options or ())) if lead.type.options else None
    return fitted, replace(lead.type, nullable=nullable, options=options)


def sum_type(left: Node, right: Node) -> Type:
    """The type of `+` and `-`."""
    a, b = left.type, right.type
    _both_numbers(a, b)
    if not _same_measure(left, right):
        raise Mismatch(f"{words(a)} and {words(b)} cannot be added or subtracted")
    return Type(_common([a, b], left), a.nullable or b.nullable, max(a.scale, b.scale))


def product_type(left: Node, right: Node) -> Type:
    a, b = left.type, right.type
    _both_numbers(a, b)
    if a.kind == b.kind == "money":
        raise Mismatch("money cannot be multiplied by money")
    kind = next((k for k in ("money", "duration") if k in (a.kind, b.kind)), "number")
    if a.kind == b.kind == "integer":
        kind = "integer"
    scale = min(a.scale + b.scale, MAX_SCALE)
    return Type("number" if kind == "duration" and scale else kind, a.nullable or b.nullable, scale)


def quotient_type(left: Node, right: Node) -> Type:
    a, b = left.type, right.type
    _both_numbers(a, b)
    if b.kind == "money" and a.kind != "money" and not literal(left):
        raise Mismatch(f"{words(a)} cannot be divided by money")
    never_zero = isinstance(right, Literal) and right.value != 0
    nullable = a.nullable or b.nullable or not never_zero
    return Type("money" if a.kind == "money" and b.kind != "money" else "number", nullable, MAX_SCALE)


def _both_numbers(a: Type, b: Type) -> None:
    for type in (a, b):
        if type.kind in ("date", "datetime"):
            raise Mismatch(
                "dates are not reckoned with operators",
                "write `days_between(a, b)`, `add_days(d, n)` or `add_months(d, n)`",
            )
        if not type.numeric:
            raise Mismatch(f"{words(type)} cannot be reckoned with", "arithmetic needs numbers on both sides")


def _common(kinds: list[Type], lead: Node) -> str:
    """The kind of number that several kinds add up to."""
    names = {type.kind for type in kinds}
    for strong in ("money", "duration"):
        if strong in names:
            return strong
    return names.pop() if len(names) == 1 else "number"


def _same_measure(left: Node, right: Node) -> bool:
    """Money and durations meet their own kind or a bare number; other numbers meet freely."""
    for strong in ("money", "duration"):
        for one, other in ((left, right), (right, left)):
            if one.type.kind == strong and other.type.kind != strong and not literal(other):
                return False
    return True


def _fit(left: Node, right: Node) -> bool:
    a, b = left.type, right.type
    if a.numeric and b.numeric:
        return _same_measure(left, right)
    if a.kind in types.ROWS and b.kind in types.ROWS:
        return a.kind == b.kind and (a.form is None or b.form is None or a.form == b.form)
    if {a.kind, b.kind} & types.ROWS:
        return isinstance(left if b.kind in types.ROWS else right, Literal) and "integer" in (a.kind, b.kind)
    if a.kind in _TEXTLIKE and b.kind in _TEXTLIKE:
        return a.kind == b.kind or "choice" not in (a.kind, b.kind) or "text" in (a.kind, b.kind)
    return a.kind == b.kind


def _as(node: Node, other: Type) -> Node:
    """A text literal read as what it is compared with: a date, a time of day, or one of the options."""
    if isinstance(node, If) and node.type.kind == "text":
        then, alternative = _as(node.then, other), _as(node.other, other)
        kinds = {side.type.kind for side in (then, alternative) if side.type.kind != "null"}
        if len(kinds) > 1 or not kinds:
            return node
        type = next(side.type for side in (then, alternative) if side.type.kind != "null")
        return replace(node, then=then, other=alternative, type=type.maybe(node.type.nullable))
    if not isinstance(node, Literal) or node.type.kind != "text":
        return node
    if other.kind == "date":
        try:
            return replace(node, value=date.fromisoformat(node.value), type=types.date(nullable=False))
        except ValueError:
            raise BadLiteral(f"'{node.value}' is not a date", "write a date as 'YYYY-MM-DD'") from None
    if other.kind == "datetime":
        raise BadLiteral(
            "an instant cannot be compared with a text", "compare `date_of(...)` of it with a date such as '2026-03-01'"
        )
    if other.kind == "time":
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", node.value):
            raise BadLiteral(f"'{node.value}' is not a time of day", "write a time as 'HH:MM'")
        return replace(node, type=types.time(nullable=False))
    if other.kind in ("choice", "choices"):
        if other.options is not None and node.value not in other.options:
            known = ", ".join(other.options)
            raise BadLiteral(f"'{node.value}' is not one of the options ({known})", _near(node.value, other.options))
        return replace(node, type=Type("choice", False, options=other.options))
    return node


def day_count(node: Node) -> bool:
    """True for today and for counts of days to or from it: values that change by themselves overnight."""
    if isinstance(node, Call) and node.name in ("days_between", "workdays_between"):
        return any(isinstance(part, Call) and part.name in _CLOCK for part in node.walk())
    if isinstance(node, Call):
        return node.name in ("today", "as_of") or (node.name in _CHOOSING and any(map(day_count, node.args)))
    if isinstance(node, Arith | If | Scaled | Computed):
        return any(map(day_count, node.parts()))
    return False


def _near(value: str, options: tuple[str, ...]) -> str | None:
    found = nearest(value, options)
    return f"did you mean '{found}'?" if found else None


def as_type(node: Node, type: Type) -> Node:
    """The node as a value of this type where a literal can be read so."""
    return _as(node, type)
