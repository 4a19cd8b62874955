"""Splicing: only the intended lines change, comments move with their node, and the result reads as meant."""

from __future__ import annotations

import difflib
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.source import fmt, read_text, splice
from engine.source.splice import same
from engine.source.writer import write

FORM = """\
# the customer: who buys from us
label: 客户

fields:
  # what people know it by
  name:   {type: text, label: 客户名称, required: true}
  grade:  {type: choice, options: {a: A, b: B}}   # set by the score
  # from finance
  # since 2026
  limit:  {type: money, default: 0}

  note:
    type: long_text
    help: |
      two
      lines
    # the end of note
guards:
  - require: limit >= 0   # never below
    # said to the seller
    message: 超出额度
  - {require: name != ''}
  # last
  - check: x
    steps: [a, b]
"""


def change(old: str, new: str) -> list[str]:
    """The lines that went (-) and came (+)."""
    return [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-"]


CASES: list[tuple[str, Any, list[str]]] = [
    ("set a scalar", lambda t: splice.put(t, ("label",), "顾客"), ["- label: 客户", "+ label: 顾客"]),
    ("set the same", lambda t: splice.put(t, ("guards", 2, "steps"), ["a", "b"]), []),
    (
        "set inside a line",
        lambda t: splice.put(t, ("fields", "grade", "options", "b"), "乙"),
        [
            "-   grade:  {type: choice, options: {a: A, b: B}}   # set by the score",
            "+   grade:  {type: choice, options: {a: A, b: 乙}}   # set by the score",
        ],
    ),
    (
        "add inside a line",
        lambda t: splice.put(t, ("fields", "grade", "options", "c"), "丙"),
        [
            "-   grade:  {type: choice, options: {a: A, b: B}}   # set by the score",
            "+   grade:  {type: choice, options: {a: A, b: B, c: 丙}}   # set by the score",
        ],
    ),
    (
        "add a field in the column of the others",
        lambda t: splice.insert(t, ("fields",), 1, {"type": "text"}, "uscc"),
        ["+   uscc:   {type: text}"],
    ),
    (
        "add a field at the end",
        lambda t: splice.put(t, ("fields", "phone"), {"type": "phone"}),
        ["+   phone: {type: phone}"],
    ),
    (
        "remove a field with its comments",
        lambda t: splice.remove(t, ("fields", "limit")),
        ["-   # from finance", "-   # since 2026", "-   limit:  {type: money, default: 0}"],
    ),
    (
        "move a field with its comments",
        lambda t: splice.move(t, ("fields", "limit"), ("fields",), 0),
        [
            "+   # from finance",
            "+   # since 2026",
            "+   limit:  {type: money, default: 0}",
            "-   # from finance",
            "-   # since 2026",
            "-   limit:  {type: money, default: 0}",
        ],
    ),
    (
        "rename in a column",
        lambda t: splice.rename(t, ("fields", "limit"), "credit"),
        ["-   limit:  {type: money, default: 0}", "+   credit: {type: money, default: 0}"],
    ),
    (
        "remove the first key of an item",
        lambda t: splice.remove(t, ("guards", 0, "require")),
        [
            "-   - require: limit >= 0   # never below",
            "-     # said to the seller",
            "-     message: 超出额度",
            "+   # said to the seller",
            "+   - message: 超出额度",
        ],
    ),
    (
        "put a key before the first of an item",
        lambda t: splice.insert(t, ("guards", 2), 0, "final", "label"),
        ["-   - check: x", "+   - label: final", "+     check: x"],
    ),
    (
        "make a line a block",
        lambda t: splice.put(t, ("guards", 2, "steps"), [{"do": [{"x": 1}]}]),
        ["-     steps: [a, b]", "+     steps:", "+       - do:", "+           - {x: 1}"],
    ),
    (
        "write a text of several lines",
        lambda t: splice.put(t, ("guards", 2, "check"), "x\ny\n"),
        ["-   - check: x", "+   - check: |", "+       x", "+       y"],
    ),
    (
        "change one line of a block",
        lambda t: splice.put(t, ("fields", "note"), {"type": "text", "help": "two\nlines\n", "max": 9}),
        ["-     type: long_text", "+     type: text", "+     max: 9"],
    ),
    ("remove the last item of a list", lambda t: splice.remove(t, ("guards", 2, "steps", 1)),
     ["-     steps: [a, b]", "+     steps: [a]"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "act", "lines"), CASES, ids=[case[0] for case in CASES])
def test_only_the_intended_lines_change(name: str, act: Any, lines: list[str]) -> None:
    assert sorted(change(FORM, act(FORM))) == sorted(lines)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: splice.remove(FORM, ("fields", "fax")), "there is nothing at fields.fax"),
        (lambda: splice.rename(FORM, ("fields", "name"), "note"), "there is already a 'note' here"),
        (lambda: splice.rename(FORM, ("guards", 0), "x"), "only a key can be renamed"),
        (lambda: splice.insert(FORM, ("fields",), 0, {}, "name"), "there is already a 'name' here"),
        (lambda: splice.insert(FORM, ("fields",), 0, {}), "nothing can be added without a key here"),
        (lambda: splice.insert(FORM, ("label",), 0, {}, "x"), "nothing can be added with a key here"),
        (lambda: splice.move(FORM, ("fields",), ("fields", "note"), 0), "cannot be moved into itself"),
        (lambda: splice.move(FORM, ("fields", "name", "type"), ("fields", "note"), 0), "already a 'type'"),
    ],
)
def test_what_cannot_be_done_is_said(act: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        act()


def test_a_step_moves_into_a_branch() -> None:
    flow = (
        "steps:\n  # first\n  - approve: a\n    who: x\n"
        "  - choose: b\n    cases:\n      - when: y\n        steps: [z]\n"
    )
    moved = splice.move(flow, ("steps", 0), ("steps", 1, "cases", 0, "steps"), 1)
    assert read_text(moved, "f").value == {
        "steps": [{"choose": "b", "cases": [{"when": "y", "steps": ["z", {"approve": "a", "who": "x"}]}]}]
    }
    assert moved.splitlines()[4] == "        # first"
    branch = flow.replace("steps: [z]", "steps:\n          - z")
    assert splice.move(branch, ("steps", 0), ("steps", 1, "cases", 0, "steps"), 0) == (
        "steps:\n  - choose: b\n    cases:\n      - when: y\n        steps:\n"
        "          # first\n          - approve: a\n            who: x\n          - z\n"
    )


def test_a_line_that_grows_too_long_is_broken() -> None:
    text = "fields:\n  a: {type: choice, options: {x: X}}  # why\n  b: {type: text}\n"
    long = splice.put(text, ("fields", "a", "label"), "字" * 100)
    assert long == (
        "fields:\n  a:  # why\n    type: choice\n    options: {x: X}\n    label: "
        + "字" * 100
        + "\n  b: {type: text}\n"
    )


def test_line_ends_of_windows_stay() -> None:
    text = "a: 1\r\nb:\r\n  - x\r\n"
    assert splice.put(text, ("b",), ["x", "y"]) == "a: 1\r\nb:\r\n  - x\r\n  - y\r\n"
    assert splice.put(text, ("c",), {"d": [{"e": 1}]}) == text + "c:\r\n  d:\r\n    - {e: 1}\r\n"


@pytest.mark.parametrize(
    ("text", "act", "result"),
    [
        ("", lambda t: splice.put(t, ("a",), 1), "a: 1\n"),
        ("# head\n", lambda t: splice.put(t, ("a",), 1), "# head\na: 1\n"),
        ("a:\n", lambda t: splice.put(t, ("a", "b"), 1), "a: {b: 1}\n"),
        ("a:\n", lambda t: splice.insert(t, ("a",), 0, "x"), "a: [x]\n"),
        ("a: {}", lambda t: splice.put(t, ("a", "b"), [{"c": 1}]), "a:\n  b:\n    - {c: 1}\n"),
        ("a: {b: 1}\n", lambda t: splice.remove(t, ("a", "b")), "a: {}\n"),
        ("a:\n  b: 1\nc: 2\n", lambda t: splice.remove(t, ("a", "b")), "a: {}\nc: 2\n"),
        ("a: 1\n", lambda t: splice.remove(t, ("a",)), "{}\n"),
        ("- a: 1\n- b\n", lambda t: splice.remove(t, (0, "a")), "- {}\n- b\n"),
        ("a: {b: , c}\n", lambda t: splice.put(t, ("a", "c"), 1), "a: {b: , c: 1}\n"),
        ("a: [x, y, z]\n", lambda t: splice.move(t, ("a", 2), ("a",), 0), "a: [z, x, y]\n"),
        ("a:\n- x\n- y\nb: 1\n", lambda t: splice.insert(t, ("a",), 2, "z"),
         "a:\n- x\n- y\n- z\nb: 1\n"),
        ("a: 'it''s'  # c\n", lambda t: splice.put(t, ("a",), "is: it"), "a: \"is: it\"  # c\n"),
        ("a: |\n  x\n# end\n", lambda t: splice.put(t, ("a",), "y"), "a: y\n# end\n"),
    ],
)  # fmt: skip
def test_small_texts(text: str, act: Any, result: str) -> None:
    assert act(text) == result


WORDS = st.text(alphabet="ab1 :-#'\"{}[],\n中~", max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.decimals("-9", "9", places=2) | WORDS
KEYS = st.sampled_from(["a", "b", "c", "d", "中文", "x y", "1"])
VALUES = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(KEYS, one, max_size=3), max_leaves=8
)
TREES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4) | st.lists(VALUES, min_size=1, max_size=4)
Place = tuple[str | int, ...]


@st.composite
def texts(draw: Any) -> str:
    """A canonical text with comments above its lines, in the column of the line below them, and behind them."""
    value = draw(TREES)
    lines = write(value).splitlines()
    inside = literal_lines(write(value))
    out = []
    for number, line in enumerate(lines):
        where = draw(st.sampled_from(["", "", "above", "behind"])) if number not in inside else ""
        if where == "above":
            out.append(" " * (len(line) - len(line.lstrip())) + f"# above {number}")
        out.append(line + (f"  # behind {number}" if where == "behind" else ""))
    return "\n".join(out) + "\n"


def literal_lines(text: str) -> set[int]:
    """The numbers of the lines, from 0, that are inside a text of several lines."""
    document = read_text(text, "f")
    nodes = [document.node(*place) for place in places(document.value)]
    return {line for node in nodes if node.style == "|" for line in range(node.start.line, node.end.line)}


def places(value: Any, path: Place = ()) -> list[Place]:
    """All paths below a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, one in inner for place in [(*path, step), *places(one, (*path, step))]]


def at(value: Any, path: Place) -> Any:
    for step in path:
        value = value[step]
    return value


def comments(text: str) -> set[str]:
    return set(re.findall(r"# (?:above|behind) \d+", text))


many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(texts(), st.data())
def test_what_is_put_is_read_and_the_same_is_no_change(text: str, data: Any) -> None:
    value = read_text(text, "f").value
    path = data.draw(st.sampled_from(places(value)))
    assert splice.put(text, path, at(value, path)) == text
    new = data.draw(VALUES)
    assert at(read_text(splice.put(text, path, new), "f").value, path) == new


@many
@given(texts(), st.data())
def test_what_is_added_and_taken_out_leaves_no_trace(text: str, data: Any) -> None:
    document = read_text(text, "f")
    full = [place for place in [(), *places(document.value)] if at(document.value, place)]
    path = data.draw(st.sampled_from([place for place in full if isinstance(at(document.value, place), dict | list)]))
    container = at(document.value, path)
    index = data.draw(st.integers(0, len(container)))
    key = "new" if isinstance(container, dict) else None
    longer = splice.insert(text, path, index, data.draw(SCALARS), key)
    assert comments(longer) == comments(text)
    assert splice.remove(longer, (*path, key if key else index)) == text


@many
@given(texts(), st.data())
def test_a_move_keeps_every_comment_and_goes_back(text: str, data: Any) -> None:
    document = read_text(text, "f")
    blocks = [place for place in [(), *places(document.value)] if document.node(*place).style == "block"]
    path = data.draw(st.sampled_from(blocks))
    container = at(document.value, path)
    number, index = (data.draw(st.integers(0, len(container) - 1)) for _ in range(2))
    step = list(container)[number] if isinstance(container, dict) else number
    moved = splice.move(text, (*path, step), path, index) if len(container) > 1 else text
    assert comments(moved) == comments(text)
    back = splice.move(moved, (*path, step if isinstance(step, str) else index), path, number)
    assert read_text(back, "f").value == document.value


def test_fields_of_the_shipped_app_move_there_and_back() -> None:
    """Real texts, with their columns and comments."""
    for path in sorted(Path("examples/credit/forms").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        fields = list(read_text(text, path.name).value["fields"])
        for number in (0, len(fields) // 2, len(fields) - 1):
            moved = splice.move(text, ("fields", fields[number]), ("fields",), 1)
            assert splice.move(moved, ("fields", fields[number]), ("fields",), number) == text


def test_anything_of_the_shipped_app_moves_anywhere() -> None:
    """Random moves between lists and between maps of real texts: no comment is lost, and tidying agrees."""
    chance = random.Random(7)
    moves = 0
    for path in sorted(Path("examples").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        value = read_text(text, path.name).value
        containers = [place for place in [(), *places(value)] if isinstance(at(value, place), dict | list)]
        for place, target in zip(chance.choices(places(value), k=4), chance.choices(containers, k=4), strict=True):
            source, kind = at(value, place[:-1]), at(value, target)
            taken = isinstance(kind, dict) and place[-1] in kind and place[:-1] != target
            if target[: len(place)] == place or type(source) is not type(kind) or taken:
                continue
            moved = splice.move(text, place, target, chance.randint(0, len(kind) - (place[:-1] == target)))
            assert moved.count("#") == text.count("#")
            assert same(read_text(fmt(moved), "f").value, read_text(moved, "f").value)
            moves += 1
    assert moves > 50
