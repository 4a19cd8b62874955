"""Wrong: one error of the schema validator, with what the words need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError

from engine.source import Path


@dataclass(frozen=True, slots=True)
class Wrong:
    """`value` breaks `keyword`, which wants `expected`; `at` is its path in what is checked, `below` in its branch.

    `of_key` says that the value is the name of a key in the map at `at`. `branches` holds the errors of every
    branch of `anyOf` and `oneOf`.
    """

    keyword: str
    expected: Any
    value: Any
    schema: Mapping[str, Any]
    at: Path
    below: Path
    of_key: bool
    branches: Mapping[int, tuple[Wrong, ...]]

    @classmethod
    def of(cls, error: ValidationError) -> Wrong:
        branches: dict[int, list[Wrong]] = {}
        for inner in error.context or ():
            branches.setdefault(int(inner.schema_path[0]), []).append(cls.of(inner))
        return cls(
            keyword=str(error.validator) if isinstance(error.validator, str) else "",
            expected=error.validator_value,
            value=error.instance,
            schema=error.schema if isinstance(error.schema, Mapping) else {},
            at=tuple(error.absolute_path),
            below=tuple(error.path),
            of_key="propertyNames" in error.absolute_schema_path,
            branches={number: tuple(errors) for number, errors in branches.items()},
        )

    @property
    def missing(self) -> list[str]:
        """The keys that `required` misses."""
        return [key for key in self.expected if key not in self.value]
