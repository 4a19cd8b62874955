"""Shape: checks a document against a JSON Schema and tells what is wrong in our words, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from engine.errors import Problems, SchemaError
from engine.source import Document, Path

_validators: dict[int, tuple[Mapping[str, Any], Draft202012Validator]] = {}


def check(document: Document, schema: Mapping[str, Any], problems: Problems, path: Path = ()) -> bool:
    """Tell every mistake in the shape of the document, or of its part at `path`; True when there is none."""
    found = list(_validator(schema).iter_errors(document.get(*path)))
    for error in found:
        problems.add(SchemaError(error.message, document.mark(*path, *error.absolute_path)))
    return not found


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    known = _validators.get(id(schema))
    if known is None or known[0] is not schema:
        known = _validators[id(schema)] = (schema, Draft202012Validator(schema))
    return known[1]
