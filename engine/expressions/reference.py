"""The reference evaluator: the checked tree handed to simpleeval, which knows only what this module gives it.

Slower than the closures and written apart from them, so that the parity fuzz can hold one against the other.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from simpleeval import FeatureNotAvailable, SimpleEval

from engine.expressions.aggregates import AGGREGATES
from engine.expressions.calls import lookup
from engine.expressions.env import Env
from engine.expressions.python import ARITH, COMPARE, user_value
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
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Scaled,
    Setting,
    User,
)
from engine.expressions.values import negate, negative, to_scale

_COMPARE_OPS: Mapping[str, ast.cmpop] = {
    "==": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()
}  # fmt: skip
_ARITH_OPS: Mapping[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}


def _strict(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: None if left is None or right is None else function(left, right)


_OPERATORS: dict[type, Callable[..., Any]] = {
    **{type(op): _strict(COMPARE[symbol]) for symbol, op in _COMPARE_OPS.items()},
    **{type(op): ARITH[symbol] for symbol, op in _ARITH_OPS.items()},
    ast.Not: negate,
    ast.USub: negative,
    ast.In: _strict(lambda part, items: part in items),
    ast.NotIn: _strict(lambda part, items: part not in items),
    ast.Is: lambda part, _none: part is None,
    ast.IsNot: lambda part, _none: part is not None,
}


class Reference(SimpleEval):  # type: ignore[misc]
    """simpleeval with an allow-list of nodes, our operators, our functions, no attributes; one per evaluation."""

    def __init__(self, env: Env) -> None:
        super().__init__(operators=_OPERATORS, functions={}, names={}, allowed_attrs={})
        self.frames = [env]
        self.nodes = {
            ast.Constant: self._eval_constant,
            ast.Name: self._eval_name,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
        }

    def run(self, node: Node) -> Any:
        """The value of a checked tree for the record of the env."""
        return self.eval(node.text, previously_parsed=lowered(node))

    def _eval_name(self, node: ast.Name) -> Any:
        frame, *steps = node.id.split(".")
        if frame == "user":
            return user_value(self.frames[0], tuple(steps))
        if frame == "settings":
            return self.frames[0].value(("settings", *steps))
        return self.frames[-1 - int(frame)].value(tuple(steps))

    def _eval_boolop(self, node: ast.BoolOp) -> bool | None:
        values = [self._eval(part) for part in node.values]
        end = isinstance(node.op, ast.Or)
        if end in values:
            return end
        return None if None in values else not end

    def _eval_ifexp(self, node: ast.IfExp) -> Any:
        return self._eval(node.body if self._eval(node.test) is True else node.orelse)

    def _eval_call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name):
            raise FeatureNotAvailable("only a named function can be called")
        name = node.func.id
        if name in AGGREGATES:
            return self._aggregate(name, node)
        values = [self._eval(arg) for arg in node.args]
        if name == "scaled":
            return to_scale(*values)
        function = lookup(name)
        assert function.python is not None
        if function.strict and any(value is None for value in values):
            return None
        return function.python(self.frames[0], *values) if function.env else function.python(*values)

    def _aggregate(self, name: str, node: ast.Call) -> Any:
        place, where, *value = node.args
        assert isinstance(place, ast.Name)
        frame, *relation = place.id.split(".")
        kept: list[Any] = []
        for child in self.frames[-1 - int(frame)].related(tuple(relation)):
            self.frames.append(child)
            if self._eval(where) is True:
                kept.append(self._eval(value[0]) if value else child)
            self.frames.pop()
        return AGGREGATES[name].python([one for one in kept if one is not None])


def lowered(node: Node) -> ast.expr:
    """The checked tree as a Python syntax tree; names carry how far out they are, such as `0.customer.grade`."""
    return _LOWER[type(node)](node)


def _name(text: str) -> ast.Name:
    return ast.Name(id=text, ctx=ast.Load())


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(func=_name(name), args=list(args), keywords=[])


def _lower_arith(node: Arith) -> ast.expr:
    reckoned = ast.BinOp(left=lowered(node.left), op=_ARITH_OPS[node.op], right=lowered(node.right))
    return _call("scaled", reckoned, ast.Constant(node.type.scale)) if node.op == "*" else reckoned


def _lower_logic(node: Logic) -> ast.expr:
    return ast.BoolOp(op=ast.And() if node.op == "and" else ast.Or(), values=[lowered(item) for item in node.items])


def _lower_compare(node: Compare) -> ast.expr:
    return ast.Compare(left=lowered(node.left), ops=[_COMPARE_OPS[node.op]], comparators=[lowered(node.right)])


def _lower_in(node: In) -> ast.expr:
    items: ast.expr = ast.Constant(value=tuple(item.value for item in node.items))  # type: ignore[arg-type]
    return ast.Compare(left=lowered(node.part), ops=[ast.NotIn() if node.negated else ast.In()], comparators=[items])


def _lower_is_null(node: IsNull) -> ast.expr:
    op = ast.IsNot() if node.negated else ast.Is()
    return ast.Compare(left=lowered(node.part), ops=[op], comparators=[ast.Constant(None)])


def _lower_aggregate(node: Aggregate) -> ast.expr:
    where = lowered(node.where) if node.where else ast.Constant(True)
    value = [lowered(node.value)] if node.value else []
    return _call(node.name, _name(".".join((str(node.up), *node.relation))), where, *value)


_LOWER: Mapping[type[Node], Callable[[Any], ast.expr]] = {
    Literal: lambda node: ast.Constant(node.value),
    Field: lambda node: _name(".".join((str(node.up), *node.path))),
    Setting: lambda node: _name(".".join(node.path)),
    User: lambda node: _name(".".join(("user", *node.path))),
    Computed: lambda node: lowered(node.part),
    Logic: _lower_logic,
    Not: lambda node: ast.UnaryOp(op=ast.Not(), operand=lowered(node.part)),
    Compare: _lower_compare,
    In: _lower_in,
    IsNull: _lower_is_null,
    Arith: _lower_arith,
    Negative: lambda node: ast.UnaryOp(op=ast.USub(), operand=lowered(node.part)),
    Scaled: lambda node: _call("scaled", lowered(node.part), ast.Constant(node.type.scale)),
    If: lambda node: ast.IfExp(test=lowered(node.test), body=lowered(node.then), orelse=lowered(node.other)),
    Call: lambda node: _call(node.name, *map(lowered, node.args)),
    Aggregate: _lower_aggregate,
}


def reference_value(node: Node, env: Env) -> Any:
    """What the reference evaluator says of this tree."""
    return Reference(env).run(node)
