"""Reading requests: strict JSON, one value per parameter, ids and versions; anything else is refused with words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import orjson
from flask import request

from engine.errors import InputError, NotFound
from ui.api.problems import Refused

ORDINARY, BATCH = 1024 * 1024, 8 * 1024 * 1024  # bytes of a body
JSON = ("application/json",)
ID = re.compile(r"[1-9][0-9]{0,17}")
VERSION = re.compile(r'"([1-9][0-9]{0,17})"')


def body(most: int = ORDINARY, kinds: Collection[str] = JSON) -> dict[str, Any]:
    """The JSON object that was sent; numbers with a fraction are exact, NaN and duplicate keys are refused."""
    if request.mimetype not in kinds or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Refused(415, f"send {' or '.join(kinds)}")
    if "Content-Encoding" in request.headers:
        raise Refused(415, "send the body without Content-Encoding")
    if (request.content_length or 0) > most:
        raise Refused(413, f"at most {most} bytes")
    return parse(request.get_data(cache=True))


def parse(data: bytes) -> dict[str, Any]:
    """Read a JSON object strictly."""
    try:
        orjson.loads(data)  # knows what is not Unicode, not JSON, or nested without end
        found = _READER.decode(data.decode())
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Refused(400, f"this is not JSON that can be taken: {error}") from None
    if not isinstance(found, dict):
        raise Refused(400, "send a JSON object")
    if b"\\u0000" in data and _holds_nul(found):
        raise Refused(400, "texts cannot hold the character U+0000")
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _number(text: str) -> Decimal:
    if len(text) > 400:
        raise ValueError("a number is too long")
    return Decimal(text)


def _integer(text: str) -> int | Decimal:
    if len(text) > 400:
        raise ValueError("a number is too long")
    return int(text)


_READER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_number, parse_int=_integer)


def floats(value: Any) -> Any:
    """The value with its fractions as floats, for whoever keeps JSON as it came."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: floats(one) for name, one in value.items()}
    return [floats(one) for one in value] if isinstance(value, list) else value


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


def keys(given: dict[str, Any], **known: type | tuple[type, ...]) -> dict[str, Any]:
    """The members of a body whose shape is fixed; unknown ones and wrong types are refused. null stands for absent."""
    wrong: dict[str, str] = {name: "unknown member" for name in given if name not in known}
    for name, kind in known.items():
        value = given.get(name)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            wrong[name] = f"expected {_named(kind)}"
    if wrong:
        raise InputError(wrong)
    return {name: given.get(name) for name in known}


def _named(kind: type | tuple[type, ...]) -> str:
    names = {int: "an integer", str: "a text", dict: "an object", list: "a list", bool: "true or false"}
    return names[kind] if isinstance(kind, type) else " or ".join(names[one] for one in kind)


def query(*known: str) -> dict[str, str]:
    """The query parameters; refused when one is unknown or stands there twice."""
    return {name: value for name, value in every().items() if _is_known(name, known)}


def _is_known(name: str, known: Collection[str]) -> bool:
    if name not in known:
        raise Refused(400, f"unknown parameter {name!r}; known are {', '.join(known) or 'none'}")
    return True


def every() -> dict[str, str]:
    """All query parameters, each standing there once."""
    if not request.query_string:
        return {}
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Refused(400, f"the parameter {name!r} stands there more than once")
        if "\x00" in values[0] or "�" in values[0]:
            raise Refused(400, f"the parameter {name!r} is not a text that can be taken")
        found[name] = values[0]
    return found


def number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number among the query parameters."""
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise InputError({name: f"expected a whole number from {least} to {most}"})
    return int(text)


def names(given: dict[str, str], name: str) -> list[str] | None:
    """Names divided by commas among the query parameters."""
    text = given.get(name)
    return None if text is None else [one.strip() for one in text.split(",") if one.strip()]


def id_of(text: str, words: str) -> int:
    """The row id in an address; what is none is simply not there."""
    if not ID.fullmatch(text):
        raise NotFound(words)
    return int(text)


def version_read() -> int | None:
    """The version in If-Match, None for `*`; a write without it could overwrite what nobody has seen."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Refused(428, 'send If-Match with the ETag that you read, for example If-Match: "3"')
    if given.strip() == "*":
        return None
    found = VERSION.fullmatch(given.strip())
    if found is None:
        raise Refused(412, "If-Match holds no version of this record")
    return int(found[1])


def idempotency_key() -> str | None:
    """The Idempotency-Key of a POST, if it carries one."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    text = given.strip().strip('"')
    if not 0 < len(text) <= 200 or not text.isascii() or not text.isprintable():
        raise Refused(400, "an Idempotency-Key has 1 to 200 visible ASCII characters")
    return text
