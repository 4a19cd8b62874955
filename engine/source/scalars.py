"""Scalars: which unquoted words are numbers, booleans and nothing; all others stay text."""

from __future__ import annotations

import re
from decimal import Decimal

Scalar = str | int | Decimal | bool | None

WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
MAX_DIGITS = 40
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?")


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar: YAML 1.2 core without floats, so `0012`, `12:30`, `no` and `1e3` are text.

    A number of more than MAX_DIGITS characters is text, too; it is a code, not a quantity.
    """
    if text in WORDS:
        return WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None or len(text) > MAX_DIGITS:
        return text
    return Decimal(text) if number.group(1) else int(text)
