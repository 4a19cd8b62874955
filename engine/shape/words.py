"""Words: what a value must be, said so that the author of the file knows what to write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine import names
from engine.shape.wrong import Wrong

Said = tuple[str, str | None]  # message and hint

TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}
PATTERNS = {
    "^[a-z][a-z0-9_]*$": "small letters, digits and _, a letter first",
    "^[a-z0-9_]+$": "small letters, digits and _",
    "^[A-Z]{3}$": "three capital letters, such as CNY",
    r"^\d+\.\d+\.\d+$": "three numbers, such as 1.0.0",
    r"^\d{4}-\d{2}-\d{2}$": "a date, such as 2026-03-01",
    r"^\d\d:\d\d$": "a time, such as 08:30",
}
NO_SPACE = re.compile(r"\w+:\S")
# Words that other dialects of YAML, expressions and people take for true and false.
BOOLEANS = dict.fromkeys(["yes", "on", "True", "TRUE", "y", "是"], "true") | dict.fromkeys(
    ["no", "off", "False", "FALSE", "n", "否"], "false"
)


def say(wrong: Wrong) -> Said:
    """Message and hint for a value that is wrong in itself."""
    words = _SAY.get(wrong.keyword)
    return words(wrong) if words else ("this cannot stand here", about(wrong.schema))


def kind(value: Any) -> str:
    """What a value is, in a word."""
    if value is None or isinstance(value, bool):
        return "empty" if value is None else _written(value)
    if isinstance(value, dict):
        return "a map"
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def type_said(value: Any, types: list[str]) -> str:
    """The sentence for a value of the wrong type."""
    said = list(dict.fromkeys(TYPES[one] for one in types if not (one == "integer" and "number" in types)))
    wanted = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " or " + said[-1]
    return f"this must be {wanted}, not {kind(value)}"


def type_hint(value: Any, types: list[str]) -> str | None:
    """What to write instead of a value of the wrong type."""
    if "boolean" in types and isinstance(value, str) and value in BOOLEANS:
        return f"write {BOOLEANS[value]}"
    if types == ["string"] and isinstance(value, int | Decimal):
        return f"put it in quotes: '{_written(value)}'"
    if types == ["array"] and isinstance(value, str):
        return f"write [{value}]"
    if types == ["object"] and isinstance(value, str) and NO_SPACE.match(value):
        return "a space is missing after ':'; write 'key: value'"
    if value is None:
        return "write the value after the colon, or remove the key"
    return None


def about(schema: Any) -> str | None:
    """What a schema says of itself."""
    return schema.get("description") if isinstance(schema, Mapping) else None


def about_key(schema: Mapping[str, Any], key: str) -> str | None:
    """What a key is for."""
    said = about(schema.get("properties", {}).get(key))
    return f"{key}: {said}" if said else None


def keys_of(schema: Any) -> list[str]:
    """The keys that a schema knows, its branches' included, in order."""
    if not isinstance(schema, Mapping):
        return []
    found = [key for key, inner in schema.get("properties", {}).items() if inner is not False]
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(keyword, ()):
            found.extend(keys_of(inner))
    for keyword in ("then", "else"):
        found.extend(keys_of(schema.get(keyword)))
    return list(dict.fromkeys(found))


def pattern_hint(wrong: Wrong) -> str | None:
    """What a text must look like."""
    pattern = str(wrong.schema.get("pattern", ""))
    return PATTERNS.get(pattern) or about(wrong.schema) or (f"it must match {pattern}" if pattern else None)


def one_of(value: Any, known: Iterable[Any]) -> Said:
    """Message and hint for a value that is not in a list."""
    written = [_written(one) for one in known]
    if isinstance(value, dict | list):
        return f"this must be one of {names.listed(written)}, not {kind(value)}", None
    meant = names.nearest(_written(value), written)
    hint = (f"did you mean '{meant}'? " if meant else "") + f"known are {names.listed(written)}"
    return f"'{_written(value)}' cannot stand here", hint


def _written(value: Any) -> str:
    """A scalar as it is written."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(wrong: Wrong) -> Said:
    types = [wrong.expected] if isinstance(wrong.expected, str) else list(wrong.expected)
    if wrong.value is None and not wrong.at and "object" in types:
        known = keys_of(wrong.schema)
        return "there is nothing in this file", f"keys here: {names.listed(known)}" if known else None
    return type_said(wrong.value, types), type_hint(wrong.value, types) or about(wrong.schema)


def _enum(wrong: Wrong) -> Said:
    return one_of(wrong.value, wrong.expected)


def _const(wrong: Wrong) -> Said:
    return f"this must be '{_written(wrong.expected)}'", about(wrong.schema)


def _bound(phrase: str) -> Callable[[Wrong], Said]:
    return lambda wrong: (phrase.format(_written(wrong.expected)), about(wrong.schema))


def _least(phrase: str, empty: str) -> Callable[[Wrong], Said]:
    """The phrase for too few; another one for none where one is enough."""
    return lambda wrong: (
        empty if wrong.expected == 1 else phrase.format(wrong.expected),
        about(wrong.schema),
    )


def _pattern(wrong: Wrong) -> Said:
    return f"'{wrong.value}' does not have the right form", pattern_hint(wrong)


def _twice(wrong: Wrong) -> Said:
    again = next(item for number, item in enumerate(wrong.value) if item in wrong.value[:number])
    what = "an item" if isinstance(again, dict | list) else f"'{_written(again)}'"
    return f"{what} stands in this list twice", "remove one"


def _needs(wrong: Wrong) -> Said:
    key, lacking = next(
        (key, one)
        for key, needed in wrong.expected.items()
        for one in needed
        if key in wrong.value and one not in wrong.value
    )
    return f"'{key}' also needs '{lacking}'", about_key(wrong.schema, lacking)


_SAY: dict[str, Callable[[Wrong], Said]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _bound("this must be at least {}"),
    "maximum": _bound("this must be at most {}"),
    "exclusiveMinimum": _bound("this must be more than {}"),
    "exclusiveMaximum": _bound("this must be less than {}"),
    "multipleOf": _bound("this must be a multiple of {}"),
    "minLength": _least("this must have at least {} characters", "this must not be empty"),
    "maxLength": _bound("this must have at most {} characters"),
    "minItems": _least("this must have at least {} items", "this list must not be empty"),
    "maxItems": _bound("this must have at most {} items"),
    "minProperties": _least("this must have at least {} keys", "this map must not be empty"),
    "maxProperties": _bound("this must have at most {} keys"),
    "pattern": _pattern,
    "uniqueItems": _twice,
    "dependentRequired": _needs,
}
