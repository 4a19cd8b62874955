"""Shapes: every mistake in our words, at its place, and of several shapes the one that was meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine import shape
from engine.errors import Problems
from engine.source import read_text

STEP = {
    "oneOf": [
        {
            "type": "object",
            "required": ["approve", "who"],
            "additionalProperties": False,
            "properties": {"approve": {"type": "string"}, "who": {"type": "string"}, "label": {"type": "string"}},
        },
        {
            "type": "object",
            "required": ["choose", "cases"],
            "additionalProperties": False,
            "properties": {"choose": {"type": "string"}, "cases": {"type": "array"}},
        },
    ]
}
KINDS = {
    "oneOf": [
        {
            "required": ["type", "form"],
            "properties": {"type": {"const": "reference"}, "form": {"type": "string"}},
            "additionalProperties": False,
        },
        {
            "required": ["type"],
            "properties": {"type": {"enum": ["money", "number"]}, "min": {"type": "number"}},
            "additionalProperties": False,
        },
    ]
}
WHO = {"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
EITHER = {"type": "object", "anyOf": [{"required": ["at"]}, {"required": ["after"]}], "description": "When it is due."}
CHOSEN = {
    "properties": {"type": {"enum": ["text", "money"]}},
    "allOf": [
        {
            "if": {"properties": {"type": {"const": "money"}}, "required": ["type"]},
            "then": {"properties": {"type": True, "min": {"type": "number"}}, "additionalProperties": False},
        },
        {
            "if": {"properties": {"type": {"const": "text"}}, "required": ["type"]},
            "then": {"properties": {"type": True, "max": {"type": "integer"}}, "additionalProperties": False},
        },
    ],
}


def told(schema: Any, text: str) -> list[str]:
    problems = Problems()
    right = shape.check(read_text(text, "f"), schema, problems)
    assert right == (not problems.errors)
    return [f"{error.mark.line}:{error.mark.column} {error.message} | {error.hint}" for error in problems.errors]


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        (STEP, "{approve: a, who: x}", []),
        (STEP, "{approve: a}", ["1:1 the key 'who' is missing | None"]),
        (STEP, "{approve: a, who: x, lable: y}", [
            "1:22 there is no key 'lable' here | did you mean 'label'? keys here: approve, who, label"]),
        (STEP, "{choose: a, cases: {}}", ["1:20 this must be a list, not a map | None"]),
        (STEP, "- x", ["1:1 this must be a map, not a list | None"]),
        (KINDS, "{type: refrence, form: x}", [
            "1:8 'refrence' cannot stand here | did you mean 'reference'? known are reference, money, number"]),
        (KINDS, "{type: money, min: low}", ["1:20 this must be a number, not a text | None"]),
        (KINDS, "{type: reference, min: 1}", [
            "1:1 the key 'form' is missing | None",
            "1:19 there is no key 'min' here | keys here: type, form"]),
        (WHO, "al", ["1:1 'al' cannot stand here | did you mean 'all'? known are all"]),
        (WHO, "[]", ["1:1 this list must not be empty | None"]),
        (WHO, "[1]", ["1:2 this must be a text, not a number | put it in quotes: '1'"]),
        (EITHER, "{x: 1}", ["1:1 the key 'at' or 'after' is missing | When it is due."]),
        (CHOSEN, "{type: money, max: 1}", ["1:15 there is no key 'max' here | keys here: type, min"]),
        (CHOSEN, "{type: txt, max: 1}", [
            "1:8 'txt' cannot stand here | did you mean 'text'? known are text, money"]),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "[1]", [
            "1:1 this must be a text or a whole number, not a list | None"]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 5}]}, "3", [
            "1:1 this fits more than one of the shapes that may stand here | say which by its keys"]),
    ],
)  # fmt: skip
def test_the_shape_that_was_meant_is_told(schema: Any, text: str, said: list[str]) -> None:
    assert told(schema, text) == said


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        ({"type": "boolean"}, "yes", "this must be true or false, not a text | write true"),
        ({"type": "boolean"}, "否", "this must be true or false, not a text | write false"),
        ({"type": "string"}, "false", "this must be a text, not false | put it in quotes: 'false'"),
        ({"type": "array"}, "one", "this must be a list, not a text | write [one]"),
        ({"type": "integer"}, "1.5", "this must be a whole number, not a number | None"),
        ({"type": "object"}, "a:1",
         "this must be a map, not a text | a space is missing after ':'; write 'key: value'"),
        ({"minimum": 1}, "0.5", "this must be at least 1 | None"),
        ({"maximum": 1}, "1.01", "this must be at most 1 | None"),
        ({"exclusiveMinimum": 0}, "0", "this must be more than 0 | None"),
        ({"exclusiveMaximum": 0}, "0", "this must be less than 0 | None"),
        ({"multipleOf": 5}, "7", "this must be a multiple of 5 | None"),
        ({"minLength": 2}, "a", "this must have at least 2 characters | None"),
        ({"maxLength": 2}, "abc", "this must have at most 2 characters | None"),
        ({"minItems": 2}, "[1]", "this must have at least 2 items | None"),
        ({"maxItems": 1}, "[1, 2]", "this must have at most 1 items | None"),
        ({"minProperties": 1}, "{}", "this map must not be empty | None"),
        ({"maxProperties": 1}, "{a: 1, b: 2}", "this must have at most 1 keys | None"),
        ({"pattern": "^[A-Z]{3}$"}, "cny", "'cny' does not have the right form | three capital letters, such as CNY"),
        ({"pattern": "^x"}, "y", "'y' does not have the right form | it must match ^x"),
        ({"uniqueItems": True}, "[[1], [1]]", "an item stands in this list twice | remove one"),
        ({"const": True}, "false", "this must be 'true' | None"),
        ({"enum": ["a"]}, "{}", "this must be one of a, not a map | None"),
        ({"not": {"type": "integer"}}, "1", "this cannot stand here | None"),
        ({"dependentRequired": {"a": ["b"]}}, "{a: 1}", "'a' also needs 'b' | None"),
        ({"properties": {"a": False}}, "{a: 1}", "the key 'a' cannot stand here | remove it"),
        ({"propertyNames": {"enum": ["left"]}}, "{lft: 1}",
         "there is no key 'lft' here | did you mean 'left'? keys here: left"),
        ({"properties": {"a": {}}, "unevaluatedProperties": False}, "{b: 1}",
         "there is no key 'b' here | keys here: a"),
    ],
)  # fmt: skip
def test_each_mistake_has_words(schema: Any, text: str, said: str) -> None:
    (line,) = told(schema, text)
    assert line.partition(" ")[2] == said


def test_a_part_of_a_document_is_checked_alone() -> None:
    document = read_text("fields:\n  a: {min: x}\n", "f")
    problems = Problems()
    assert not shape.check(document, {"properties": {"min": {"type": "number"}}}, problems, ("fields", "a"))
    assert str(problems.errors[0].mark) == "f:2:12"
    assert shape.check(document, {"required": ["min"]}, Problems(), ("fields", "a"))


def test_no_schema_is_ever_shown() -> None:
    for line in told(STEP, "{approve: [1], choose: 2}") + told(KINDS, "{min: {}}") + told(CHOSEN, "{type: [1]}"):
        assert "{" not in line
        assert "oneOf" not in line


WORDS = st.sampled_from(["money", "text", "other", "low"]) | st.integers(0, 3) | st.none()


@given(st.dictionaries(st.sampled_from(["type", "min", "max"]), WORDS) | WORDS | st.lists(WORDS, max_size=2))
def test_the_quick_check_decides_as_the_full_one(value: Any) -> None:
    full = Draft202012Validator(CHOSEN).is_valid(value)
    document = read_text("a: 1\n", "f")
    object.__setattr__(document, "value", value)
    assert shape.check(document, CHOSEN, Problems()) == full
