"""The back end for one record: the typed tree compiled once into closures.

A closure takes the env of the record and the envs around it (outside of aggregates none, nearest last).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions.aggregates import AGGREGATES
from engine.expressions.calls import lookup
from engine.expressions.env import Env
from engine.expressions.tree import (
    Aggregate,
    Arith,
    Call,
    Compare,
    Computed,
    Field,
    If,
    In,
    IsNull,
    Known,
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Scaled,
    Setting,
    User,
)
from engine.expressions.values import add, divide, multiply, negate, negative, subtract, to_scale

Outer = tuple[Env, ...]
Run = Callable[[Env, Outer], Any]

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
ARITH: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": subtract, "*": multiply, "/": divide}


def closure(node: Node) -> Run:
    """The node as a function of the record."""
    return _MAKERS[type(node)](node)


def user_value(env: Env, path: tuple[str, ...]) -> Any:
    """The id of the person who looks, or an attribute of that person."""
    if env.user is None:
        return None
    return getattr(env.user, path[0] if path else "id", None)


def _literal(node: Literal | Known) -> Run:
    value = node.value
    return lambda env, outer: value


def _field(node: Field) -> Run:
    path, up = node.path, node.up
    if up == 0:
        return lambda env, outer: env.value(path)
    return lambda env, outer: outer[-up].value(path)


def _setting(node: Setting) -> Run:
    path = node.path
    return lambda env, outer: (outer[0] if outer else env).value(path)


def _user(node: User) -> Run:
    path = node.path
    return lambda env, outer: user_value(outer[0] if outer else env, path)


def _computed(node: Computed) -> Run:
    """Reckoned once per record, where its env keeps that."""
    part, path, up = closure(node.part), node.path, node.up

    def run(env: Env, outer: Outer) -> Any:
        kept = (outer[-up] if up else env).kept
        if kept is None:
            return part(env, outer)
        if path not in kept:
            kept[path] = part(env, outer)
        return kept[path]

    return run


def _logic(node: Logic) -> Run:
    """Kleene: `and` is False as soon as one part is, else None as soon as one is unknown; `or` the mirror image."""
    parts = [closure(item) for item in node.items]
    end: bool = node.op == "or"

    def run(env: Env, outer: Outer) -> bool | None:
        result: bool | None = not end
        for part in parts:
            value = part(env, outer)
            if value is end:
                return value is True
            if value is None:
                result = None
        return result

    return run


def _not(node: Not) -> Run:
    part = closure(node.part)
    return lambda env, outer: negate(part(env, outer))


def _compare(node: Compare) -> Run:
    compare, left = COMPARE[node.op], closure(node.left)
    if isinstance(node.right, Literal):
        fixed = node.right.value

        def against(env: Env, outer: Outer) -> bool | None:
            value = left(env, outer)
            return None if value is None else compare(value, fixed)

        return against
    right = closure(node.right)

    def run(env: Env, outer: Outer) -> bool | None:
        a = left(env, outer)
        if a is None:
            return None
        b = right(env, outer)
        return None if b is None else compare(a, b)

    return run


def _in(node: In) -> Run:
    part, wanted, negated = closure(node.part), frozenset(item.value for item in node.items), node.negated

    def run(env: Env, outer: Outer) -> bool | None:
        value = part(env, outer)
        if value is None:
            return None
        return (value in wanted) is not negated

    return run


def _is_null(node: IsNull) -> Run:
    part, negated = closure(node.part), node.negated
    return lambda env, outer: (part(env, outer) is None) is not negated


def _arith(node: Arith) -> Run:
    reckon, left, right, scale = ARITH[node.op], closure(node.left), closure(node.right), node.type.scale
    if node.op == "*" and node.left.type.scale + node.right.type.scale > scale:
        return lambda env, outer: to_scale(reckon(left(env, outer), right(env, outer)), scale)
    return lambda env, outer: reckon(left(env, outer), right(env, outer))


def _negative(node: Negative) -> Run:
    part = closure(node.part)
    return lambda env, outer: negative(part(env, outer))


def _scaled(node: Scaled) -> Run:
    part, scale = closure(node.part), node.type.scale
    return lambda env, outer: to_scale(part(env, outer), scale)


def _if(node: If) -> Run:
    test, then, other = closure(node.test), closure(node.then), closure(node.other)
    return lambda env, outer: then(env, outer) if test(env, outer) is True else other(env, outer)


def _call(node: Call) -> Run:
    function, args = lookup(node.name), [closure(arg) for arg in node.args]
    python, strict = function.python, function.strict
    assert python is not None
    if function.env and not args:
        return lambda env, outer: python(outer[0] if outer else env)

    def run(env: Env, outer: Outer) -> Any:
        values = [arg(env, outer) for arg in args]
        if strict and None in values:
            return None
        return python(outer[0] if outer else env, *values) if function.env else python(*values)

    return run


def _aggregate(node: Aggregate) -> Run:
    kind, relation, up = AGGREGATES[node.name], node.relation, node.up
    value = closure(node.value) if node.value else None
    where = closure(node.where) if node.where else None

    def run(env: Env, outer: Outer) -> Any:
        inner = (*outer, env)
        found: Any = inner[-1 - up].related(relation)
        if where is not None:
            found = [child for child in found if where(child, inner) is True]
        if value is None:
            return kind.python(found)
        values = [value(child, inner) for child in found]
        return kind.python([one for one in values if one is not None])

    return run


_MAKERS: Mapping[type[Node], Callable[[Any], Run]] = {
    Literal: _literal,
    Known: _literal,
    Field: _field,
    Setting: _setting,
    User: _user,
    Computed: _computed,
    Logic: _logic,
    Not: _not,
    Compare: _compare,
    In: _in,
    IsNull: _is_null,
    Arith: _arith,
    Negative: _negative,
    Scaled: _scaled,
    If: _if,
    Call: _call,
    Aggregate: _aggregate,
}
