"""Tidy: the canonical form of a text that people write; what `guiju fmt` does.

Two blanks for each level, one line for what stood in one line and fits, comments where they stand. Values that
stand in a column keep one. A text in canonical form comes back as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.source.document import Node
from engine.source.layout import Layout
from engine.source.reader import read_text
from engine.source.splice import same
from engine.source.writer import STEP, WIDTH, entry, inline, width

_COMMENT = re.compile(r"(?<!\S)#[^\n]*")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line to be: its text, and the comment behind it that stood in column `at`.

    `head` is the length of the key with its colon where a value follows in the line, `column` where the value
    stood, counted from the key; `kept` lines are inside a text of several lines.
    """

    text: str
    comment: str = ""
    at: int = 0
    head: int = 0
    column: int = 0
    kept: bool = False
    parent: int = 0

    @property
    def blank(self) -> bool:
        return not self.text and not self.kept


def fmt(text: str, file: str = "text") -> str:
    """The text in canonical form; `file` names it in mistakes. Raises ConfigErrors when it cannot be read.

    Should a comment stand where it cannot be kept, the text is left as it is.
    """
    document = read_text(text, file)
    if document.root.style != "block":
        return text
    layout = Layout(document)
    rows = _spaced(list(_Tidy(layout).rows()))
    tidy = "".join(line + layout.newline for line in _written(rows))
    if same(read_text(tidy, "text").value, document.value) and _comments(tidy) == _comments(text):
        return tidy
    return text


class _Tidy:
    """Walks a document once; `line` is the first line that has not been written yet."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.document, self.text = layout, layout.document, layout.document.text
        self.line = 0

    def rows(self) -> Iterator[_Row]:
        root = self.document.root
        yield from self._quiet(self.layout.spans(root)[0].top, 0)
        yield from self._block(root, 0)
        yield from self._quiet(len(self.layout.lines), 0)

    def _quiet(self, end: int, indent: int) -> Iterator[_Row]:
        """The comments and blank lines up to a line."""
        for line in self.layout.lines[self.line : end]:
            if not line.strip():
                yield _Row("")
            elif line.lstrip().startswith("#"):
                yield _Row(" " * indent + line.strip())
        self.line = max(self.line, end)

    def _block(self, node: Node, indent: int) -> Iterator[_Row]:
        spans = self.layout.spans(node)
        pairs = list(node.entries.values()) if node.entries is not None else [(None, one) for one in node.items or ()]
        for number, (span, (key, value)) in enumerate(zip(spans, pairs, strict=True)):
            above = list(self._quiet(span.first, indent))
            if number == 0 and node is not self.document.root:
                while above and above[0].blank:
                    above.pop(0)
            yield from above
            head = " " * indent + (f"{self._raw(key)}:" if key else "-")
            for row in self._item(head, key, value, indent, span.first):
                yield replace(row, parent=row.parent or id(node))
            yield from self._quiet(span.end, indent + STEP)

    def _item(self, head: str, key: Node | None, value: Node, indent: int, first: int) -> Iterator[_Row]:
        """The lines of one item; `first` is the line in which it began."""
        after_head = self.layout.lines[first]
        if value.style == "block":
            at = key.end.column - 1 if key else 0
            self.line = max(self.line, first + 1)
            begun = value.start.line - 1 == first
            comment = "" if begun else _behind(after_head[at:].partition(":" if key else "-")[2])
            yield from _under(_Row(head, comment, _column(after_head, comment)), self._block(value, indent + STEP))
            return
        between = self.text[key.end.index : value.start.index] if key else ""
        yield from (_Row(" " * indent + found) for found in _COMMENT.findall(between))
        column = 0 if key is None or "\n" in between else width(self._raw(key) + between)
        yield from self._value(head, value, indent, column)
        self.line = max(self.line, value.end.line, first + 1)

    def _value(self, head: str, value: Node, indent: int, column: int) -> Iterator[_Row]:
        """The lines of a value that is no block."""
        end_line = self.layout.lines[value.end.line - 1]
        comment = _behind(end_line[value.end.column - 1 :]) if value.style not in ("|", ">") else ""
        at = _column(end_line, comment)
        raw = self._raw(value)
        if value.style == "flow" and not self._in_line(value, len(head)):
            yield from _under(_Row(head, comment, at), self._opened(value, indent + STEP))
        elif value.style == "flow":
            yield _Row(f"{head} {self._flow(value)}", comment, at, len(head), column)
        elif value.style in ("|", ">"):
            yield from self._literal(head, value, raw, indent)
        elif "\n" in raw:
            first, *rest = raw.splitlines()
            yield _Row(f"{head} {first}")
            for line in rest[:-1]:
                yield _Row(" " * (indent + STEP) + line.lstrip() if line.strip() else "", kept=True)
            yield _Row(" " * (indent + STEP) + rest[-1].lstrip(), comment, at)
        elif raw:
            yield _Row(f"{head} {raw}", comment, at, len(head), column)
        else:
            yield _Row(head, comment, at)

    def _literal(self, head: str, value: Node, raw: str, indent: int) -> Iterator[_Row]:
        first, *rest = raw.splitlines()
        if re.match(r"[|>][-+]?\d", first):  # the digit says how far all is indented; quotes say the same without it
            for line in entry(head, value.value, indent):
                yield _Row(line, kept=True)
            return
        deep = next((len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), 0)
        yield _Row(f"{head} {first.rstrip()}")
        for line in rest:
            yield _Row(" " * (indent + STEP) + line[deep:] if line[deep:] else "", kept=True)

    def _in_line(self, value: Node, before: int) -> bool:
        """Whether a flow collection stood in one line and fits into one."""
        if not (value.items or value.entries):
            return True
        one_line = value.start.line == value.end.line
        return one_line and before + 1 + len(self._flow(value)) <= WIDTH

    def _flow(self, node: Node) -> str:
        """A flow collection in one line, its scalars as they are written."""
        if node.entries is not None:
            pairs = (f"{self._raw(key)}: {self._flow(value)}".rstrip() for key, value in node.entries.values())
            return "{" + ", ".join(pairs) + "}"
        if node.items is not None:
            return "[" + ", ".join(map(self._flow, node.items)) + "]"
        raw = self._raw(node)
        return raw if "\n" not in raw else inline(node.value)

    def _opened(self, node: Node, indent: int) -> Iterator[_Row]:
        """A flow collection as a block, because it is too long for a line."""
        if node.entries is not None:
            pairs = [(f"{self._raw(key)}:", key.start, value) for key, value in node.entries.values()]
        else:
            pairs = [("-", item.start, item) for item in node.items or ()]
        before = node.start.index
        for number, (head, start, value) in enumerate(pairs):
            after = pairs[number + 1][1].index if number + 1 < len(pairs) else node.end.index
            yield from (_Row(" " * indent + found) for found in self._notes(before, start.index)[1])
            rows = list(self._open_value(" " * indent + head, value, indent))
            behind = self._notes(value.end.index, after)[0]
            yield replace(rows[0], comment=behind or rows[0].comment)
            yield from rows[1:]
            before = value.end.index
        yield from (_Row(" " * indent + found) for found in self._notes(before, node.end.index)[1])

    def _open_value(self, head: str, value: Node, indent: int) -> Iterator[_Row]:
        if value.style == "flow" and not self._in_line(value, len(head)):
            yield from _under(_Row(head), self._opened(value, indent + STEP))
        else:
            yield _Row(f"{head} {self._flow(value)}".rstrip())

    def _notes(self, start: int, end: int) -> tuple[str, list[str]]:
        """Of the comments between two places: the one in the first line, and those in lines of their own."""
        between = self.text[start:end]
        first, _, rest = between.partition("\n")
        return "".join(_COMMENT.findall(first)), _COMMENT.findall(rest)

    def _raw(self, node: Node) -> str:
        return self.text[node.start.index : node.end.index]


def _under(head: _Row, inner: Iterator[_Row]) -> Iterator[_Row]:
    """The lines of a block below its key; the first stands behind a dash if nothing else does."""
    first, *rest = inner
    if head.text.endswith("-") and not head.comment and not first.text.lstrip().startswith("#"):
        yield replace(first, text=f"{head.text} {first.text[len(head.text) + 1 :]}")
    else:
        yield head
        yield first
    yield from rest


def _behind(rest: str) -> str:
    """The comment at the end of a line."""
    found = _COMMENT.search(rest)
    return found.group().rstrip() if found and not rest[: found.start()].strip() else ""


def _column(line: str, comment: str) -> int:
    return width(line[: line.rindex(comment)]) if comment else 0


def _comments(text: str) -> list[str]:
    """What could be comments, in no order: enough to see that none got lost."""
    return sorted(found.rstrip() for found in _COMMENT.findall(text))


def _spaced(rows: list[_Row]) -> list[_Row]:
    """No blank lines at the ends, and never two together."""
    kept: list[_Row] = []
    for row in rows:
        if not (row.blank and (not kept or kept[-1].blank)):
            kept.append(row)
    while kept and kept[-1].blank:
        kept.pop()
    return kept


def _written(rows: list[_Row]) -> Iterator[str]:
    """The lines; a comment behind one keeps its column if another stands in the same, and else comes close."""
    rows = _in_columns(rows)
    shared = Counter(row.at for row in rows if row.comment and width(row.text) + 2 <= row.at)
    for row in rows:
        if not row.comment:
            yield row.text
            continue
        column = row.at if shared[row.at] > 1 else 0
        yield row.text + " " * max(2, column - width(row.text)) + row.comment


def _in_columns(rows: list[_Row]) -> list[_Row]:
    """Values of one map between two blank lines stand in a column, if most of those set apart did."""
    rows = list(rows)
    section = 0
    groups: dict[tuple[int, int], list[int]] = {}
    for number, row in enumerate(rows):
        section += row.blank
        if row.head:
            groups.setdefault((section, row.parent), []).append(number)
    for numbers in groups.values():
        column = _shared_column([rows[number] for number in numbers])
        for number in numbers if column else ():
            row = rows[number]
            head, value = row.text[: row.head], row.text[row.head + 1 :]
            padding = " " * max(1, column - width(head.lstrip()))
            rows[number] = replace(row, text=head + padding + value)
    return rows


def _shared_column(rows: list[_Row]) -> int:
    """Where, counted from the keys, the values of a map stood; 0 when they stood in no column."""
    places = Counter(row.column for row in rows)
    apart = [row.column for row in rows if row.column > width(row.text[: row.head].lstrip()) + 1]
    best = max(apart, key=lambda column: (places[column], column), default=0)
    return best if places[best] > 1 else 0
