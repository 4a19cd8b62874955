"""Texts: words with holes such as `{{ customer.name }}` or `{{ amount | money }}`; no logic beside expressions."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from engine import formats, names
from engine.errors import ExpressionError, Mark
from engine.expressions import Env, Expression, Scope, compile_expression
from engine.formats import FORMATS, Reader

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
# The end of a hole: the first }} that does not stand in quotes.
_HOLE = re.compile(rf"((?:{_QUOTED}|(?!\}}\}})[^'\"])*)\}}\}}", re.DOTALL)
_PIPE = re.compile(rf"((?:{_QUOTED}|[^'\"|])*)\|(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hole:
    """One expression in a text and how its value is written; `path` where it is nothing but a path.

    An env may have `display(path, locale)`, which answers the label of a choice, the title of a record or the name
    of a person; None when the kind of a value alone says how to write it.
    """

    expression: Expression
    format: str | None
    path: tuple[str, ...] | None

    def render(self, env: Env, reader: Reader) -> str:
        if self.format is None and self.path is not None:
            display = getattr(env, "display", None)
            shown = display(self.path, reader.locale) if display is not None else None
            if shown is not None:
                return str(shown)
        value = self.expression.evaluate(env)
        if self.format is not None:
            return formats.show(value, self.format, reader)
        return formats.usual(value, self.expression.type.kind, reader)


@dataclass(frozen=True, slots=True)
class Text:
    """A compiled text: words and holes in turn."""

    source: str
    parts: tuple[str | Hole, ...]

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """The paths that the text depends on."""
        return frozenset().union(*(part.expression.reads for part in self.parts if isinstance(part, Hole)))

    def render(self, env: Env, locale: str = "zh-CN") -> str:
        """The words for one record; what is empty reads as a dash."""
        reader = Reader(locale, env.timezone)
        return "".join(part if isinstance(part, str) else part.render(env, reader) for part in self.parts)


def compile_text(source: str, scope: Scope, mark: Mark | None = None) -> Text:
    """Compile a text; raises ExpressionError at the character that is wrong.

    A hole is an expression, then perhaps `| format`; `format(expression)` says the same. To write braces, put
    them in quotes into a hole: `{{ '{{' }}`.
    """
    parts: list[str | Hole] = []
    at = 0
    while (opened := source.find("{{", at)) >= 0:
        parts.append(_words(source, at, opened, mark))
        found = _HOLE.match(source, opened + 2)
        if found is None:
            raise ExpressionError("'{{' is not closed", _place(mark, opened), "write }} after the expression")
        parts.append(_hole(found.group(1), opened + 2, scope, mark))
        at = found.end()
    parts.append(_words(source, at, len(source), mark))
    return Text(source, tuple(part for part in parts if part != ""))


def _words(source: str, start: int, end: int, mark: Mark | None) -> str:
    stray = source.find("}}", start, end)
    if stray >= 0:
        raise ExpressionError(
            "'}}' closes nothing", _place(mark, stray), "to write braces, put them in quotes: {{ '}}' }}"
        )
    return source[start:end]


def _hole(inner: str, offset: int, scope: Scope, mark: Mark | None) -> Hole:
    piped = _PIPE.fullmatch(inner)
    body, format = (piped.group(1), piped.group(2).strip()) if piped else (inner, None)
    if piped and format not in FORMATS:
        place = _place(mark, offset + piped.start(2) + len(piped.group(2)) - len(piped.group(2).lstrip()))
        raise ExpressionError(f"there is no format '{format}'", place, names.hint(str(format), FORMATS))
    start = offset + len(body) - len(body.lstrip())
    body = body.strip()
    if not body:
        raise ExpressionError("this hole is empty", _place(mark, start), "write a field between {{ and }}")
    called = None if piped else _called(body)
    if called:
        format, inside = called
        start, body = start + inside, body[inside:-1]
    expression = compile_expression(body, scope, mark=_place(mark, start))
    kind = expression.type.kind
    if format is not None and kind not in FORMATS[format].kinds and kind != "null":
        wanted = "、".join(sorted(FORMATS[format].kinds))
        raise ExpressionError(f"'{format}' cannot write a {kind}", _place(mark, start), f"it writes {wanted}")
    return Hole(expression, format, tuple(body.split(".")) if _PATH.fullmatch(body) else None)


def _called(body: str) -> tuple[str, int] | None:
    """The format that is called around the whole of a hole, and where its argument begins."""
    head, bracket, _ = body.partition("(")
    if head.strip() not in FORMATS or not bracket:
        return None
    try:
        tree = ast.parse(body, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and len(tree.args) == 1 and not tree.keywords:
        return head.strip(), len(head) + 1
    return None


def _place(mark: Mark | None, offset: int) -> Mark | None:
    return mark.at(offset) if mark else None
