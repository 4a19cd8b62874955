"""Columns: which heading of a sheet is which field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.names import nearest
from forms import access
from forms.form import Field, Form

if TYPE_CHECKING:
    from engine.work import Work


def match(work: Work, form: Form, header: Sequence[str]) -> tuple[list[Field | None], dict[int, str]]:
    """The field of each column, and words for the columns that cannot be taken.

    A heading is the id of a field, or its label in any language of the app. A column without a heading is left out.
    """
    known = {}
    for field in form.fields.values():
        if not field.type.stored or not access.readable(work.principal, field):
            continue
        for name in (field.label, work.catalog.label(field.label, "en"), field.id):
            known[name.casefold()] = field
    fields: list[Field | None] = []
    wrong: dict[int, str] = {}
    taken: dict[str, int] = {}
    for index, heading in enumerate(header):
        found = known.get(heading.casefold())
        fields.append(found)
        if not heading:
            continue
        if found is None:
            hint = nearest(heading, [one.label for one in known.values() if access.writable(work.principal, one)])
            wrong[index] = f"没有字段“{heading}”" + (f"，是“{hint}”吗" if hint else "")
        elif found.id in taken:
            wrong[index] = f"字段“{found.label}”出现了两次"
        elif not access.writable(work.principal, found):
            wrong[index] = f"字段“{found.label}”不可填写"
        if found is not None:
            taken[found.id] = index
    return fields, wrong


def letter(index: int) -> str:
    """The name of a column as a spreadsheet shows it: A, B, ... AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
