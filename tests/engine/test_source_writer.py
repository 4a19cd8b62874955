"""Writing: what is written reads back as it was, and looks as people would write it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.source import read, read_text, write

TEXTS = st.text(alphabet="ab01:- []{},&*!|>'\"%@`#?~\n\t\\é中=.", max_size=12) | st.text(max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-9999, 9999, places=3)
    | TEXTS
    | st.sampled_from(["yes", "null", "12:30", "0012", "1e3", "a: b", "- a", "~", "<<", "---", "a #b", " a", "a\n\n"])
)
VALUES = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=4) | st.dictionaries(TEXTS, one, max_size=4), max_leaves=12
)


@settings(max_examples=500, deadline=None)
@given(VALUES)
def test_what_is_written_reads_back(value: Any) -> None:
    assert read_text(write(value), "f").value == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}\n"),
        ([], "[]\n"),
        (None, "null\n"),
        ({"a": Decimal("0.10"), "b": -1, "c": True, "d": None}, "a: 0.10\nb: -1\nc: true\nd: null\n"),
        ({"a": "no", "b": "22:00", "c": "0012", "d": "1e3"}, 'a: "no"\nb: "22:00"\nc: "0012"\nd: "1e3"\n'),
        (
            {"a": "2026-03-01", "b": "按额度", "c": "days_overdue > 15"},
            "a: 2026-03-01\nb: 按额度\nc: days_overdue > 15\n",
        ),
        ({"a": "{{ name }}", "b": "x: y", "c": 'say "hi": x'}, 'a: "{{ name }}"\nb: "x: y"\nc: \'say "hi": x\'\n'),
        ({"a": "two\nlines\n", "b": "no end\nhere"}, "a: |\n  two\n  lines\nb: |-\n  no end\n  here\n"),
        ({"a": " blank\nfirst", "b": "\n"}, 'a: " blank\\nfirst"\nb: "\\n"\n'),
        ({"a": {"b": 1, "c": [1, 2]}}, "a: {b: 1, c: [1, 2]}\n"),
        ({"a": {"b": {"c": 1}, "d": {"e": 2}}}, "a:\n  b: {c: 1}\n  d: {e: 2}\n"),
        ({"a": [{"b": 1}, {"c": [{"d": 1}]}]}, "a:\n  - {b: 1}\n  - c:\n      - {d: 1}\n"),
        ([["a", "b"], ["c"]], "- [a, b]\n- [c]\n"),
        ({"a": {"long": "x" * 60, "other": "y" * 60}}, f"a:\n  long: {'x' * 60}\n  other: {'y' * 60}\n"),
    ],
)
def test_the_canonical_form(value: Any, text: str) -> None:
    assert write(value) == text


def test_the_shipped_apps_can_be_written() -> None:
    for path in sorted(Path("examples").rglob("*.yaml")):
        value = read(path).value
        assert read_text(write(value), path.name).value == value


def test_what_has_no_form_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="float has no form"):
        write({"a": 0.5})
