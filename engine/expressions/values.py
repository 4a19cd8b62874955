"""Arithmetic on Python values: exact, bounded, empty in and empty out, rounded half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from engine.errors import EvaluationError

MAX_SCALE = 8  # decimals that products and quotients keep
LIMIT = 10**24
EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
_STEPS = [Decimal(1).scaleb(-scale) for scale in range(30)]

Number = int | Decimal


def bounded(value: Any) -> Any:
    """The value, or EvaluationError when it is beyond what the product reckons with."""
    if -LIMIT < value < LIMIT:
        return value
    raise EvaluationError("a number grew beyond 24 digits")


def add(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    return bounded(left + right if type(left) is int and type(right) is int else EXACT.add(left, right))


def subtract(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    return bounded(left - right if type(left) is int and type(right) is int else EXACT.subtract(left, right))


def multiply(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    return bounded(left * right if type(left) is int and type(right) is int else EXACT.multiply(left, right))


def divide(left: Any, right: Any) -> Any:
    """The quotient at MAX_SCALE decimals; None when it is divided by zero."""
    if left is None or right is None or right == 0:
        return None
    return bounded(EXACT.divide(left, right).quantize(_STEPS[MAX_SCALE], context=EXACT))


def negative(value: Any) -> Any:
    return None if value is None else (-value if type(value) is int else EXACT.minus(value))


def to_scale(value: Any, scale: int) -> Any:
    """The number at this many decimals: an int for none, else a Decimal with exactly as many."""
    if value is None or (scale == 0 and type(value) is int):
        return value
    if type(value) is int:
        value = Decimal(value)
    rounded = value.quantize(_STEPS[scale], context=EXACT)
    return int(rounded) if scale == 0 else rounded or abs(rounded)


def to_units(value: Any, scale: int) -> int:
    """The number as an integer of 10**scale units, the physical form."""
    return int(EXACT.scaleb(to_scale(Decimal(value), scale), scale))


def from_units(units: Any, scale: int) -> Any:
    """The number that an integer of 10**scale units stands for."""
    return None if units is None else int(units) if scale == 0 else EXACT.scaleb(Decimal(int(units)), -scale)


def scale_of(value: Number) -> int:
    """The decimals a number is written with."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(-int(exponent), 0)


def negate(value: bool | None) -> bool | None:
    return None if value is None else not value
