"""From text to a Python syntax tree of allowed nodes only; what is refused is refused in plain words at its place."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from engine.errors import ExpressionError, Mark

MAX_LENGTH, MAX_NODES, MAX_DEPTH = 2000, 200, 20

_ALLOWED = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not),
    *(ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE),
    *(ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.IfExp, ast.Call, ast.List, ast.Load),
)
_TOKEN = re.compile(
    r"(?P<string>'[^'\n]*'|\"[^\"\n]*\")|(?P<name>[^\W\d]\w*)|(?P<number>[0-9][\w.]*|\.[0-9][\w.]*)"
    r"|(?P<op>==|!=|<=|>=|=>|=<|<<|>>|<>|\*\*|//|:=|&&|\|\||->|\S)"
)
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_BLANK = re.compile(r"('[^'\n]*'|\"[^\"\n]*\")|\s")
_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "(", ")", "[", "]", ",", "."})
_WORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "None", "True", "False"})
_HINTS = {
    "=": "write `==` to compare",
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`",
    "<>": "write `!=`",
    "=>": "write `>=`",
    "=<": "write `<=`",
    "**": "multiply the value by itself, or use a computed field",
    "//": "write `floor(a / b)`",
    "%": "there is no remainder; a share is written as a decimal, 0.8 for 80 percent",
    ":=": "name a value by giving the form a computed field",
    ";": "one key holds one expression; join conditions with `and` or `or`",
    ":": "write conditions as `a if condition else b`",
    "{": "write the name of the field without braces",
    "}": "write the name of the field without braces",
    "#": "write comments in the YAML, above the key",
    "\\": "a text cannot hold a backslash",
    "'": "close the text with the quote it began with",
    '"': "close the text with the quote it began with",
    "`": "write text in 'single quotes'",
    "“": "write text in 'single quotes'",
    "”": "write text in 'single quotes'",
    "‘": "write text in 'single quotes'",
    "’": "write text in 'single quotes'",
    "，": "write the ASCII comma `,`",
    "（": "write the ASCII bracket `(`",
    "）": "write the ASCII bracket `)`",
    "＝": "write `==`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
}


@dataclass(frozen=True)
class Source:
    """The text of an expression and where it stands; turns offsets in it into marks."""

    text: str
    mark: Mark | None = None

    @cached_property
    def plain(self) -> str:
        """The text on one line: all white space outside of quotes is a blank, so that places stay the same."""
        return _BLANK.sub(lambda found: found.group(1) or " ", self.text)

    def at(self, offset: int) -> Mark | None:
        """The mark of a character; lines after the first are taken to be indented like the first, if the mark
        does not know better."""
        if self.mark is not None and self.mark.inside is not None:
            return self.mark.at(offset)
        if self.mark is None:
            return Mark("expression", self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset))
        line = self.text.count("\n", 0, offset)
        column = offset - (self.text.rfind("\n", 0, offset) + 1)
        return Mark(self.mark.file, self.mark.line + line, self.mark.column + column)

    def error(self, offset: int, message: str, hint: str | None = None) -> ExpressionError:
        return ExpressionError(message, self.at(offset), hint)

    def offset(self, node: ast.AST) -> int:
        """Where a syntax node begins; Python counts its columns in UTF-8 bytes."""
        return len(self.plain.encode()[: node.col_offset].decode(errors="ignore"))  # type: ignore[attr-defined]

    def end(self, node: ast.expr) -> int:
        """Where a syntax node ends."""
        return len(self.plain.encode()[: node.end_col_offset].decode(errors="ignore"))

    def piece(self, node: ast.expr) -> str:
        """The node's own text on one line."""
        return re.sub(" +", " ", self.plain[self.offset(node) : self.end(node)])


def parse(source: Source) -> ast.expr:
    """Read the text, or raise ExpressionError at the first character that is not of this language."""
    text = source.text
    if not text.strip():
        raise source.error(0, "the expression is empty")
    if len(text) > MAX_LENGTH:
        raise source.error(
            MAX_LENGTH, f"the expression is longer than {MAX_LENGTH} characters", "split it with computed fields"
        )
    _scan(source)
    try:
        tree = _parsed(source.plain)
    except SyntaxError as error:
        raise _syntax(source, error) from None
    except (RecursionError, MemoryError, ValueError):
        raise source.error(0, "the expression is nested too deeply") from None
    _bound(source, tree)
    return tree


@lru_cache(maxsize=4096)
def _parsed(plain: str) -> ast.expr:
    body = plain.lstrip()
    shift = len(plain) - len(body)
    tree = ast.parse(body, mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset += shift
            node.end_col_offset = (node.end_col_offset or 0) + shift
    return tree


def _scan(source: Source) -> None:
    """Refuse characters and words outside the language before Python's parser sees them."""
    before = None
    for token in _TOKEN.finditer(source.text):
        kind, word, start = token.lastgroup, token.group(), token.start()
        if kind == "op" and word not in _OPERATORS:
            raise source.error(start, f"`{word}` is not part of the expression language", _HINTS.get(word))
        if kind == "name":
            _scan_name(source, word, start)
        if kind == "number" and not _DECIMAL.fullmatch(word):
            raise source.error(start, f"`{word}` is not a plain number", "write digits with one decimal point at most")
        if kind == "number" and len(word) > 24:
            raise source.error(start, "the number has more than 24 digits")
        if kind == "string" and "\\" in word:
            raise source.error(start, "a text cannot hold a backslash")
        if kind == "string" and before and before.end() == start and before.lastgroup == "name":
            raise source.error(
                before.start(), "texts take no prefix letter", "there are no f-strings; write plain 'text'"
            )
        if kind == "string" and before and before.lastgroup == "string":
            raise source.error(start, "two texts stand side by side", "put a comma or an operator between them")
        before = token


def _scan_name(source: Source, word: str, start: int) -> None:
    if word.startswith("_"):
        raise source.error(start, f"names do not begin with `_`: `{word}`")
    if unicodedata.normalize("NFKC", word) != word:
        raise source.error(start, f"`{word}` is written in wide characters", "write names in plain characters")
    if keyword.iskeyword(word) and word not in _WORDS:
        raise source.error(start, f"`{word}` is not part of the expression language")


def _syntax(source: Source, error: SyntaxError) -> ExpressionError:
    lead = len(source.text) - len(source.text.lstrip())
    offset = min(lead + error.offset - 1, len(source.text)) if error.offset else len(source.text)
    if source.text.count("(") != source.text.count(")") or source.text.count("[") != source.text.count("]"):
        return source.error(offset, "the brackets do not match")
    return source.error(
        offset, "the expression cannot be read from here on", "is an operator, a value or a comma missing?"
    )


def _bound(source: Source, tree: ast.expr) -> None:
    """Refuse nodes outside the language, and trees too large or too deep; walks without recursion."""
    todo: list[tuple[ast.AST, int, ast.AST]] = [(tree, 1, tree)]
    count = 0
    while todo:
        node, depth, near = todo.pop()
        if isinstance(node, ast.expr | ast.keyword):
            near, count = node, count + 1
        if count > MAX_NODES:
            raise source.error(0, f"the expression has more than {MAX_NODES} parts", "split it with computed fields")
        if depth > MAX_DEPTH:
            raise source.error(
                source.offset(near), f"the expression is nested deeper than {MAX_DEPTH} levels", "split it"
            )
        if not isinstance(node, _ALLOWED):
            raise _refused(source, node, near)
        todo.extend((child, depth + _step(node, child), near) for child in ast.iter_child_nodes(node))


def _step(node: ast.AST, child: ast.AST) -> int:
    """How much deeper a child stands; sums of many terms and chains of `a if b else c if d else e` read flat."""
    flat = (isinstance(node, ast.BinOp) and child is node.left) or (
        isinstance(node, ast.IfExp) and child is node.orelse
    )
    return 0 if flat or not isinstance(node, ast.expr) else 1


def _refused(source: Source, node: ast.AST, near: ast.AST) -> ExpressionError:
    at = source.offset(near)
    if isinstance(node, ast.Subscript):
        return source.error(
            at, "square brackets do not pick an item", "lists stand after `in` only; use a field or a function"
        )
    if isinstance(node, ast.keyword):
        return source.error(at, "arguments have no names", "give them in order, separated by commas")
    if isinstance(node, ast.Starred):
        return source.error(at, "arguments cannot be starred", "write them one by one")
    if isinstance(node, ast.Tuple):
        return source.error(
            at, "a list is written in square brackets", "write `in ['a', 'b']`, and numbers without commas"
        )
    if isinstance(node, ast.UAdd):
        return source.error(at, "a number takes no plus sign", "leave the `+` out")
    return source.error(at, f"this is not part of the expression language: {type(node).__name__}")
