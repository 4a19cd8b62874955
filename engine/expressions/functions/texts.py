"""Texts: length, case, search. Case is changed for ASCII letters only, so that every database agrees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import JSONB

from engine.expressions import types
from engine.expressions.functions.base import Arguments, by_dialect, everywhere, function
from engine.expressions.meet import compared
from engine.expressions.tree import Node, constant

if TYPE_CHECKING:
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call

Element = ColumnElement[Any]
_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_TO_LOWER, _TO_UPPER = str.maketrans(_UPPER, _LOWER), str.maketrans(_LOWER, _UPPER)
BLANKS = " \t\r\n\u3000"


def _contains(given: Arguments) -> Node:
    if given.args[0].type.kind == "choices":
        holder, part = given.args
        _, part = compared("==", types_of_one(holder), part)
        return given.call(types.boolean(holder.type.nullable or part.type.nullable), (holder, part))
    args = [given.need(index, "text") for index in (0, 1)]
    return given.call(types.boolean(any(arg.type.nullable for arg in args)), args)


def types_of_one(holder: Node) -> Node:
    """A stand-in for one of the several choices of a field."""
    from engine.expressions.tree import Field

    kind = "choice" if holder.type.options is not None else "text"
    return Field(types.Type(kind, options=holder.type.options), holder.text, ())


def _contains_sql(compiler: SqlCompiler, call: Call) -> Element:
    holder, part = call.args
    wanted = compiler.element(part)
    if holder.type.kind == "text":
        find = func.instr if compiler.dialect == "sqlite" else func.strpos
        return find(compiler.element(holder), wanted) > 0
    if constant(holder):
        values = compiler.constant(holder)
        return null() if values is None else wanted.in_(list(values))
    column = compiler.element(holder)
    if compiler.dialect == "postgresql":
        return func.jsonb_exists(cast(column, JSONB), cast(wanted, Text))
    each = func.json_each(column).table_valued("value")
    found = select(literal(1)).select_from(each).where(each.c.value == wanted).correlate_except(each).exists()
    empty = [column.is_(None)] + ([wanted.is_(None)] if part.type.nullable else [])
    return case(*((test, null()) for test in empty), else_=found)


def _length(given: Arguments) -> Node:
    value = given.need(0, "text", "choices")
    return given.call(types.integer(value.type.nullable))


def _length_sql(compiler: SqlCompiler, call: Call) -> Element:
    element = compiler.element(call.args[0])
    if call.args[0].type.kind == "text":
        return func.length(element)
    if compiler.dialect == "sqlite":
        return func.json_array_length(element)
    return cast(func.jsonb_array_length(cast(element, JSONB)), BigInteger)


def _is_empty(given: Arguments) -> Node:
    return given.call(types.boolean(nullable=False))


def _is_empty_sql(compiler: SqlCompiler, call: Call) -> Element:
    element, kind = compiler.element(call.args[0]), call.args[0].type.kind
    if kind not in ("text", "choices"):
        return element.is_(None)
    return func.coalesce(element, "").in_(["", "[]"] if kind == "choices" else [""])


def as_json(values: Any) -> str:
    return json.dumps(list(values), ensure_ascii=False)


_TEXT = types.text(nullable=False)

function(
    "len",
    rule=_length,
    arity=(1, 1),
    python=len,
    sql=_length_sql,
    says="{0}的长度",
    examples=[("len('华东精工')", 4), ("len('')", 0)],
)
function(
    "lower",
    ("text",),
    _TEXT,
    python=lambda value: value.translate(_TO_LOWER),
    says="{0}的小写",
    sql=by_dialect(sqlite=func.lower, postgresql=lambda value: func.translate(value, _UPPER, _LOWER)),
    examples=[("lower('ABC公司')", "abc公司"), ("lower('É')", "É")],
)
function(
    "upper",
    ("text",),
    _TEXT,
    python=lambda value: value.translate(_TO_UPPER),
    says="{0}的大写",
    sql=by_dialect(sqlite=func.upper, postgresql=lambda value: func.translate(value, _LOWER, _UPPER)),
    examples=[("upper('abc')", "ABC")],
)
function(
    "trim",
    ("text",),
    _TEXT,
    python=lambda value: value.strip(BLANKS),
    says="{0}去掉首尾空格",
    sql=by_dialect(sqlite=lambda value: func.trim(value, BLANKS), postgresql=lambda value: func.btrim(value, BLANKS)),
    examples=[("trim('  华东　')", "华东")],
)
function(
    "contains",
    rule=_contains,
    arity=(2, 2),
    python=lambda holder, part: part in holder,
    sql=_contains_sql,
    says="{0}含有{1}",
    examples=[("contains('华东精工', '精工')", True), ("contains('abc', 'B')", False)],
)
function(
    "starts_with",
    ("text", "text"),
    types.boolean(nullable=False),
    python=lambda value, start: value.startswith(start),
    sql=everywhere(lambda value, start: func.substr(value, 1, func.length(start)) == start),
    says="{0}以{1}开头",
    examples=[("starts_with('AR-001', 'AR')", True), ("starts_with('AR', 'AR-1')", False)],
)
function(
    "is_empty",
    rule=_is_empty,
    arity=(1, 1),
    python=lambda value: value is None or value in ("", (), []),
    strict=False,
    sql=_is_empty_sql,
    says="{0}为空",
    examples=[("is_empty('')", True), ("is_empty('x')", False), ("is_empty(0)", False)],
)
