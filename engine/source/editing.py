"""Editing: how the lines of a text change when one item is written, added, taken out or put elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.source.document import Document, Node, Path
from engine.source.layout import Layout, Span
from engine.source.reader import read_text
from engine.source.writer import WIDTH, block, entry, inline, scalar, width, write


def replace(document: Document, path: Path, value: Any) -> str:
    """Write another value at a path that exists."""
    text, node = document.text, _node(document, path)
    if not path and node.start.index == node.end.index:  # nothing but comments, if that
        return text + ("" if not text or text.endswith("\n") else "\n") + write(value)
    if not path:
        return text[: node.start.index] + write(value).rstrip("\n") + text[node.end.index :]
    parent = _node(document, path[:-1])
    if parent.style == "flow":
        return _narrowed(document, _spliced(text, node, inline(value)), path)
    layout = Layout(document)
    span = layout.spans(parent)[position(parent, path[-1])]
    head_end = _head_end(document, parent, path[-1], span)
    line = layout.lines[span.first]
    in_line = node.start.line == node.end.line == span.first + 1 and node.style not in ("|", ">", "block")
    if in_line and _stays_inline(value, head_end):
        written = inline(value, flow=False)
        if _stays_narrow(line, node, written, value):
            return _spliced(text, node, written)
    return _relined(layout, span, node, parent, line[:head_end], value)


def add(document: Document, parent: Path, index: int, value: Any, key: str | None) -> str:
    """Add an item to the map or list at a path."""
    node = _node(document, parent)
    count = len(node.entries if node.entries is not None else node.items or ())
    if count == 0:
        return replace(document, parent, [value] if key is None else {key: value})
    if node.style == "flow":
        new = inline(value) if key is None else f"{scalar(key)}: {inline(value)}"
        starts, ends = _edges(node)
        at = ends[-1] if index >= count else starts[index]
        new = f", {new}" if index >= count else f"{new}, "
        return _narrowed(document, document.text[:at] + new + document.text[at:], parent)
    layout = Layout(document)
    lines = list(block([value] if key is None else {key: value}, 0))
    if key is not None:
        lines[0] = _aligned(layout, node, index, lines[0])
    return paste(layout, node, index, [line + layout.newline for line in lines])


def cut(document: Document, path: Path) -> str:
    """Take out an item and the comments above it."""
    parent = _node(document, path[:-1])
    at = position(parent, path[-1])
    count = len(parent.entries if parent.entries is not None else parent.items or ())
    if count == 1:
        return replace(document, path[:-1], [] if parent.entries is None else {})
    if parent.style == "flow":
        starts, ends = _edges(parent)
        begin, end = (starts[at], starts[at + 1]) if at + 1 < count else (ends[at - 1], ends[at])
        return document.text[:begin] + document.text[end:]
    layout = Layout(document)
    spans = layout.spans(parent)
    lines, span = layout.lines, spans[at]
    if not span.compact:
        return "".join(lines[: span.top] + lines[span.end :])
    after = spans[at + 1]
    prefix = lines[span.first][: span.column]
    comments = _shifted(lines[after.top : after.first], len(prefix) - len(prefix.lstrip()) - after.column)
    moved_up = prefix + lines[after.first][span.column :]
    return "".join([*lines[: span.first], *comments, moved_up, *lines[after.first + 1 :]])


def taken(document: Document, path: Path) -> list[str] | None:
    """The lines of an item of a block, comments included, as if it stood in the first column; None in a line."""
    parent = _node(document, path[:-1])
    if parent.style == "flow":
        return None
    layout = Layout(document)
    span = layout.spans(parent)[position(parent, path[-1])]
    lines = layout.lines[span.top : span.end]
    if span.compact:
        lines[0] = " " * span.column + lines[0][span.column :]
    return _shifted(lines, -span.column)


def notes(document: Document, path: Path) -> list[str]:
    """The comments of an item of a block: those in lines of their own, and the one behind its last line."""
    parent, node = _node(document, path[:-1]), _node(document, path)
    layout = Layout(document)
    span = layout.spans(parent)[position(parent, path[-1])]
    own = [line.strip() for line in layout.lines[span.top : span.end] if line.lstrip().startswith("#")]
    behind = "" if node.style in ("|", ">") else _comment(layout.lines[node.end.line - 1][node.end.column - 1 :])
    return [*own, behind.strip()] if behind else own


def note(document: Document, path: Path, comments: Sequence[str]) -> str:
    """Put comments above the line in which the thing at a path stands."""
    layout = Layout(document)
    steps = next((n for n in range(len(path), 0, -1) if _node(document, path[: n - 1]).style == "block"), 0)
    line = column = 0
    if steps:
        parent = _node(document, path[: steps - 1])
        line = layout.spans(parent)[position(parent, path[steps - 1])].first
        column = len(layout.lines[line]) - len(layout.lines[line].lstrip())
    new = [" " * column + comment + layout.newline for comment in comments]
    return "".join([*layout.lines[:line], *new, *layout.lines[line:]])


def paste(layout: Layout, node: Node, index: int, lines: Sequence[str]) -> str:
    """Put lines that begin in the first column into a block, before its item number `index`."""
    spans = layout.spans(node)
    column = spans[0].column
    new, old = _shifted(lines, column), layout.lines
    if index >= len(spans):
        return "".join([*old[: spans[-1].end], *new, *old[spans[-1].end :]])
    span = spans[index]
    if not span.compact:
        return "".join([*old[: span.top], *new, *old[span.top :]])
    prefix = old[span.first][:column]
    first = next(number for number, line in enumerate(new) if line.strip() and not line.lstrip().startswith("#"))
    comments = _shifted(new[:first], len(prefix) - len(prefix.lstrip()) - column)
    below = " " * column + old[span.first][column:]
    head = prefix + new[first][column:]
    return "".join([*old[: span.first], *comments, head, *new[first + 1 :], below, *old[span.first + 1 :]])


def position(parent: Node, step: str | int) -> int:
    """The number of an item among its siblings."""
    if parent.entries is not None:
        return list(parent.entries).index(str(step))
    assert isinstance(step, int) and parent.items is not None
    return step % len(parent.items)


def _node(document: Document, path: Path) -> Node:
    node = document.node(*path)
    assert node is not None, f"there is nothing at {path}"
    return node


def _edges(node: Node) -> tuple[list[int], list[int]]:
    """Where the items of a flow collection begin and end in the text."""
    if node.entries is not None:
        pairs = node.entries.values()
        return [key.start.index for key, _ in pairs], [max(key.end.index, value.end.index) for key, value in pairs]
    items = node.items or []
    return [item.start.index for item in items], [item.end.index for item in items]


def _spliced(text: str, node: Node, written: str) -> str:
    """The text with another scalar or line in the place of a node, behind a colon if it had nothing."""
    before, after = text[: node.start.index], text[node.end.index :]
    if node.start.index == node.end.index:
        bare = before.rstrip(" ")
        before = bare + " " if bare.endswith((":", "-")) else bare + ": "
    return before + written + after


def _head_end(document: Document, parent: Node, step: str | int, span: Span) -> int:
    """Where the colon or dash of an item ends in its first line."""
    if parent.entries is None:
        return span.column + 1
    key, _ = parent.entries[str(step)]
    colon = document.text.index(":", key.end.index)
    return key.end.column - 1 + colon - key.end.index + 1


def _stays_inline(value: Any, column: int) -> bool:
    """Whether a value is written behind its key, not below it."""
    return len(list(entry(" " * column, value, 0))) == 1


def _stays_narrow(line: str, node: Node, written: str, value: Any) -> bool:
    scalars = not isinstance(value, dict | list)
    return scalars or len(line.rstrip()) - (node.end.index - node.start.index) + len(written) <= WIDTH


def _relined(layout: Layout, span: Span, node: Node, parent: Node, head: str, value: Any) -> str:
    """The text with the lines of an item written anew; what stands above and after it stays."""
    last = max(span.first, node.end.line - 1)
    if layout.lines[span.first + 1 : last + 1] and node.style == "block":
        comment = _comment(layout.lines[span.first][len(head) :])
    else:
        comment = _comment(layout.lines[last][node.end.column - 1 :])
    after = layout.lines[last + 1 : span.end]
    if parent.entries is None:
        lines = list(block([value], span.column))
        lines[0] = head[: span.column] + lines[0][span.column :]
    else:
        lines = list(entry(head, value, span.column))
    if lines[-1] != lines[0] and "|" in lines[0][len(head) :] and any(line.strip() for line in after):
        lines = [f"{head} {inline(value, flow=False)}"]  # a comment below `|` would become part of the text
    lines[0] += comment
    new = [line + layout.newline for line in lines]
    return "".join([*layout.lines[: span.first], *new, *layout.lines[last + 1 :]])


def _comment(rest: str) -> str:
    """The comment at the end of a line, with the blanks before it."""
    text = rest.rstrip()
    at = text.find("#")
    return text if at >= 0 and not text[:at].strip() else ""


def _narrowed(old: Document, edited: str, path: Path) -> str:
    """Break a line that an edit has made too long: what stands in `{}` or `[]` there goes below its key."""
    document = read_text(edited, old.file)
    steps = next((number for number in range(len(path) + 1) if _node(document, path[:number]).style == "flow"), 0)
    node = _node(document, path[:steps])
    line = node.start.line
    if steps == 0 or node.end.line != line or len(edited.splitlines()[line - 1]) <= WIDTH:
        return edited
    if len(old.text.splitlines()[line - 1]) > WIDTH:
        return edited
    return replace(document, path[:steps], document.get(*path[:steps]))


def _aligned(layout: Layout, node: Node, index: int, line: str) -> str:
    """The first line of a new entry with its value in the column where those beside it stand."""
    assert node.entries is not None
    head, colon, value = line.partition(": ")
    for number in (index - 1, index):
        if not colon or not 0 <= number < len(node.entries):
            continue
        key, beside = list(node.entries.values())[number]
        between = layout.document.text[key.end.index : beside.start.index]
        if "\n" not in between and len(between) > 2:
            return (
                head
                + ":"
                + " " * max(1, width(layout.document.text[key.start.index : beside.start.index]) - width(head) - 1)
                + value
            )
    return line


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    """Lines moved to the right, or to the left as far as they have blanks."""
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[min(-by, len(line) - len(line.lstrip(" "))) :] for line in lines]
