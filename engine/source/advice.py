"""Advice: what the parser stumbled over, in our words, with what to do next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import yaml

Advice = tuple[str, tuple[int, int], str | None]  # message, line and column, hint
QUOTE_IT = "a text that holds ': ' or ' #', or begins with one of [ ] { } , & * ! | > % @ `, needs quotes"
_NO_SPACE = re.compile(r"^\s*(?:- )?[\w.]+:(?=[^\s:/\\])", re.UNICODE)


def unreadable(character: str, *, first: bool) -> tuple[str, str]:
    """Message and hint for a character that has no place in a text file."""
    if character == "\ufeff" and first:
        return "the file begins with a byte order mark", "save the file as UTF-8 without BOM"
    if character == "\r":
        return "a line ends with a lone carriage return", "save the file with line ends LF or CRLF"
    if character == "\0":
        return "the character U+0000 (NUL) cannot be read", "save the file as text with the encoding UTF-8"
    name = unicodedata.name(character, "control character").lower()
    return f"the character U+{ord(character):04X} ({name}) cannot be read", "remove it"


@dataclass(frozen=True, slots=True)
class _Stumble:
    """Where the parser stopped and what it was in; lines and columns count from 1."""

    problem: str
    at: tuple[int, int]
    begun: tuple[int, int]
    context: str
    lines: list[str]

    @property
    def line(self) -> str:
        return self.lines[self.at[0] - 1] if self.at[0] <= len(self.lines) else ""

    @property
    def character(self) -> str:
        return self.line[self.at[1] - 1 : self.at[1]]


def syntax(error: yaml.MarkedYAMLError, text: str) -> Advice:
    """Message, place and hint for what the parser could not read."""
    at, begun = _place(error.problem_mark or error.context_mark), _place(error.context_mark or error.problem_mark)
    stumble = _Stumble(str(error.problem), at, begun, str(error.context or ""), text.splitlines())
    if advice := _tab(stumble) or _no_space(stumble):
        return advice
    for phrase, advise in _ADVICE.items():
        if phrase in stumble.problem:
            return advise(stumble)
    return f"this is not YAML: {stumble.problem}", at, QUOTE_IT


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _tab(stumble: _Stumble) -> Advice | None:
    """A tab indents this line, or the one before it."""
    for number in (stumble.at[0], stumble.at[0] - 1):
        line = stumble.lines[number - 1] if 0 < number <= len(stumble.lines) else ""
        indent = line[: _indent(line)]
        if "\t" in indent:
            return "a tab indents this line", (number, indent.index("\t") + 1), "indent with spaces, two for each level"
    return None


def _no_space(stumble: _Stumble) -> Advice | None:
    """`key:value` made a text of what was meant as a key, and the text goes on in the next line."""
    if "mapping values are not allowed" not in stumble.problem and "expected ':'" not in stumble.problem:
        return None
    for number in range(stumble.at[0], max(0, stumble.at[0] - 3), -1):
        found = _NO_SPACE.match(stumble.lines[number - 1]) if number <= len(stumble.lines) else None
        if found:
            return "a space is missing after ':'", (number, found.end()), "write 'key: value'"
    return None


def _second_colon(stumble: _Stumble) -> Advice:
    if re.fullmatch(r"\s*[\w.\-]+", stumble.line[: stumble.at[1] - 1]):
        hint = "the keys of one map begin in the same column; the value above already stands behind its key"
        return "this key is indented deeper than the one above", (stumble.at[0], _indent(stumble.line) + 1), hint
    return "a second ': ' stands in this value", stumble.at, "a text that holds ': ' needs quotes"


def _open_quote(stumble: _Stumble) -> Advice:
    if "quoted" not in stumble.context:
        return "the file ends too early", stumble.at, "close what is open"
    return "the quote that opens here is not closed", stumble.begun, "write the same quote at the end of the text"


def _out_of_line(stumble: _Stumble) -> Advice:
    if quote := _odd_quote(stumble):
        return quote
    before = stumble.line[: stumble.at[1] - 1].rstrip()
    if before.endswith(('"', "'", "]", "}")):
        return f"this follows the closing {before[-1]}", stumble.at, "put the whole text in one pair of quotes"
    if stumble.character == ":":
        return "a key is missing before ':'", stumble.at, "write 'key: value'"
    line, column = stumble.begun
    above = next((one for one in reversed(stumble.lines[: stumble.at[0] - 1]) if one.strip()), "")
    hint = f"the line above begins in column {_indent(above) + 1}, the map of line {line} in column {column}"
    return "this does not line up with the keys above", stumble.at, hint


def _no_item(stumble: _Stumble) -> Advice:
    line, column = stumble.begun
    hint = f"the items of the list that begins in line {line} all begin with '- ' in column {column}"
    return "this does not line up with the list above", stumble.at, hint


def _odd_quote(stumble: _Stumble) -> Advice | None:
    """A quote that was closed by the next text's opening one."""
    for number in range(stumble.at[0], max(0, stumble.at[0] - 4), -1):
        line = stumble.lines[number - 1] if number <= len(stumble.lines) else ""
        for quote in "\"'":
            opened = re.search(rf"[:\-\[{{,]\s*{quote}", line)
            if opened and line.count(quote) % 2:
                return (
                    "a quote is missing in this line",
                    (number, opened.end()),
                    "write the same quote at both ends of the text",
                )
    return None


def _flow(closing: str, noun: str) -> Callable[[_Stumble], Advice]:
    def advise(stumble: _Stumble) -> Advice:
        line, column = stumble.begun
        where = f"the {noun} that begins in line {line}, column {column}"
        return (
            f"a ',' or '{closing}' is missing in {where}",
            stumble.at,
            f"a text in it that holds one of , : {closing} needs quotes",
        )

    return advise


def _strange(stumble: _Stumble) -> Advice:
    return f"a value cannot begin with '{stumble.character}'", stumble.at, "put the text in quotes"


def _escape(stumble: _Stumble) -> Advice:
    written = stumble.line[stumble.at[1] - 1 : stumble.at[1] + 1]
    at = stumble.at
    if not written.startswith("\\"):  # the parser points at the letter
        written, at = "\\" + stumble.character, (stumble.at[0], stumble.at[1] - 1)
    return f"'{written}' means nothing in double quotes", at, "write \\\\ for a backslash, or use single quotes"


def _fixed(message: str, hint: str) -> Callable[[_Stumble], Advice]:
    return lambda stumble: (message, stumble.at, hint)


def _no_colon(stumble: _Stumble) -> Advice:
    return _odd_quote(stumble) or ("a ':' is missing after this key", stumble.begun, "write 'key: value'")


_ADVICE: dict[str, Callable[[_Stumble], Advice]] = {
    "mapping values are not allowed": _second_colon,
    "mapping keys are not allowed": _fixed("keys that begin with '?' are not read", "write 'key: value'"),
    "block sequence entries are not allowed": _fixed(
        "a list cannot begin in this line", "begin it in the next line, or write [one, two]"
    ),
    "found unexpected end of stream": _open_quote,
    "found unexpected document indicator": _open_quote,
    "did not find expected key": _out_of_line,
    "did not find expected '-' indicator": _no_item,
    "did not find expected ',' or ']'": _flow("]", "list"),
    "did not find expected ',' or '}'": _flow("}", "map"),
    "cannot start any token": _strange,
    "unknown escape": _escape,
    "hexdecimal": _fixed("this escape needs hexadecimal digits", "write it like \\u4e2d"),
    "invalid Unicode": _fixed("this escape is not a character", "write the character itself"),
    "could not find expected ':'": _no_colon,
    "expected comment or line break": _fixed("the text after | or > begins in the next line", "break the line here"),
    "expected alphabetic or numeric": _fixed("a value cannot begin with '&' or '*'", "put the text in quotes"),
    "<document start>": _fixed("the object of this file has already ended", "one file holds one map or one list"),
    "expected node content": _fixed("a value is missing here", "remove the extra comma or bracket"),
    "expected '>'": _fixed("tags are not read", "a text that begins with '!' needs quotes"),
    "tag": _fixed("tags are not read", "a text that begins with '!' needs quotes"),
    "directive": _fixed("directives such as %YAML are not read", "a text that begins with '%' needs quotes"),
}
