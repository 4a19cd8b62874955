"""Splice: change one thing in a text and leave every other line, and every comment, as it stands.

Paths are those of documents. Each call answers the whole new text. It raises ConfigError when there is no such
place, and proves before it answers that the new text reads as it should.
"""

from __future__ import annotations

from typing import Any

from engine.errors import ConfigError
from engine.source import editing
from engine.source.document import Document, Path
from engine.source.layout import Layout
from engine.source.reader import read_text
from engine.source.writer import scalar

FILE = "text"


def put(text: str, path: Path, value: Any) -> str:
    """Give the thing at a path another value; a key that is missing is added at the end of its map.

    Maps and lists are compared item by item, so that only what differs is written.
    """
    document = _read(text)
    parent = document.get(*path[:-1]) if path else None
    if path and (isinstance(parent, dict) or parent is None) and document.node(*path) is None:
        return insert(text, path[:-1], len(parent or ()), value, key=str(path[-1]))
    _existing(document, path)
    old = document.get(*path)
    if same(old, value):
        return text
    node = document.node(*path)
    if node is not None and node.style == "block" and value:
        if isinstance(old, dict) and isinstance(value, dict) and _in_order(old, value):
            return _put_map(text, path, old, value)
        if isinstance(old, list) and isinstance(value, list):
            return _put_list(text, path, old, value)
    return _proven(editing.replace(document, path, value), _changed(document.value, path, value))


def insert(text: str, parent: Path, index: int, value: Any, key: str | None = None) -> str:
    """Add an item to the map or list at `parent` before its item number `index`; a map needs its key."""
    document = _read(text)
    _existing(document, parent)
    container = document.get(*parent)
    if container is None:
        container = [] if key is None else {}
    if not isinstance(container, list if key is None else dict):
        raise ConfigError(
            f"nothing can be added {'without' if key is None else 'with'} a key here", document.mark(*parent)
        )
    if key is not None and key in container:
        raise ConfigError(f"there is already a '{key}' here", document.key_mark(*parent, key))
    expected = _changed(document.value, parent, _with(container, index, value, key))
    return _proven(editing.add(document, parent, index, value, key), expected)


def remove(text: str, path: Path) -> str:
    """Take out the item at a path, with the comments above it."""
    document = _read(text)
    _existing(document, path)
    return _proven(editing.cut(document, path), _removed(document, path))


def move(text: str, path: Path, parent: Path, index: int) -> str:
    """Move an item, with its comments, to be number `index` of the map or list at `parent`.

    `parent` is a path of the text as it stands; `index` counts when the item has been taken out.
    """
    document = _read(text)
    _existing(document, path)
    _existing(document, parent)
    if parent[: len(path)] == path:
        raise ConfigError("a thing cannot be moved into itself", document.mark(*path))
    value, lines = document.get(*path), editing.taken(document, path)
    key = path[-1] if isinstance(path[-1], str) else None
    shorter = _read(_proven(editing.cut(document, path), _removed(document, path)))
    target = _after_cut(parent, path)
    node, container = shorter.node(*target), shorter.get(*target)
    if lines is None or node is None or node.style != "block" or isinstance(container, dict) != (key is not None):
        moved = _read(insert(shorter.text, target, index, value, key))
        comments = editing.notes(document, path) if lines is not None else []
        return _proven(editing.note(moved, target, comments), moved.value)
    if key is not None and key in container:
        raise ConfigError(f"there is already a '{key}' here", shorter.key_mark(*target, key))
    expected = _changed(shorter.value, target, _with(container, index, value, key))
    return _proven(editing.paste(Layout(shorter), node, index, lines), expected)


def rename(text: str, path: Path, key: str) -> str:
    """Give the key at a path another name; its place, value and comments stay."""
    document = _read(text)
    _existing(document, path)
    node, names = document.node(*path[:-1]), document.get(*path[:-1])
    if node is None or node.entries is None:
        raise ConfigError("only a key can be renamed", document.mark(*path))
    if key == path[-1]:
        return text
    if key in names:
        raise ConfigError(f"there is already a '{key}' here", document.key_mark(*path[:-1], key))
    old, value = node.entries[str(path[-1])]
    written = scalar(key, flow=node.style == "flow")
    gap = text[old.end.index : value.start.index]
    if gap.startswith(":  ") and "\n" not in gap:  # the values stand in a column
        gap = ":" + " " * max(1, len(gap) - 1 + old.end.index - old.start.index - len(written))
    edited = text[: old.start.index] + written + gap + text[value.start.index :]
    renamed = {key if name == path[-1] else name: one for name, one in names.items()}
    return _proven(edited, _changed(document.value, path[:-1], renamed))


def same(one: Any, other: Any) -> bool:
    """Whether two values are written alike: same types, same decimals, keys in the same order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and str(one) == str(other)


def _put_map(text: str, path: Path, old: dict[str, Any], new: dict[str, Any]) -> str:
    for key in old.keys() - new.keys():
        text = remove(text, (*path, key))
    for number, (key, value) in enumerate(new.items()):
        text = put(text, (*path, key), value) if key in old else insert(text, path, number, value, key)
    return text


def _put_list(text: str, path: Path, old: list[Any], new: list[Any]) -> str:
    """Leave what is alike at both ends, and write the items between one by one."""
    head = 0
    while head < min(len(old), len(new)) and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    shared = min(len(old), len(new)) - head - tail
    for number in range(head, head + shared):
        text = put(text, (*path, number), new[number])
    for number in range(head + shared, len(new) - tail):
        text = insert(text, path, number, new[number])
    for _ in range(head + shared, len(old) - tail):
        text = remove(text, (*path, head + shared))
    return text


def _in_order(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether the keys that stay keep their order, and there are some."""
    stay = [key for key in old if key in new]
    return bool(stay) and stay == [key for key in new if key in old]


def _read(text: str) -> Document:
    return read_text(text, FILE)


def _existing(document: Document, path: Path) -> None:
    if document.node(*path) is None:
        raise ConfigError(f"there is nothing at {'.'.join(map(str, path))}", document.mark(*path))


def _after_cut(parent: Path, path: Path) -> Path:
    """Where `parent` stands once `path` has been taken out of the list before it."""
    level = len(path) - 1
    step, gone = parent[level] if len(parent) > level else None, path[-1]
    if parent[:level] != path[:-1] or not isinstance(step, int) or not isinstance(gone, int) or step < gone:
        return parent
    return (*parent[:level], step - 1, *parent[level + 1 :])


def _changed(value: Any, path: Path, new: Any) -> Any:
    """The value with another one at a path; what is not on the way is shared."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {key: _changed(one, rest, new) if key == step else one for key, one in value.items()}
    return [_changed(one, rest, new) if number == step else one for number, one in enumerate(value)]


def _with(container: Any, index: int, value: Any, key: str | None) -> Any:
    items = list(container.items()) if key is not None else list(container)
    items.insert(index, value if key is None else (key, value))
    return dict(items) if key is not None else items


def _removed(document: Document, path: Path) -> Any:
    parent = document.get(*path[:-1])
    if isinstance(parent, dict):
        left: Any = {key: one for key, one in parent.items() if key != path[-1]}
    else:
        left = [one for number, one in enumerate(parent) if number != path[-1]]
    return _changed(document.value, path[:-1], left)


def _proven(text: str, expected: Any) -> str:
    """The text, if it reads as expected; anything else would be a mistake of ours that must not be saved."""
    found = _read(text).value
    if not same(found, expected):
        raise AssertionError(f"the spliced text reads {found!r}, not {expected!r}")
    return text
