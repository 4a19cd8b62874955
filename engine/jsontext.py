"""Values as JSON text, in the one way in which history, audit, jobs and answers keep them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson


def dump(value: Any) -> str:
    """Return JSON text: Decimal as text that keeps its decimals, dates and instants as ISO, tuples as lists."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def load(text: str) -> Any:
    """Return the plain value; whoever knows the type of a field turns texts back into amounts and dates."""
    return orjson.loads(text)


def canonical(value: Any) -> bytes:
    """Return the one byte form of a value, with sorted keys; what hashes are taken of."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
