"""Writer: plain values as canonical YAML, the form that `guiju fmt` keeps and the builder writes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.source.scalars import plain

WIDTH = 120
STEP = 2

# What begins a text must not look like the beginning of something else; nor may these stand inside.
_INDICATOR = re.compile(r"-(?:[\s,\[\]{}]|$)|[?:,\[\]{}#&*!|>'\"%@`=]|---|\.\.\.|\s|$")
_INSIDE = re.compile(r":(?=\s|$)|\s#|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\s$")
_INSIDE_FLOW = re.compile(r"[,\[\]{}]|:(?=[,:?\[\]{}])")
# Texts to us, but something else to other readers of YAML.
_ELSEWHERE = re.compile(
    r"(?i:yes|no|on|off|true|false|null|~|<<|[-+]?[\d.][\d_]*(?:[.:e][\d:.+-]*)?|0[xob]\w+|[-+]?\.inf|\.nan)"
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def write(value: Any) -> str:
    """A value as a file of its own."""
    if isinstance(value, dict | list) and value:
        return "".join(line + "\n" for line in block(value, 0))
    return inline(value, flow=False) + "\n"


def inline(value: Any, *, flow: bool = True) -> str:
    """A value in one line, as it stands inside `[]` and `{}`, or without `flow` behind a key."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    return scalar(value, flow=flow)


def scalar(value: Any, *, flow: bool = True) -> str:
    """A text, number, boolean or nothing; quoted where it would be read as something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} has no form in YAML")
    return value if _is_plain(value, flow=flow) else quoted(value)


def quoted(text: str) -> str:
    """A text in quotes: double ones, unless they would need a backslash and single ones do not."""
    if ('"' in text or "\\" in text) and not _INSIDE.search(text.replace(": ", "").replace(" #", "").rstrip(" ")):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_ESCAPES.get(one) or _escape(one) for one in text) + '"'


def block(value: Any, indent: int) -> Iterator[str]:
    """The lines of a map or list that is not empty, indented."""
    margin = " " * indent
    if isinstance(value, dict):
        for key, one in value.items():
            yield from entry(f"{margin}{scalar(key, flow=False)}:", one, indent)
        return
    for one in value:
        if isinstance(one, dict | list) and one and not fits(one, indent + STEP):
            first, *rest = block(one, indent + STEP)
            yield f"{margin}- {first[indent + STEP :]}"
            yield from rest
        else:
            yield from entry(f"{margin}-", one, indent)


def entry(head: str, value: Any, indent: int) -> Iterator[str]:
    """A key or a dash with its value, in as few lines as canonical form allows."""
    if isinstance(value, str) and (lines := _literal(value, indent + STEP)):
        yield f"{head} {lines[0]}"
        yield from lines[1:]
    elif isinstance(value, dict | list) and value and not fits(value, len(head) + 1):
        yield head
        yield from block(value, indent + STEP)
    else:
        yield f"{head} {inline(value, flow=False)}"


def fits(value: Any, column: int) -> bool:
    """Whether a map or list reads well in one line that begins at a column."""
    if isinstance(value, dict):
        fit = all(_small(one) for one in value.values()) and not all(isinstance(one, dict) for one in value.values())
    else:
        fit = all(not isinstance(one, dict) and _small(one) for one in value)
    return fit and column + len(inline(value)) <= WIDTH


def width(text: str) -> int:
    """The columns that a text takes on a screen, where Chinese characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _small(value: Any, deep: int = 2) -> bool:
    """Whether a value may stand inside a line: not a text of several lines, nor maps in lists, nor deep."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        listed = isinstance(value, list) and any(isinstance(one, dict) for one in value)
        return deep > 0 and not listed and all(_small(one, deep - 1) for one in inner)
    return not (isinstance(value, str) and "\n" in value)


def _is_plain(text: str, *, flow: bool) -> bool:
    if not isinstance(plain(text), str) or _INDICATOR.match(text) or _INSIDE.search(text) or _ELSEWHERE.fullmatch(text):
        return False
    return not (flow and _INSIDE_FLOW.search(text))


def _escape(one: str) -> str:
    if one.isprintable():
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"


def _literal(text: str, indent: int) -> list[str] | None:
    """A text of several lines as `|` and its lines; None when quotes keep it better."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if "\n" not in text or not body or body.endswith("\n") or any(map(_odd, lines)):
        return None
    if body.lstrip("\n").startswith((" ", "\t")):  # the first line says how far all are indented
        return None
    chomp = "" if text.endswith("\n") else "-"
    return [f"|{chomp}", *(" " * indent + line if line else "" for line in lines)]


def _odd(line: str) -> bool:
    return any(not one.isprintable() and one != "\t" for one in line) or (bool(line) and not line.strip())
