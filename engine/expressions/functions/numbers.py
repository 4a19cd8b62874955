"""Numbers: rounding half away from zero, extremes, bands."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, func, null, or_

from engine.expressions import types
from engine.expressions.functions.base import ANY_NUMBER, Arguments, function
from engine.expressions.meet import Mismatch, alternatives, words
from engine.expressions.tree import Literal, Node, Scaled, Setting
from engine.expressions.types import Type
from engine.expressions.values import EXACT, MAX_SCALE, to_units

if TYPE_CHECKING:
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call

Element = ColumnElement[Any]
_ORDERED = (*ANY_NUMBER, "date", "datetime")


def _round(given: Arguments) -> Node:
    value = given.need(0, *ANY_NUMBER)
    places = given.args[1] if len(given.args) > 1 else Literal(types.integer(False), "0", 0)
    if not isinstance(places, Literal) or places.type.kind != "integer" or not 0 <= places.value <= MAX_SCALE:
        raise Mismatch(f"round() needs a count of decimals from 0 to {MAX_SCALE}", "write `round(x, 2)`")
    kind = "number" if value.type.kind == "integer" else value.type.kind
    if places.value == 0 and kind == "number":
        kind = "integer"
    return Scaled(Type(kind, value.type.nullable, places.value), given.text, value)


def _whole(given: Arguments) -> Node:
    value = given.need(0, *ANY_NUMBER)
    return given.call(Type("money" if value.type.kind == "money" else "integer", value.type.nullable))


def _abs(given: Arguments) -> Node:
    return given.call(given.need(0, *ANY_NUMBER).type)


def _extreme(given: Arguments) -> Node:
    fitted, type = alternatives(list(given.args))
    if not type.numeric and type.kind not in _ORDERED:
        raise Mismatch(f"{words(type)} has no order")
    if type.kind == "null" or any(node.type.kind == "null" for node in fitted):
        raise Mismatch(f"{given.name}() of None is None")
    return given.call(type, fitted)


def _band(given: Arguments) -> Node:
    value = given.need(0, *ANY_NUMBER)
    edges = given.args[1:]
    listed = len(edges) == 1 and isinstance(edges[0], Setting) and edges[0].type.kind == "json"
    if not listed:
        for edge in edges:
            if not isinstance(edge, Literal) or not edge.type.numeric:
                raise Mismatch(
                    "band() needs its edges as plain numbers or one setting that holds them",
                    "write `band(x, 0, 30, 60)`",
                )
        numbers = [edge.value for edge in edges if isinstance(edge, Literal)]
        if numbers != sorted(set(numbers)):
            raise Mismatch("the edges of band() must rise")
    return given.call(types.integer(value.type.nullable))


def band(value: Any, *edges: Any) -> int:
    """The count of edges that the value is beyond: 0 up to and with the first edge, 1 up to and with the second."""
    steps = edges[0] if len(edges) == 1 and isinstance(edges[0], list | tuple) else edges
    return sum(1 for edge in steps if value > edge)


def _band_sql(compiler: SqlCompiler, call: Call) -> Element:
    value = call.args[0]
    edges = [compiler.constant(edge) for edge in call.args[1:]]
    steps = list(edges[0]) if len(edges) == 1 and isinstance(edges[0], list | tuple) else edges
    scale = max([value.type.scale, *(-min(int(Decimal(e).as_tuple().exponent), 0) for e in steps)])
    element = compiler.units(value, scale)
    above = [
        (element > compiler.number(to_units(edge, scale)), compiler.number(n))
        for n, edge in reversed(list(enumerate(steps, 1)))
    ]
    return case((element.is_(None), null()), *above, else_=compiler.number(0))


def _whole_sql(name: str) -> Any:
    def build(compiler: SqlCompiler, call: Call) -> Element:
        part = call.args[0]
        return compiler.element(part) if part.type.scale == 0 else compiler.whole(name, part)

    return build


def _extreme_sql(sqlite: str, postgresql: str) -> Any:
    def build(compiler: SqlCompiler, call: Call) -> Element:
        elements = [compiler.fitted(arg, call.type) for arg in call.args]
        if len(elements) == 1:
            return elements[0]
        if compiler.dialect == "sqlite":
            return compiler.typed(getattr(func, sqlite)(*elements), call.type)
        found = getattr(func, postgresql)(*elements)  # PostgreSQL passes over the empty ones
        maybe = [element for element, arg in zip(elements, call.args, strict=True) if arg.type.nullable]
        return case((or_(*(e.is_(None) for e in maybe)), null()), else_=found) if maybe else found

    return build


def _floor(value: Any) -> int:
    return (
        int(EXACT.to_integral_value(value)) if type(value) is int else int(value.to_integral_value(ROUND_FLOOR, EXACT))
    )


def _ceil(value: Any) -> int:
    return (
        int(EXACT.to_integral_value(value))
        if type(value) is int
        else int(value.to_integral_value(ROUND_CEILING, EXACT))
    )


function(
    "round",
    rule=_round,
    arity=(1, 2),
    says="{0}四舍五入",
    examples=[("round(1.005, 2)", Decimal("1.01")), ("round(-2.5)", -3), ("round(2.675, 2)", Decimal("2.68"))],
)
function(
    "floor",
    rule=_whole,
    arity=(1, 1),
    python=_floor,
    sql=_whole_sql("floor"),
    says="{0}向下取整",
    examples=[("floor(2.9)", 2), ("floor(-2.1)", -3)],
)
function(
    "ceil",
    rule=_whole,
    arity=(1, 1),
    python=_ceil,
    sql=_whole_sql("ceil"),
    says="{0}向上取整",
    examples=[("ceil(2.1)", 3), ("ceil(-2.9)", -2)],
)
function(
    "abs",
    rule=_abs,
    arity=(1, 1),
    python=abs,
    sql=lambda compiler, call: func.abs(compiler.element(call.args[0])),
    says="{0}的绝对值",
    examples=[("abs(-3)", 3), ("abs(-0.5)", Decimal("0.5"))],
)
function(
    "min",
    rule=_extreme,
    arity=(1, None),
    python=lambda *values: min(values),
    sql=_extreme_sql("min", "least"),
    says="{all}中最小的",
    examples=[("min(3, 1.5, 2)", Decimal("1.5")), ("min(4)", 4)],
)
function(
    "max",
    rule=_extreme,
    arity=(1, None),
    python=lambda *values: max(values),
    sql=_extreme_sql("max", "greatest"),
    says="{all}中最大的",
    examples=[("max(3, 1, 2)", 3), ("max(0, -4)", 0)],
)
function(
    "band",
    rule=_band,
    arity=(2, None),
    python=band,
    sql=_band_sql,
    says="{0}所在区间",
    examples=[("band(0, 0, 30, 60)", 0), ("band(30, 0, 30, 60)", 1), ("band(61, 0, 30, 60)", 3)],
)
