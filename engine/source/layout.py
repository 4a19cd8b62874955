"""Layout: which lines of a text belong to which item of a block, comments included."""

from __future__ import annotations

from dataclasses import dataclass

from engine.source.document import Document, Node


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of one item, counted from 0: comments above it from `top`, itself from `first` up to, not with, `end`.

    `column` (from 0) is where its key or dash stands; an item that shares its first line with the dash of the
    list around it is `compact`.
    """

    top: int
    first: int
    end: int
    column: int
    compact: bool


class Layout:
    """The lines of a document, and the items of its blocks among them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines = document.text.splitlines(keepends=True)
        self.newline = "\r\n" if self.lines and self.lines[0].endswith("\r\n") else "\n"
        if self.lines and not self.lines[-1].endswith("\n"):
            self.lines[-1] += self.newline

    def spans(self, node: Node) -> list[Span]:
        """The items of a block, in order.

        Comments and blank lines above an item are its own, those indented deeper than it belong to the item
        before. What stands at the top of the file stays there.
        """
        spans: list[Span] = []
        above = self._begin(node)
        for start, last in self._starts(node, above):
            line = self.lines[start]
            column = node.start.column - 1
            compact = bool(line[:column].strip())
            top = start if compact else above
            if not spans and node is self.document.root:
                top = self._below_header(start)
            end = self._tail(last + 1, column)
            spans.append(Span(top, start, end, column, compact))
            above = end
        return spans

    def _begin(self, node: Node) -> int:
        """The first line that may belong to a block: the one after its key, or its own first."""
        line = node.start.line - 1
        while line > 0 and _quiet(self.lines[line - 1]):
            line -= 1
        return line

    def _starts(self, node: Node, above: int) -> list[tuple[int, int]]:
        """First and last line of every item itself."""
        if node.entries is not None:
            return [(key.start.line - 1, max(key.end.line, value.end.line) - 1) for key, value in node.entries.values()]
        found: list[tuple[int, int]] = []
        column = node.start.column - 1
        before = node.start.line - 2
        for item in node.items or ():
            line = before + 1
            while not self._dash(line, column, first=not found):
                line += 1
            before = max(line, item.end.line - 1)
            found.append((line, before))
        return found

    def _dash(self, line: int, column: int, *, first: bool) -> bool:
        text = self.lines[line]
        return text[column : column + 1] == "-" and (first or not text[:column].strip())

    def _tail(self, line: int, column: int) -> int:
        """The line after the comments that belong to an item because they are indented deeper than it."""
        end = line
        while line < len(self.lines) and _quiet(self.lines[line]):
            text = self.lines[line]
            if text.strip() and len(text) - len(text.lstrip()) <= column:
                break
            line += 1
            if text.strip():
                end = line
        return end

    def _below_header(self, first: int) -> int:
        """The top of the first item's own comments; those from the first line of the file on are the file's."""
        top = first
        while top > 0 and self.lines[top - 1].lstrip().startswith("#"):
            top -= 1
        return first if top == 0 else top


def _quiet(line: str) -> bool:
    """Whether a line holds nothing but a comment, if that."""
    text = line.strip()
    return not text or text.startswith("#")
