"""What a function of the language is: its type rule, its Python and SQL forms, its words and its examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.expressions.meet import Mismatch, as_type, words
from engine.expressions.tree import Call, Node
from engine.expressions.types import NUMERIC, Type

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from engine.expressions.sql import SqlCompiler

Rule = Callable[["Arguments"], Node]
SqlForm = Callable[["SqlCompiler", Call], "ColumnElement[Any]"]


@dataclass(frozen=True)
class Arguments:
    """The checked arguments of one call, for its type rule."""

    name: str
    text: str
    args: tuple[Node, ...]

    def call(self, type: Type, args: Sequence[Node] | None = None) -> Call:
        return Call(type, self.text, self.name, tuple(self.args if args is None else args))

    @property
    def nullable(self) -> bool:
        return any(arg.type.nullable for arg in self.args)

    def need(self, index: int, *kinds: str) -> Node:
        """The argument as one of these kinds, or Mismatch; a text literal may stand for a date."""
        node = self.args[index]
        if len(kinds) == 1 and kinds[0] in ("date", "time"):
            node = as_type(node, Type(kinds[0]))
        if node.type.kind not in kinds:
            wanted = " or ".join(words(Type(kind)) for kind in kinds) if len(kinds) < 4 else "a number"
            hint = (
                "write `date_of(...)` around the instant" if node.type.kind == "datetime" and "date" in kinds else None
            )
            raise Mismatch(f"{self.name}() needs {wanted} as argument {index + 1}, not {words(node.type)}", hint)
        return node


@dataclass(frozen=True)
class Function:
    """One function. `python` gets the values of its arguments (and the env first when `env` is set).

    A strict function is None as soon as an argument is. `sql` None means that the function is only known in Python;
    such a call still works in SQL when its arguments are the same for every row.
    """

    name: str
    least: int
    most: int | None
    rule: Rule
    python: Callable[..., Any] | None
    sql: SqlForm | None
    says: str  # 中文, with {0} {1} ... for the arguments
    examples: tuple[tuple[str, Any], ...]
    strict: bool = True
    env: bool = False
    uses: str | None = None


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str,
    takes: Sequence[str | tuple[str, ...]] = (),
    gives: Type | None = None,
    *,
    python: Callable[..., Any] | None = None,
    sql: SqlForm | None = None,
    says: str,
    examples: Sequence[tuple[str, Any]],
    rule: Rule | None = None,
    arity: tuple[int, int | None] | None = None,
    strict: bool = True,
    env: bool = False,
    uses: str | None = None,
) -> None:
    """Add a function to the language; either `takes` and `gives`, or a `rule` with its `arity`."""
    kinds = [(kind,) if isinstance(kind, str) else tuple(kind) for kind in takes]

    def plain(given: Arguments) -> Node:
        assert gives is not None
        args = [given.need(index, *wanted) for index, wanted in enumerate(kinds)]
        return given.call(gives.maybe(gives.nullable or any(arg.type.nullable for arg in args)), args)

    least, most = arity or (len(kinds), len(kinds))
    FUNCTIONS[name] = Function(name, least, most, rule or plain, python, sql, says, tuple(examples), strict, env, uses)


ANY_NUMBER = tuple(sorted(NUMERIC))


def by_dialect(**forms: Callable[..., ColumnElement[Any]]) -> SqlForm:
    """An SQL form per dialect, from the arguments' elements."""

    def build(compiler: SqlCompiler, call: Call) -> ColumnElement[Any]:
        return forms[compiler.dialect](*(compiler.element(arg) for arg in call.args))

    return build


def everywhere(form: Callable[..., ColumnElement[Any]]) -> SqlForm:
    """One SQL form for both dialects, from the arguments' elements."""
    return by_dialect(sqlite=form, postgresql=form)
