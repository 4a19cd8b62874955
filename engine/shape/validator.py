"""Validator: JSON Schema Draft 2020-12, quick where a word of the value picks one of many shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend


def _all_of(validator: Any, schemas: list[Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    """`allOf`, without a full check of each `if` that asks for another word, such as `type: money`, than is written."""
    for index, inner in enumerate(schemas):
        if not _is_idle(inner, instance):
            yield from validator.descend(instance, inner, schema_path=index)


def _properties(validator: Any, properties: Mapping[str, Any], instance: Any, schema: Any) -> Iterator[ValidationError]:
    """`properties`; the library forgets which key it is that must not stand there."""
    if not validator.is_type(instance, "object"):
        return
    for key, inner in properties.items():
        if key in instance and inner is False:
            yield ValidationError("", validator=None, path=(key,), instance=instance[key], schema=inner)  # type: ignore[arg-type]
        elif key in instance:
            yield from validator.descend(instance[key], inner, path=key, schema_path=key)


def _is_idle(schema: Any, instance: Any) -> bool:
    """Whether a schema is nothing but a condition that plainly does not hold."""
    if not isinstance(schema, Mapping) or schema.keys() != {"if", "then"} or not isinstance(instance, dict):
        return False
    condition = schema["if"]
    if any(key not in instance for key in condition.get("required", ())):
        return True
    return any(
        isinstance(wanted, Mapping)
        and isinstance(wanted.get("const"), str)
        and key in instance
        and instance[key] != wanted["const"]
        for key, wanted in condition.get("properties", {}).items()
    )


QuickValidator: Any = extend(Draft202012Validator, {"allOf": _all_of, "properties": _properties})  # type: ignore[no-untyped-call]
