"""What the address and the form carry: repeated or impossible values are told, never a crash."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from engine.errors import InputError, NotFound

MAX_ID = 2**63 - 1


def row_id(text: str) -> int:
    """A row id out of an address; NotFound for anything that cannot be one."""
    if text.isascii() and text.isdigit() and 0 < len(text) < 20 and 0 < int(text) <= MAX_ID:
        return int(text)
    raise NotFound("没有这条记录")


def once(name: str, default: str = "") -> str:
    """A query parameter that may be given once."""
    return _once(request.args, name, default)


def field(name: str, default: str = "") -> str:
    """A form field that may be given once."""
    return _once(request.form, name, default)


def _once(values: MultiDict[str, Any], name: str, default: str) -> str:
    given = values.getlist(name)
    if len(given) > 1:
        raise InputError({name: "只能给出一次"})
    return str(given[0]) if given else default


def version() -> int | None:
    """The version of the record that the form was made from."""
    text = field("version")
    if text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError({"": "页面已过期，请重新打开后再试"})
    return int(text)
