"""Composer: turns the parser's events into values and nodes, and refuses what we do not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from engine.errors import Mark, SourceError
from engine.source import advice
from engine.source.document import Node, Spot
from engine.source.scalars import plain

_BLANK_END = re.compile(r"(\r?\n[ \t]*)+\Z")
MAX_DEPTH = 40
MAX_NODES = 50_000


class _Stop(Exception):
    """Reading on would make no sense; the reason is among the errors."""


class Composer:
    """Reads one text once; afterwards `errors` holds its mistakes in the order in which they stand."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.errors: list[SourceError] = []
        self._nodes = 0
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CLoader))

    def compose(self) -> tuple[Any, Node]:
        """The value and the node of the only document; both are of no use when there are errors."""
        start = Spot(0, 1, 1)
        value, node = None, Node(start, start)
        try:
            self._next()  # the start of the stream
            event = self._next()
            if isinstance(event, yaml.DocumentStartEvent):
                if event.version or event.tags:
                    self._refuse("directives such as %YAML are not read", event, "remove the line that begins with '%'")
                value, node = self._value(self._next(), 1)
                self._next()  # the end of the document
                event = self._next()
                if isinstance(event, yaml.DocumentStartEvent):
                    self._refuse(
                        "a second document begins here", event, "one file holds one object; remove the '---' line"
                    )
        except _Stop:
            pass
        return value, node

    def _next(self) -> Any:
        try:
            return next(self._events)
        except yaml.MarkedYAMLError as error:
            message, where, hint = advice.syntax(error, self.text)
            self.errors.append(SourceError(message, Mark(self.file, *where), hint))
        except yaml.YAMLError as error:
            self.errors.append(SourceError(f"this is not YAML: {error}", Mark(self.file, 1, 1)))
        raise _Stop

    def _refuse(self, message: str, event: Any, hint: str) -> None:
        self.errors.append(SourceError(message, self._mark(event), hint))

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _before(self, event: Any) -> str:
        """What stands before an event in its line."""
        return self.text[event.start_mark.index - event.start_mark.column : event.start_mark.index]

    def _value(self, event: Any, depth: int) -> tuple[Any, Node]:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            what = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES:,} values"
            self._refuse(f"this is {what}", event, "split it into several files")
            raise _Stop
        self._refuse_extras(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._scalar(event)

    def _refuse_extras(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                f"aliases such as *{event.anchor} are not read", event, "write the value out, or quote the text"
            )
        elif event.anchor is not None:
            self._refuse(
                f"anchors such as &{event.anchor} are not read", event, "write the value out where it is needed"
            )
        if getattr(event, "tag", None) is not None:
            self._refuse("tags are not read", event, "remove the tag; a text that begins with '!' needs quotes")

    def _scalar(self, event: Any) -> tuple[Any, Node]:
        node = Node(_spot(event.start_mark), _spot(event.end_mark))
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style in ("'", '"', "|", ">")
            node.style = str(event.style) if quoted else ""
            if event.style in ("|", ">"):
                node.end = self._block_end(node)
            node.value = event.value if quoted else plain(event.value)
        return node.value, node

    def _block_end(self, node: Node) -> Spot:
        """Where the last line of a `|` or `>` text ends; the parser says where the next thing begins."""
        raw = self.text[node.start.index : node.end.index]
        kept = "+" in raw.split("\n", 1)[0].split("#")[0]
        body = raw.removesuffix("\n").removesuffix("\r") if kept else _BLANK_END.sub("", raw)
        lines = body.count("\n")
        column = len(body) - body.rfind("\n") if lines else node.start.column + len(body)
        return Spot(node.start.index + len(body), node.start.line + lines, column)

    def _list(self, event: Any, depth: int) -> tuple[list[Any], Node]:
        values: list[Any] = []
        nodes: list[Node] = []
        node = Node(_spot(event.start_mark), _spot(event.start_mark), _style(event), items=nodes)
        while not isinstance(following := self._next(), yaml.SequenceEndEvent):
            value, item = self._value(following, depth + 1)
            values.append(value)
            nodes.append(item)
        node.end = _spot(following.end_mark) if event.flow_style else nodes[-1].end
        return values, node

    def _map(self, event: Any, depth: int) -> tuple[dict[str, Any], Node]:
        values: dict[str, Any] = {}
        entries: dict[str, tuple[Node, Node]] = {}
        node = Node(_spot(event.start_mark), _spot(event.start_mark), _style(event), entries=entries)
        if event.flow_style and not event.anchor and not event.tag and self.text[node.start.index] != "{":
            self._refuse("a map inside a list needs braces", event, "write [{key: value}]")
        end = node.end
        while not isinstance(following := self._next(), yaml.MappingEndEvent):
            key, key_node = self._key(following, depth)
            value, item = self._value(self._next(), depth + 1)
            end = max(item.end, key_node.end)
            if key is None:
                continue
            if key in entries:
                first = entries[key][0].start
                self._refuse(
                    f"the key '{key}' stands here twice",
                    following,
                    f"it first stands in line {first.line}, column {first.column}",
                )
            values[key] = value
            entries[key] = (key_node, item)
        node.end = _spot(following.end_mark) if event.flow_style else end
        return values, node

    def _key(self, event: Any, depth: int) -> tuple[str | None, Node]:
        """A key is the text as written; anything but a text is refused and answered as None."""
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            self._refuse("merge keys are not read", event, "write the keys out where they are needed")
        elif isinstance(event, yaml.ScalarEvent) and event.value == "" and not event.style:
            self._refuse("a key is missing before ':'", event, "write 'key: value'")
        elif not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            what, braces = ("a map", True) if isinstance(event, yaml.MappingStartEvent) else ("a list", False)
            hint = "a text that holds {{ }} needs quotes" if braces else "put the key in quotes"
            self._refuse(f"a key must be a text, not {what}", event, hint)
        elif self._before(event).rstrip(" ").endswith("?"):
            self._refuse("keys that begin with '?' are not read", event, "write 'key: value'")
        value, node = self._value(event, depth + 1)
        node.value = event.value if isinstance(event, yaml.ScalarEvent) else value
        return (node.value if isinstance(node.value, str) and node.value != "<<" else None), node


def _spot(mark: Any) -> Spot:
    return Spot(mark.index, mark.line + 1, mark.column + 1)


def _style(event: Any) -> str:
    return "flow" if event.flow_style else "block"
