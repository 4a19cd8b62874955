"""Search: one column of folded text per record, in which people find Chinese words, numbers and pinyin."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, func, or_

from engine.principal import Principal
from forms import access
from forms.form import Form
from forms.sqlenv import FormSql
from forms.storage import SEARCH

BETWEEN = "\n"  # no typed word holds it, so no match runs over the edge of a field


def text(form: Form, values: Mapping[str, Any]) -> str:
    """What a record is found by: its search fields, folded, and the pinyin of Chinese ones, full and by initials."""
    parts: list[str] = []
    for field in form.stored:
        value = values.get(field.id)
        if field.search and value is not None:
            parts += pinyin(fold(field.type.search_text(value)))
    return BETWEEN + BETWEEN.join(parts) + BETWEEN if parts else ""


def fold(words: str) -> str:
    """One case, one width."""
    return unicodedata.normalize("NFKC", words).casefold()


def pinyin(words: str) -> list[str]:
    """The words, and for Chinese ones how they sound and with which letters their syllables begin."""
    if words.isascii():
        return [words]
    from pypinyin import Style, lazy_pinyin  # slow to import, and only needed when a record is written

    sounds = lazy_pinyin(words[:200], style=Style.NORMAL, errors="default")
    return [words, "".join(sounds), "".join(sound[:1] for sound in sounds)]


def conditions(form: Form, principal: Principal, env: FormSql, words: str) -> list[ColumnElement[bool]]:
    """The conditions that every word stands in the search text.

    It holds all search fields; a reader to whom one is hidden searches the others one by one, without pinyin.
    """
    wanted = [f"%{_escape(word)}%" for word in fold(words[:200]).split()[:8]]
    fields = [field for field in form.stored if field.search]
    seen = [field for field in fields if access.readable(principal, field)]
    if wanted and not seen:
        return [false()]
    if len(seen) == len(fields):
        columns: list[ColumnElement[Any]] = [env.alias.c[SEARCH]]
    else:
        columns = [func.lower(cast(env.column((field.id,)), Text)) for field in seen]
    return [or_(*(column.like(word, escape="\\") for column in columns)) for word in wanted]


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
