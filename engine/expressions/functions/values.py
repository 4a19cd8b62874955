"""Choosing a value: the first that is there, a range, a case by case table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func

from engine.expressions import types
from engine.expressions.functions.base import Arguments, function
from engine.expressions.meet import Mismatch, alternatives, compared
from engine.expressions.tree import Compare, If, Logic, Node

if TYPE_CHECKING:
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call


def _coalesce(given: Arguments) -> Node:
    fitted, type = alternatives(list(given.args))
    return given.call(type.maybe(all(node.type.nullable for node in fitted)), fitted)


def _coalesce_sql(compiler: SqlCompiler, call: Call) -> ColumnElement[Any]:
    return compiler.typed(func.coalesce(*(compiler.fitted(arg, call.type) for arg in call.args)), call.type)


def first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _between(given: Arguments) -> Node:
    value, low, high = given.args
    links = []
    for op, edge in ((">=", low), ("<=", high)):
        left, right = compared(op, value, edge)
        nullable = left.type.nullable or right.type.nullable
        links.append(Compare(types.boolean(nullable), f"{left.text} {op} {right.text}", op, left, right))
    return Logic(types.boolean(any(link.type.nullable for link in links)), given.text, "and", tuple(links))


def _switch(given: Arguments) -> Node:
    """Becomes a chain of conditions, so that keys and results are checked like any other comparison."""
    value, *rest = given.args
    if len(rest) % 2 == 0:
        raise Mismatch(
            "switch() needs pairs of key and value, and a last value for all else",
            "write `switch(x, 'a', 1, 'b', 2, 0)`",
        )
    fitted, type = alternatives([*rest[1::2], rest[-1]])
    chain = fitted[-1]
    for key, result in reversed(list(zip(rest[:-1:2], fitted[:-1], strict=True))):
        left, right = compared("==", value, key)
        test = Compare(
            types.boolean(left.type.nullable or right.type.nullable), f"{left.text} == {right.text}", "==", left, right
        )
        chain = If(type, given.text, test, result, chain)
    return chain


function(
    "coalesce",
    rule=_coalesce,
    arity=(2, None),
    python=first,
    sql=_coalesce_sql,
    strict=False,
    says="{all}中第一个有值的",
    examples=[("coalesce(None, 3)", 3), ("coalesce(1, 2)", 1)],
)
function(
    "between",
    rule=_between,
    arity=(3, 3),
    says="{0}在{1}与{2}之间",
    examples=[("between(3, 1, 3)", True), ("between(0.5, 1, 3)", False)],
)
function(
    "switch",
    rule=_switch,
    arity=(4, None),
    says="按{0}取值",
    examples=[("switch('b', 'a', 1, 'b', 2, 0)", 2), ("switch('z', 'a', 1, 0)", 0)],
)
