"""Advice: the parser's complaints in our words, with what to do next."""

from __future__ import annotations

import unicodedata

import yaml


def unreadable(character: str, *, first: bool) -> tuple[str, str]:
    """Message and hint for a character that has no place in a text file."""
    if character == "\ufeff" and first:
        return "the file begins with a byte order mark", "save the file as UTF-8 without BOM"
    if character == "\r":
        return "a line ends with a lone carriage return", "save the file with line ends LF or CRLF"
    name = "NUL" if character == "\0" else unicodedata.name(character, "control character")
    return (
        f"the character U+{ord(character):04X} ({name.lower() if name != 'NUL' else name}) cannot be read",
        "remove it",
    )


def syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[str, tuple[int, int], str | None]:
    """Message, (line, column) and hint for what the parser could not read."""
    mark = error.problem_mark or error.context_mark
    where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return str(error.problem or error), where, None
