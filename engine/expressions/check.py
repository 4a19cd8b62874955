"""From a syntax tree to a typed tree: every name found, every type fitted, every mistake at its place."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from engine.errors import ConfigError, ExpressionError
from engine.expressions import types
from engine.expressions.aggregates import AGGREGATES
from engine.expressions.functions import FUNCTIONS, Arguments
from engine.expressions.lookup import Names
from engine.expressions.meet import (
    BadLiteral,
    Mismatch,
    alternatives,
    compared,
    day_count,
    fitting,
    product_type,
    quotient_type,
    sum_type,
    words,
)
from engine.expressions.parse import Source
from engine.expressions.scope import Scope
from engine.expressions.tree import (
    Aggregate,
    Arith,
    Call,
    Compare,
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
    User,
    constant,
)
from engine.expressions.values import MAX_SCALE, negative, scale_of
from engine.names import hint

_COMPARE: Mapping[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="
}  # fmt: skip
_ARITH = {
    ast.Add: ("+", sum_type),
    ast.Sub: ("-", sum_type),
    ast.Mult: ("*", product_type),
    ast.Div: ("/", quotient_type),
}


_MEANT = {  # what other languages call it
    "sum": "sum_of(relation, value)",
    "avg": "avg_of(relation, value)",
    "average": "avg_of(relation, value)",
    "sumif": "sum_of(relation, value, condition)",
    "countif": "count(relation, condition)",
    "datediff": "days_between(first, second)",
    "dateadd": "add_days(date, days)",
    "ifnull": "coalesce(value, other)",
    "nvl": "coalesce(value, other)",
    "isnull": "value is None",
    "isblank": "is_empty(value)",
    "iif": "a if condition else b",
    "length": "len(text)",
    "ceiling": "ceil(number)",
}


class Checker:
    """Checks one expression in one scope; `outer` holds the scopes around an aggregate, nearest last."""

    def __init__(self, source: Source, scope: Scope, outer: tuple[Scope, ...] = ()) -> None:
        self.source, self.names = source, Names(source, scope, outer)
        self._doubts: list[tuple[str, ConfigError]] = []  # what may be empty, and the warning about it
        self._told: list[ConfigError] = []

    def check(self, node: ast.expr) -> Node:
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise self.error(node, "this is not part of the expression language")
        try:
            checked: Node = method(node)
        except Mismatch as mismatch:
            raise self.error(node, mismatch.message, mismatch.hint) from None
        return checked

    @property
    def warnings(self) -> list[ConfigError]:
        """What reads well and may mean something else; emptiness that is asked about beside it is no doubt."""
        return [*self._told, *(error for _, error in self._doubts)]

    def error(self, node: ast.AST, message: str, hint: str | None = None) -> ExpressionError:
        return self.source.error(self.source.offset(node), message, hint)

    def truth(self, node: ast.expr) -> Node:
        """The node as a condition."""
        checked = self.check(node)
        if checked.type.kind not in ("boolean", "null"):
            raise self.error(
                node,
                f"a condition must be yes or no; `{checked.text}` is {words(checked.type)}",
                "compare it with something",
            )
        return checked

    def _constant(self, node: ast.Constant) -> Node:
        text, value = self.source.piece(node), node.value
        if value is None:
            return Literal(types.null(), text, None)
        if isinstance(value, bool):
            return Literal(types.boolean(nullable=False), text, value)
        if isinstance(value, str):
            return Literal(types.text(nullable=False), text, value)
        if isinstance(value, int):
            return Literal(types.integer(nullable=False), text, value)
        if not isinstance(value, float):
            raise self.error(node, "this is not part of the expression language")
        exact = Decimal(text)
        if scale_of(exact) > MAX_SCALE:
            raise self.error(node, f"a number has at most {MAX_SCALE} decimals")
        return Literal(types.number(scale_of(exact), nullable=False), text, exact)

    def _name(self, node: ast.Name) -> Node:
        return self.names.resolve(node)

    _attribute = _name

    def _boolop(self, node: ast.BoolOp) -> Node:
        items = tuple(self.truth(value) for value in node.values)
        asked = {item.part.text for item in items if isinstance(item, IsNull)}
        self._doubts = [doubt for doubt in self._doubts if doubt[0] not in asked]
        op = "and" if isinstance(node.op, ast.And) else "or"
        return Logic(types.boolean(any(i.type.nullable for i in items)), self.source.piece(node), op, items)

    def _unaryop(self, node: ast.UnaryOp) -> Node:
        text = self.source.piece(node)
        if isinstance(node.op, ast.Not):
            part = self.truth(node.operand)
            return Not(types.boolean(part.type.nullable), text, part)
        part = self.check(node.operand)
        if not part.type.numeric:
            raise self.error(node, f"{words(part.type)} has no negative")
        if isinstance(part, Literal):
            return replace(part, text=text, value=negative(part.value))
        return Negative(part.type, text, part)

    def _binop(self, node: ast.BinOp) -> Node:
        op, rule = _ARITH[type(node.op)]
        left, right = self.check(node.left), self.check(node.right)
        return Arith(rule(left, right), self.source.piece(node), op, left, right)

    def _ifexp(self, node: ast.IfExp) -> Node:
        test, then, other = self.truth(node.test), self.check(node.body), self.check(node.orelse)
        (then, other), type = alternatives([then, other])
        return If(type, self.source.piece(node), test, then, other)

    def _list(self, node: ast.List) -> Node:
        raise self.error(node, "a list stands after `in` only", "write `x in ['a', 'b']`")

    def _compare(self, node: ast.Compare) -> Node:
        sides = [node.left, *node.comparators]
        links = [self._link(node, op, a, b) for op, a, b in zip(node.ops, sides, sides[1:], strict=False)]
        if len(links) == 1:
            return links[0]
        return Logic(types.boolean(any(i.type.nullable for i in links)), self.source.piece(node), "and", tuple(links))

    def _link(self, whole: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Node:
        piece = self.source.piece
        text = piece(whole) if len(whole.ops) == 1 else f"{piece(left)} {_symbol(op)} {piece(right)}"
        if isinstance(op, ast.Is | ast.IsNot):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise self.error(right, "`is` goes with None only", "write `==` to compare")
            return IsNull(types.boolean(False), text, self._value(left), isinstance(op, ast.IsNot))
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(text, left, right, isinstance(op, ast.NotIn))
        try:
            a, b = compared(_COMPARE[type(op)], self._value(left), self._value(right))
        except Mismatch as mismatch:
            raise self.error(
                right if isinstance(right, ast.Constant) else left, mismatch.message, mismatch.hint
            ) from None
        self._look(whole, _COMPARE[type(op)], a, b, text)
        return Compare(types.boolean(a.type.nullable or b.type.nullable), text, _COMPARE[type(op)], a, b)

    def _value(self, node: ast.expr) -> Node:
        checked = self.check(node)
        if checked.type.kind in ("related", "record"):
            raise self.error(node, f"`{checked.text}` is {words(checked.type)} and has no value of its own")
        return checked

    def _look(self, node: ast.Compare, op: str, left: Node, right: Node, text: str) -> None:
        """Refuse or warn about comparisons that read well and do something else."""
        if op == "==" and (day_count(left) or day_count(right)):
            raise self.error(
                node, f"`{text}` holds on one day only, and a day that is missed never comes back", "write `>=` or `<=`"
            )
        if isinstance(left, Literal) and isinstance(right, Literal):
            self._told.append(self.error(node, f"`{text}` is always the same"))
        if op == "!=" and (left.type.nullable or right.type.nullable):
            empty = left if left.type.nullable else right
            error = self.error(
                node,
                f"`{text}` skips records whose `{empty.text}` is empty",
                f"add `or {empty.text} is None` if they count",
            )
            self._doubts.append((empty.text, error))

    def _membership(self, text: str, left: ast.expr, right: ast.expr, negated: bool) -> Node:
        part = self._value(left)
        if not isinstance(right, ast.List):
            return self._contained(text, left, right, part, negated)
        if not right.elts:
            raise self.error(right, "the list is empty")
        items: list[Node] = []
        for element in right.elts:
            item = self.check(element)
            if item.type.kind == "null":
                raise self.error(element, "a list cannot hold None", "add `or ... is None`")
            if not constant(item):
                raise self.error(
                    element,
                    f"a list holds fixed values only, and `{item.text}` differs by record",
                    "write `==` and `or`",
                )
            try:
                part, item = compared("==", part, item)
            except Mismatch as mismatch:
                raise self.error(element, mismatch.message, mismatch.hint) from None
            items.append(item)
        literals = tuple(item for item in items if isinstance(item, Literal))
        if len(literals) == len(items):
            return In(types.boolean(part.type.nullable), text, part, literals, negated)
        each = tuple(Compare(types.boolean(part.type.nullable or i.type.nullable), text, "==", part, i) for i in items)
        found = Logic(types.boolean(any(i.type.nullable for i in each)), text, "or", each)
        return Not(found.type, text, found) if negated else found

    def _contained(self, text: str, left: ast.expr, right: ast.expr, part: Node, negated: bool) -> Node:
        holder = self._value(right)
        if holder.type.kind != "choices":
            raise self.error(
                right, f"`in` needs a list; `{holder.text}` is {words(holder.type)}", "write `x in ['a', 'b']`"
            )
        found = FUNCTIONS["contains"].rule(Arguments("contains", text, (holder, part)))
        return Not(found.type, text, found) if negated else found

    def _call(self, node: ast.Call) -> Node:
        if isinstance(node.func, ast.Attribute):
            return self._manages(node)
        if not isinstance(node.func, ast.Name):
            raise self.error(node, "only a function's name can be called")
        name = node.func.id
        if name in AGGREGATES:
            return self._aggregate(node, name)
        known = FUNCTIONS.get(name)
        if known is None:
            meant = _MEANT.get(name.lower())
            advice = f"write `{meant}`" if meant else hint(name, sorted((*FUNCTIONS, *AGGREGATES)))
            raise self.error(node, f"there is no function '{name}'", advice)
        self._arity(node, name, known.least, known.most)
        args = tuple(self._value(arg) for arg in node.args)
        return known.rule(Arguments(name, self.source.piece(node), args))

    def _arity(self, node: ast.Call, name: str, least: int, most: int | None) -> None:
        if len(node.args) < least or (most is not None and len(node.args) > most):
            count = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            raise self.error(
                node, f"{name}() takes {count} argument{'' if count == '1' else 's'}, not {len(node.args)}"
            )

    def _manages(self, node: ast.Call) -> Node:
        assert isinstance(node.func, ast.Attribute)
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "user" and node.func.attr == "manages"):
            raise self.error(
                node.func,
                f"`{self.source.piece(node.func)}` cannot be called",
                "only `user.manages(person)` is written so",
            )
        self._arity(node, "user.manages", 1, 1)
        user, person = self.check(node.func.value), self._value(node.args[0])
        assert isinstance(user, User)
        if person.type.kind != "person":
            raise self.error(node.args[0], f"user.manages() needs a person, not {words(person.type)}")
        return Call(types.boolean(person.type.nullable), self.source.piece(node), "manages", (user, person))

    def _aggregate(self, node: ast.Call, name: str) -> Node:
        aggregate = AGGREGATES[name]
        self._arity(node, name, aggregate.least, aggregate.most)
        relation = self.check(node.args[0])
        if not isinstance(relation, Field) or relation.type.kind != "related":
            raise self.error(node.args[0], f"{name}() needs a relation to many records, not {words(relation.type)}")
        inside = self.inside(node.args[0], relation)
        value = inside.check(node.args[1]) if aggregate.takes_value else None
        rest = node.args[2:] if aggregate.takes_value else node.args[1:]
        where = inside.truth(rest[0]) if rest else None
        self._told += inside.warnings
        text = self.source.piece(node)
        return Aggregate(aggregate.type(value), text, name, relation.path, relation.up, value, where)

    def inside(self, node: ast.expr, relation: Field) -> Checker:
        """The checker for what stands inside an aggregate over this relation."""
        scope = self.names.scope_at(node)
        return Checker(self.source, scope, (*self.names.outer, self.names.scope))


def _symbol(op: ast.cmpop) -> str:
    if type(op) in _COMPARE:
        return _COMPARE[type(op)]
    return {ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not"}[type(op)]


def expected(node: Node, expect: types.Type, source: Source) -> Node:
    """The whole expression as a value of the expected type, numbers rounded to its scale."""
    type = node.type
    if type.kind == "null":
        return replace(node, type=expect)
    if expect.numeric and type.numeric:
        wanted = replace(expect, nullable=type.nullable)
        return node if (type.kind, type.scale) == (wanted.kind, wanted.scale) else Scaled(wanted, node.text, node)
    try:
        fitted = fitting(node, expect)
    except BadLiteral as mismatch:
        raise source.error(0, mismatch.message, mismatch.hint) from None
    except Mismatch:
        message = f"{words(expect)} is needed here, and this is {words(type)}"
        hint = "compare it with something" if expect.kind == "boolean" else None
        raise source.error(0, message, hint) from None
    return fitted
