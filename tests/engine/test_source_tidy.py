"""Tidying: one canonical form; canonical text comes back as it is, and no comment gets lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ConfigErrors
from engine.source import fmt, read_text, write

MESSY = """\


# the file
---
label:   客户     # who buys


fields:
    # the name
    name:   { type : text ,label:  客户名称 }
    grade:  {type: choice}   # by score

    limit: {type: money, default: 0.50, help: "how far",
            # not for all
            max: 9}
    note:
        help: |
             two
               lines
        text: 'one
             two'
# at the end of fields, indented like the map
guards:
- require:  limit >= 0
  message:
     # why
     超出额度
-
  # alone
  check: x
- []
- - a
  -   b
# the end
"""
TIDY = """\
# the file
label: 客户  # who buys

fields:
  # the name
  name:   {type: text, label: 客户名称}
  grade:  {type: choice}  # by score

  limit:
    type: money
    default: 0.50
    help: "how far"
    # not for all
    max: 9
  note:
    help: |
      two
        lines
    text: 'one
      two'
# at the end of fields, indented like the map
guards:
  - require: limit >= 0
    # why
    message: 超出额度
  -
    # alone
    check: x
  - []
  - - a
    - b
# the end
"""


def test_a_messy_text_becomes_tidy() -> None:
    assert fmt(MESSY) == TIDY
    assert read_text(TIDY, "f").value == read_text(MESSY, "f").value
    assert fmt(TIDY) == TIDY


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("", ""),
        ("# only words\n", "# only words\n"),
        ("a: 1", "a: 1\n"),
        ("a: 1\n\n\n", "a: 1\n"),
        ("a:\n\n  b: 1\n", "a:\n  b: 1\n"),
        ("{a: 1,   b: 2}\n", "{a: 1,   b: 2}\n"),  # a file that is one line stays the author's
        ("a:   1\nbc: 2\n", "a: 1\nbc: 2\n"),
        ("a:   1\nbcd: 2\n", "a:   1\nbcd: 2\n"),
        ("基:  1\nb:   2\nlonger: 3\n", "基:  1\nb:   2\nlonger: 3\n"),
        ("a: 1     # x\nbc: 2    # y\n", "a: 1     # x\nbc: 2    # y\n"),
        ("a: 1     # x\nbc: 2\n", "a: 1  # x\nbc: 2\n"),
        ("a: [ ]\nb: { }\n", "a: []\nb: {}\n"),
        ("a: |2\n   x\nb: 1\n", "a: \" x\\n\"\nb: 1\n"),
        ("a: >\n    x\n    y\n", "a: >\n  x\n  y\n"),
        ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
        ("a:\r\n    b: 1\r\n", "a:\r\n  b: 1\r\n"),
        ("a:\n  -\n    b: 1\n    c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
        ("a:\n  b: # why\n    c: 1\n", "a:\n  b:  # why\n    c: 1\n"),
        ("a:\n  b:\n  c: ~\n", "a:\n  b:\n  c: ~\n"),
        ("a:\n  x: 1\n    # deeper\n  # level\nb: 1\n", "a:\n  x: 1\n    # deeper\n  # level\nb: 1\n"),
        ("- {a: [x, # one\n   y # two\n   ]}\n", "- a:\n    - x  # one\n    - y  # two\n"),
    ],
)  # fmt: skip
def test_small_texts(text: str, tidy: str) -> None:
    assert fmt(text) == tidy
    assert fmt(tidy) == tidy


def test_a_line_that_is_too_long_is_broken() -> None:
    text = f"fields:\n  a: {{label: {'x' * 60}, help: {'y' * 60}}}  # why\n"
    assert fmt(text) == f"fields:\n  a:  # why\n    label: {'x' * 60}\n    help: {'y' * 60}\n"


def test_what_cannot_be_read_cannot_be_tidied() -> None:
    with pytest.raises(ConfigErrors, match="a second ': '"):
        fmt("a: b: c\n")


def test_the_shipped_apps_keep_their_values_and_comments() -> None:
    for path in sorted(Path("examples").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        tidy = fmt(text)
        assert read_text(tidy, path.name).value == read_text(text, path.name).value
        assert tidy.count("#") == text.count("#")
        assert fmt(tidy) == tidy


WORDS = st.text(alphabet="ab1 :-#'\"{}[],\n中~", max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | WORDS
KEYS = st.sampled_from(["a", "bb", "ccc", "中文", "x y", "1"])
VALUES = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(KEYS, one, max_size=3), max_leaves=10
)
TREES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4) | st.lists(VALUES, min_size=1, max_size=4)
many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def literal_lines(text: str) -> set[int]:
    """The numbers of the lines, from 0, that are inside a text of several lines, or open one."""

    def walk(node: Any) -> set[int]:
        if node.style == "|":
            return set(range(node.start.line - 1, node.end.line))
        inner = node.items or [one for pair in (node.entries or {}).values() for one in pair]
        return set().union(*map(walk, inner)) if inner else set()

    return walk(read_text(text, "f").root)


@many
@given(TREES, st.data())
def test_canonical_text_comes_back_as_it_is(value: Any, data: Any) -> None:
    text = write(value)
    out = []
    inside = literal_lines(text)
    for number, line in enumerate(text.splitlines()):
        where = data.draw(st.sampled_from(["", "", "above", "behind"])) if number not in inside else ""
        if where == "above":
            out.append(" " * (len(line) - len(line.lstrip())) + f"# above {number}")
        out.append(line + (f"  # behind {number}" if where == "behind" else ""))
    noted = "\n".join(out) + "\n"
    assert fmt(noted) == noted


@many
@given(TREES, st.data())
def test_other_forms_of_the_same_become_one(value: Any, data: Any) -> None:
    """Blank lines, wider columns and comments in odd places: read alike, tidied once and for all."""
    text = write(value)
    out = []
    inside = literal_lines(text)
    for number, line in enumerate(text.splitlines()):
        if number not in inside and (odd := data.draw(st.sampled_from(["", "\n\n", "# x", "       # deep"]))):
            out.append(odd)
        out.append(line)
    messy = "\n".join(out) + "\n"
    tidy = fmt(messy)
    assert read_text(tidy, "f").value == read_text(messy, "f").value
    assert tidy.count("# x") == messy.count("# x")
    assert fmt(tidy) == tidy
