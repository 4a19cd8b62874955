"""Characters: where each character of a scalar's value stands in its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

_FOLD = re.compile(r"[ \t]*((?:\r?\n[ \t]*)+)")
_ESCAPE = {"x": 4, "u": 6, "U": 10}


def origin(raw: str, style: str, offset: int) -> int:
    """The index in `raw`, the scalar as written, of character `offset` of its value.

    Exact for plain, quoted and literal scalars; near for folded ones. Past the end: one after the last character.
    """
    found = list(islice(_origins(raw, style), offset + 1))
    if len(found) > offset:
        return found[offset]
    opening = 0 if style == "" else 1
    return (found[-1] + 1 if found else opening) + offset - len(found)


def _origins(raw: str, style: str) -> Iterator[int]:
    if style in ("|", ">"):
        return _block(raw, folded=style == ">")
    if style == "":
        return _flow(raw, 0, len(raw), "")
    return _flow(raw, 1, len(raw) - 1, style)


def _flow(raw: str, at: int, end: int, quote: str) -> Iterator[int]:
    while at < end:
        if fold := _FOLD.match(raw, at, end):
            for _ in range(max(1, fold.group(1).count("\n") - 1)):
                yield at
            at = fold.end()
        elif quote == '"' and raw[at] == "\\" and at + 1 < end:
            if raw[at + 1] in "\r\n":  # an escaped line end joins two lines without a blank
                at = _FOLD.match(raw, at + 1, end).end()  # type: ignore[union-attr]
            else:
                yield at
                at += _ESCAPE.get(raw[at + 1], 2)
        else:
            yield at
            at += 2 if quote == "'" and raw[at] == "'" else 1


def _block(raw: str, *, folded: bool) -> Iterator[int]:
    lines = raw.splitlines(keepends=True)
    at = len(lines[0]) if lines else 0
    body = lines[1:]
    indent = min((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), default=0)
    blanks = 0
    for number, line in enumerate(body):
        content = line.rstrip("\r\n")
        text = content[indent:]
        following = body[number + 1].strip() if number + 1 < len(body) else ""
        yield from range(at + indent, at + indent + len(text))
        blanks = blanks + 1 if not text else 0
        if not (folded and text and not following):  # a blank line takes the place of the line end before it
            yield at + len(content)
        at += len(line)
