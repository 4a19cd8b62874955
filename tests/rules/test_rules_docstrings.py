"""The example in the docstring of every trigger, action and widget has the shape that its options declare."""

from __future__ import annotations

import textwrap

import pytest

from engine import shape
from engine.errors import Problems
from engine.source import read_text
from reports.schema import load_widgets, widget_schema
from reports.widgets import widget_types
from rules.actions import action_types
from rules.schema import actions_schema, trigger_schema
from rules.triggers import trigger_types

trigger_schema()
load_widgets()


def example(cls: type) -> str:
    """What stands indented or after the first paragraph of a docstring, up to its end."""
    lines = textwrap.dedent(f"    {cls.__doc__}").split("\n\n", 1)[1]
    return textwrap.dedent(lines).strip() + "\n"


def check(text: str, schema: object, *path: str | int) -> None:
    document, problems = read_text(text, "docstring"), Problems()
    assert shape.check(document, schema, problems, path), problems.errors  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(trigger_types))
def test_a_trigger(name: str) -> None:
    text = example(trigger_types[name])
    assert name in text
    check(text, trigger_schema(), "trigger")


@pytest.mark.parametrize("name", sorted(action_types))
def test_an_action(name: str) -> None:
    text = example(action_types[name])
    assert text.startswith(f"- {name}:")
    check(text, actions_schema())


@pytest.mark.parametrize("name", sorted(widget_types))
def test_a_widget(name: str) -> None:
    text = example(widget_types[name])
    document = read_text(text, "docstring")
    (id,) = document.value
    assert document.value[id]["type"] == name
    check(text, widget_schema(name), id)
