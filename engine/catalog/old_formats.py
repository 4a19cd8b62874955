"""Old formats: what an app folder written for an earlier format means today; kept for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 1

# From a format to the next: a pure function from the values of all files, by file name, to those of the next format.
Converter = Callable[[Mapping[str, Any]], dict[str, Any]]
CONVERTERS: dict[int, Converter] = {}


def convert(values: Mapping[str, Any], written: int) -> dict[str, Any]:
    """The values of all files as they are written in today's format."""
    current = dict(values)
    for number in range(written, FORMAT):
        current = CONVERTERS[number](current)
    return current
