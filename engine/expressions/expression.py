"""Expression: a checked formula that answers for one record, for a set, and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast

from engine.errors import ConfigError, EvaluationError, Mark
from engine.expressions.calls import lookup
from engine.expressions.check import Checker, expected
from engine.expressions.env import Env, Path, SqlEnv
from engine.expressions.parse import Source, parse
from engine.expressions.python import Run, closure
from engine.expressions.reference import reference_value
from engine.expressions.scope import Scope
from engine.expressions.sql import SqlCompiler
from engine.expressions.trace import Trace, traced
from engine.expressions.tree import Aggregate, Call, Computed, Field, Node, Setting, User, constant
from engine.expressions.types import Type
from engine.expressions.values import to_scale
from engine.expressions.words import Describer

MAX_EXPANDED = 4000
FAULTS = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError)


@dataclass(frozen=True)
class Expression:
    """A checked expression. Made by `compile_expression`, never by hand."""

    text: str
    tree: Node = field(repr=False)
    mark: Mark | None = field(default=None, repr=False)
    warnings: tuple[ConfigError, ...] = field(default=(), repr=False)
    _run: Run = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    @property
    def type(self) -> Type:
        return self.tree.type

    @cached_property
    def reads(self) -> frozenset[Path]:
        """The stored paths the value depends on, computed names followed to what they are made of."""
        return frozenset(_reads(self.tree, ()))

    @cached_property
    def mentions(self) -> frozenset[Path]:
        """The paths as they are written, computed names left as they are."""
        return frozenset(_mentions(self.tree, ()))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Which of "today", "now" and "user" the value depends on."""
        found = {lookup(node.name).uses for node in self.tree.walk() if isinstance(node, Call)}
        found |= {"user" for node in self.tree.walk() if isinstance(node, User)}
        return frozenset(name for name in found if name)

    def evaluate(self, env: Env) -> Any:
        """The value for one record; a number comes at the scale of `type`. Raises EvaluationError."""
        try:
            value = self._run(env, ())
            type = self.tree.type
            return to_scale(value, type.scale) if type.numeric else value
        except FAULTS as fault:
            raise self._failed(fault) from fault

    def holds(self, env: Env) -> bool:
        """True only when the condition is True; unknown is not. Raises EvaluationError."""
        try:
            return self._run(env, ()) is True
        except FAULTS as fault:
            raise self._failed(fault) from fault

    def _failed(self, fault: Exception) -> EvaluationError:
        return EvaluationError(f"`{self.text}` could not be evaluated: {type(fault).__name__}: {fault}")

    def reference(self, env: Env) -> Any:
        """The value by way of simpleeval: slower, and what `evaluate` is held against."""
        value = reference_value(self.tree, env)
        type = self.tree.type
        return to_scale(value, type.scale) if type.numeric else value

    def explain(self, env: Env) -> Trace:
        """How the value comes about for one record."""
        return traced(self.tree, env)

    def describe(self, labels: Mapping[str, str]) -> str:
        """The expression as a Chinese sentence; `labels` maps names and dotted paths, and options as `grade=d`."""
        return Describer(labels).sentence(self.tree)

    def sql(self, env: SqlEnv) -> ColumnElement[Any]:
        """The value for a set, in the physical form of `type`; a condition may go into WHERE as it is."""
        compiler = SqlCompiler(env)
        element = compiler.element(self.tree)
        if self.type.numeric and env.dialect == "postgresql" and not isinstance(self.tree, Field):
            return cast(element, BigInteger)  # sums and quotients are NUMERIC there
        return element


def compile_expression(
    text: str, scope: Scope, *, expect: Type | None = None, mark: Mark | None = None, sql: bool = False
) -> Expression:
    """Check a text against the names of a scope.

    `mark` is the place of the text's first character; errors point inside. With `expect` the value must be of
    that type, and a number is rounded to its scale. With `sql` an expression that only Python knows is refused.
    Raises ExpressionError.
    """
    source = Source(text, mark)
    checker = Checker(source, scope)
    tree = checker.check(parse(source))
    if tree.type.kind in ("related", "record"):
        raise source.error(
            0, f"`{tree.text}` has no value of its own", "count or sum its records, or name one of its fields"
        )
    if expect is not None:
        tree = expected(tree, expect, source)
    if sum(1 for _ in tree.walk()) > MAX_EXPANDED:
        raise source.error(0, f"with its computed fields the expression has more than {MAX_EXPANDED} parts")
    if sql:
        _need_sql(tree, source)
    return Expression(text, tree, mark, tuple(checker.warnings), closure(tree))


def _need_sql(tree: Node, source: Source) -> None:
    if constant(tree):
        return
    if isinstance(tree, Call) and lookup(tree.name).sql is None:
        raise source.error(
            max(source.text.find(tree.name), 0),
            f"{tree.name}() cannot be asked of many records at once",
            "use it in a check of one record, or store its result in a field",
        )
    for part in tree.parts():
        _need_sql(part, source)


def _paths(node: Node, prefixes: tuple[Path, ...]) -> Iterator[tuple[Node, tuple[Path, ...]]]:
    """All nodes, each with the relations around it, nearest last."""
    yield node, prefixes
    inner = prefixes
    if isinstance(node, Aggregate):
        inner = (*prefixes, _at(prefixes, node.up) + node.relation)
    for part in node.parts():
        yield from _paths(part, inner)


def _at(prefixes: tuple[Path, ...], up: int) -> Path:
    return prefixes[-1 - up] if len(prefixes) > up else ()


def _reads(node: Node, prefixes: tuple[Path, ...]) -> Iterator[Path]:
    for part, around in _paths(node, prefixes):
        if isinstance(part, Field):
            yield _at(around, part.up) + part.path
        elif isinstance(part, Aggregate):
            yield _at(around, part.up) + part.relation
        elif isinstance(part, Setting):
            yield part.path


def _mentions(node: Node, prefixes: tuple[Path, ...]) -> Iterator[Path]:
    if isinstance(node, Computed):
        yield _at(prefixes, node.up) + node.path
        return
    if isinstance(node, Field):
        yield _at(prefixes, node.up) + node.path
    elif isinstance(node, Setting):
        yield node.path
    inner = prefixes
    if isinstance(node, Aggregate):
        here = _at(prefixes, node.up) + node.relation
        yield here
        inner = (*prefixes, here)
    for part in node.parts():
        yield from _mentions(part, inner)
