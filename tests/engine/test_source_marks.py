"""Marks: where keys, values and the characters of texts stand."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.errors import ConfigErrors
from engine.source import Document, read_text

TEXT = """\
fields:
  name: {type: text, label: 客户}
  limit:
    min: -5
steps:
  - ask
  - [deep, 'quoted']
"""


@pytest.fixture
def document() -> Document:
    return read_text(TEXT, "forms/customer.yaml")


@pytest.mark.parametrize(
    ("path", "value_at", "key_at"),
    [
        ((), "1:1", "1:1"),
        (("fields",), "2:3", "1:1"),
        (("fields", "name"), "2:9", "2:3"),
        (("fields", "name", "label"), "2:29", "2:22"),
        (("fields", "limit", "min"), "4:10", "4:5"),
        (("steps", 0), "6:5", "6:5"),
        (("steps", 1, 1), "7:12", "7:12"),
        (("fields", "limit", "max"), "3:3", "3:3"),
        (("nothing",), "1:1", "1:1"),
    ],
)
def test_every_key_and_value_has_a_mark(document: Document, path: tuple, value_at: str, key_at: str) -> None:
    assert str(document.mark(*path)) == f"forms/customer.yaml:{value_at}"
    assert str(document.key_mark(*path)) == f"forms/customer.yaml:{key_at}"


def test_a_value_at_a_path(document: Document) -> None:
    assert document.get("steps", 1, 0) == "deep"
    assert document.get("steps", 5) is None
    assert document.get("steps", 0, 0) is None  # a text has no items
    assert document.get("fields", "name", "type", "x", default="none") == "none"


@pytest.mark.parametrize(
    ("written", "value", "places"),
    [
        ("grade = 'D'", "grade = 'D'", {0: "1:4", 6: "1:10"}),
        ("'it''s = x'", "it's = x", {0: "1:5", 3: "1:9", 5: "1:11"}),
        ('"a\\tb \\u4e2d c"', "a\tb 中 c", {1: "1:6", 2: "1:8", 4: "1:10", 6: "1:17"}),
        ("one\n  two\n  three", "one two three", {0: "1:4", 4: "2:3", 8: "3:3"}),
        ("'one\n\n  two'", "one\ntwo", {4: "3:3"}),
        ('"one \\\n  two"', "one two", {4: "2:3", 6: "2:5"}),
        ("|\n  one\n    two\n\n  three\n", "one\n  two\n\nthree\n", {0: "2:3", 4: "3:3", 6: "3:5", 11: "5:3"}),
        (">-\n  one\n  two\n\n  three\n", "one two\nthree", {4: "3:3", 8: "5:3"}),
    ],
)
def test_the_characters_of_a_text_have_marks(written: str, value: str, places: dict[int, str]) -> None:
    document = read_text(f"a: {written}\n", "f")
    assert document.value == {"a": value}
    mark = document.mark("a")
    assert {offset: str(mark.at(offset)).removeprefix("f:") for offset in places} == places


def test_a_mark_inside_a_text_finds_its_own_characters() -> None:
    document = read_text("a: 'it''s {{ x }}'\n", "f")
    inner = document.mark("a").at(8)
    assert (inner.line, inner.column) == (1, 14)
    assert inner.at(2).column == 16


def test_past_the_end_of_a_text_comes_its_last_column() -> None:
    mark = read_text("a: abc\nb: ''\n", "f").mark("a")
    assert mark.at(3).column == 7
    assert read_text("a: ''\n", "f").mark("a").at(0).column == 5


WORD = st.text(alphabet="ab '\"\\:中é", min_size=1, max_size=12)


@given(st.lists(WORD, min_size=1, max_size=4), st.sampled_from(["'", '"', "", "|"]))
def test_the_place_of_a_character_holds_that_character(words: list[str], style: str) -> None:
    value = "\n".join(words)
    if style == "'":
        written = "'" + value.replace("'", "''").replace("\n", "\n\n    ") + "'"
    elif style == '"':
        written = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    elif style == "|":
        written = "|\n    " + value.replace("\n", "\n    ")
    else:
        written = value.replace("\n", "\n\n    ")
    text = f"key:\n  inner: {written}\n"
    try:
        document = read_text(text, "f")
    except ConfigErrors:
        assume(False)
    found = document.get("key", "inner")
    assume(isinstance(found, str))
    mark = document.mark("key", "inner")
    lines = text.split("\n")
    for offset, character in enumerate(found):
        place = mark.at(offset)
        there = lines[place.line - 1][place.column - 1 : place.column]
        assert character in ("\n", " ") or there in (character, "\\")
