"""The back end for a set of records: the typed tree as one SQLAlchemy element in physical form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Numeric,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from engine.errors import ConfigError
from engine.expressions.aggregates import AGGREGATES
from engine.expressions.bounds import FITS, bound
from engine.expressions.calls import lookup
from engine.expressions.cutoff import rewritten
from engine.expressions.env import SqlEnv
from engine.expressions.python import COMPARE, closure
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
    constant,
    owns,
)
from engine.expressions.types import Type
from engine.expressions.values import MAX_SCALE, to_units
from engine.tables import Instant

Element = ColumnElement[Any]

_GUARD = literal_column("1.000000000000000000000000000000", Numeric)  # makes PostgreSQL keep 30 decimals of a quotient


class SqlCompiler:
    """Compiles nodes for one env; `outer` holds the envs around an aggregate, nearest last."""

    def __init__(self, env: SqlEnv, outer: tuple[SqlEnv, ...] = ()) -> None:
        self.env, self.outer = env, outer
        self.root = outer[0] if outer else env
        self.dialect = self.root.dialect

    def element(self, node: Node) -> Element:
        """The node in the physical form of its type."""
        if not isinstance(node, Literal) and constant(node):
            return self.fixed(self.constant(node), node.type)
        return _FORMS[type(node)](self, node)

    def units(self, node: Node, scale: int) -> Element:
        """A number as units at a scale that is not less than its own."""
        if constant(node):
            return self.fixed(self.constant(node), node.type.scaled(scale))
        return self.times(self.element(node), 10 ** (scale - node.type.scale), self.bound(node))

    def fitted(self, node: Node, type: Type) -> Element:
        """The node as a value of a type that its own type fits in."""
        return self.units(node, type.scale) if type.numeric else self.element(node)

    def constant(self, node: Node) -> Any:
        """The one value of a node that reads no record."""
        if isinstance(node, Literal):
            return node.value
        return closure(node)(self.env, self.outer)  # type: ignore[arg-type]

    def bound(self, node: Node) -> int:
        """No value of the number is beyond this many units."""
        return bound(node, self.constant)

    def fixed(self, value: Any, type: Type) -> Element:
        """A Python value as a parameter in physical form."""
        if value is None:
            return null() if type.kind == "null" else cast(null(), sql_type(type))
        if type.numeric:
            return self.number(to_units(value, type.scale))
        if type.kind == "boolean":
            return true() if value else false()
        return literal(value, sql_type(type))

    def number(self, units: int) -> Element:
        return literal(units, BigInteger if abs(units) < FITS or self.dialect == "sqlite" else Numeric)

    def typed(self, element: Any, type: Type) -> Element:
        return type_coerce(element, sql_type(type))

    def times(self, element: Element, factor: int, size: int) -> Element:
        """A whole number times a power of ten; `size` bounds the number."""
        if factor == 1:
            return element
        if size * factor < FITS:
            return element * self.number(factor)
        if self.dialect == "sqlite":
            return func.g_mul(element, factor, 0, type_=BigInteger)
        return cast(element, Numeric) * literal(Decimal(factor), Numeric)

    def dropped(self, element: Element, places: int) -> Element:
        """A whole number without its last places, rounded half away from zero."""
        if places <= 0:
            return element
        if self.dialect == "sqlite":
            return func.g_drop(element, places, type_=BigInteger)
        return func.round(cast(element, Numeric) * literal(Decimal(1).scaleb(-places), Numeric), type_=Numeric)

    def quotient(self, left: Element, right: Element, places: int) -> Element:
        """left * 10**places / right, rounded half away from zero; NULL by zero."""
        if self.dialect == "sqlite":
            return func.g_div(left, right, places, type_=BigInteger)
        factor = literal(Decimal(10) ** places, Numeric)
        return func.round(cast(left, Numeric) * factor * _GUARD / func.nullif(cast(right, Numeric), 0), type_=Numeric)

    def exact(self, node: Node) -> Element:
        """A number as an exact decimal; PostgreSQL only."""
        return cast(self.element(node), Numeric) * literal(Decimal(1).scaleb(-node.type.scale), Numeric)

    def whole(self, name: str, node: Node) -> Element:
        """The `floor` or `ceil` of a number."""
        if self.dialect == "sqlite":
            lowered: Element = getattr(func, f"g_{name}")(self.element(node), node.type.scale, type_=BigInteger)
            return lowered
        return cast(getattr(func, name)(self.exact(node)), BigInteger)

    def at(self, up: int) -> SqlEnv:
        return self.env if up == 0 else self.outer[-up]

    def _field(self, node: Field) -> Element:
        return self.at(node.up).column(node.path)

    def _literal(self, node: Literal) -> Element:
        return self.fixed(node.value, node.type)

    def _computed(self, node: Computed) -> Element:
        return self.element(node.part)

    def _logic(self, node: Logic) -> Element:
        parts = [self.element(item) for item in node.items]
        return (and_ if node.op == "and" else or_)(*parts)

    def _not(self, node: Not) -> Element:
        return not_(self.element(node.part))

    def _compare(self, node: Compare) -> Element:
        simpler = rewritten(node, self.constant, self.root.timezone)
        if simpler is not None:
            return self.element(simpler)
        left, right = node.left, node.right
        if left.type.numeric and right.type.numeric:
            scale = max(left.type.scale, right.type.scale)
            return COMPARE[node.op](self.units(left, scale), self.units(right, scale))  # type: ignore[no-any-return]
        if left.type.kind == "boolean":
            return self._same_truth(node)
        return COMPARE[node.op](self.element(left), self.element(right))  # type: ignore[no-any-return]

    def _same_truth(self, node: Compare) -> Element:
        left, right = (case((self.element(side), 1), (not_(self.element(side)), 0)) for side in (node.left, node.right))
        return COMPARE[node.op](left, right)  # type: ignore[no-any-return]

    def _in(self, node: In) -> Element:
        part = node.part
        if part.type.numeric:
            scale = max(part.type.scale, *(item.type.scale for item in node.items))
            element = self.units(part, scale)
            items: list[Any] = [to_units(item.value, scale) for item in node.items]
        else:
            element, items = self.element(part), [item.value for item in node.items]
        return element.not_in(items) if node.negated else element.in_(items)

    def _is_null(self, node: IsNull) -> Element:
        element = self.element(node.part)
        return element.is_not(None) if node.negated else element.is_(None)

    def _arith(self, node: Arith) -> Element:
        left, right = node.left, node.right
        if node.op == "/":
            places = MAX_SCALE + right.type.scale - left.type.scale
            return self.quotient(self.element(left), self.element(right), places)
        if node.op == "*":
            drop = left.type.scale + right.type.scale - node.type.scale
            return self._product(left, right, drop)
        a, b = self.units(left, node.type.scale), self.units(right, node.type.scale)
        if self.bound(node) >= FITS:
            if self.dialect == "sqlite":
                return func.g_add(a, b, 1 if node.op == "+" else -1, type_=BigInteger)
            a, b = cast(a, Numeric), cast(b, Numeric)
        return a + b if node.op == "+" else a - b

    def _product(self, left: Node, right: Node, drop: int) -> Element:
        a, b = self.element(left), self.element(right)
        if drop <= 0 and self.bound(left) * self.bound(right) < FITS:
            return a * b
        if self.dialect == "sqlite":
            return func.g_mul(a, b, drop, type_=BigInteger)
        return self.dropped(cast(a, Numeric) * cast(b, Numeric), drop)

    def _negative(self, node: Negative) -> Element:
        return -self.element(node.part)

    def _scaled(self, node: Scaled) -> Element:
        drop = node.part.type.scale - node.type.scale
        return self.dropped(self.element(node.part), drop) if drop > 0 else self.units(node.part, node.type.scale)

    def _if(self, node: If) -> Element:
        then, other = self.fitted(node.then, node.type), self.fitted(node.other, node.type)
        return self.typed(case((self.element(node.test), then), else_=other), node.type)

    def _call(self, node: Call) -> Element:
        form = lookup(node.name).sql
        if form is None:
            raise ConfigError(f"{node.name}() cannot be asked of a set of records in the database: `{node.text}`",
                              hint="use it in a check of one record, or store its result in a field")  # fmt: skip
        return form(self, node)

    def _aggregate(self, node: Aggregate) -> Element:
        related = self.at(node.up).related(node.relation)
        inner = SqlCompiler(related.env, (*self.outer, self.env))
        where = inner.element(node.where) if node.where else None
        value = inner.element(node.value) if node.value else None
        conditions = [related.where] if where is None else [related.where, where]
        if node.value is not None and value is not None and not owns(node.value):
            # An aggregate of outer columns alone would belong to the outer query, so the value becomes a column first.
            rows = select(value.label("v")).select_from(related.from_).where(*conditions)
            each = rows.correlate_except(related.from_).subquery()
            statement = select(_RESULTS[node.name](inner, node, each.c.v)).correlate_except(each)
        else:
            statement = select(_RESULTS[node.name](inner, node, value)).select_from(related.from_)
            statement = statement.where(*conditions).correlate_except(related.from_)
        if node.name == "exists":
            return statement.exists()
        return self.typed(statement.scalar_subquery(), node.type)


def sql_type(type: Type) -> TypeEngine[Any]:
    """How a type is held in the database."""
    if type.numeric or type.kind in ("reference", "person"):
        return BigInteger()
    known: dict[str, TypeEngine[Any]] = {"boolean": Boolean(), "date": Date(), "datetime": Instant()}
    return known.get(type.kind, Text())


def _average(compiler: SqlCompiler, node: Aggregate, value: Any) -> Element:
    assert node.value is not None
    return compiler.quotient(func.sum(value), func.count(value), MAX_SCALE - node.value.type.scale)


_RESULTS: Mapping[str, Callable[[SqlCompiler, Aggregate, Any], Element]] = {
    "count": lambda _compiler, _node, _value: func.count(),
    "exists": lambda _compiler, _node, _value: literal(1),
    "sum_of": lambda _compiler, _node, value: func.coalesce(func.sum(value), 0),
    "avg_of": _average,
    "min_of": lambda _compiler, _node, value: func.min(value),
    "max_of": lambda _compiler, _node, value: func.max(value),
}
assert _RESULTS.keys() == AGGREGATES.keys()

_FORMS: Mapping[type[Node], Callable[[SqlCompiler, Any], Element]] = {
    Literal: SqlCompiler._literal,
    Field: SqlCompiler._field,
    Computed: SqlCompiler._computed,
    Logic: SqlCompiler._logic,
    Not: SqlCompiler._not,
    Compare: SqlCompiler._compare,
    In: SqlCompiler._in,
    IsNull: SqlCompiler._is_null,
    Arith: SqlCompiler._arith,
    Negative: SqlCompiler._negative,
    Scaled: SqlCompiler._scaled,
    If: SqlCompiler._if,
    Call: SqlCompiler._call,
    Aggregate: SqlCompiler._aggregate,
}
assert not {Setting, User} & _FORMS.keys()  # they are constants and become parameters
