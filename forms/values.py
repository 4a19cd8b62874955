"""Values: what a person or a program sent, checked field by field; every mistake gets words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import people
from engine.errors import InputError, NotFound
from engine.names import nearest
from forms import access, blobs, query
from forms.fields import BadValue
from forms.form import Field, Form
from forms.messages import say

if TYPE_CHECKING:
    from engine.work import Work

Mistakes = dict[str, list[str]]


def empty(value: Any) -> bool:
    """Whether nothing was given; rows and lists count as given."""
    return value is None or value == ""


def parse(work: Work, form: Form, submitted: Mapping[str, Any], locale: str | None = None) -> dict[str, Any]:
    """Turn what a page sent, text by text, into typed values. Raises InputError with all mistakes."""
    locale = locale or work.principal.locale
    mistakes: Mistakes = {}
    values: dict[str, Any] = {}
    for name, given in submitted.items():
        field = form.fields.get(name)
        if field is None:
            mistakes[name] = [no_field(work, form, name, locale)]
            continue
        try:
            if empty(given):
                values[name] = None
            elif field.lines:
                values[name] = [_row(work, field.lines, row, number, locale) for number, row in enumerate(given, 1)]
            else:
                values[name] = field.type.parse(given) if isinstance(given, str) else field.type.accept(given)
        except BadValue as bad:
            mistakes[name] = [bad.words(locale)]
        except InputError as inner:
            mistakes[name] = [words for told in inner.fields.values() for words in told]
    if mistakes:
        raise InputError(mistakes)
    return values


def _row(work: Work, form: Form, row: Mapping[str, Any], number: int, locale: str) -> dict[str, Any]:
    kept = {"id": int(row["id"])} if str(row.get("id") or "").isdigit() else {}
    try:
        return kept | parse(work, form, {key: value for key, value in row.items() if key != "id"}, locale)
    except InputError as error:
        raise InputError(numbered(form, error.fields, number, locale)) from None


def numbered(form: Form, mistakes: Mapping[str, list[str]], number: int, locale: str) -> Mistakes:
    """The mistakes of a row in a table, each with the row's number and the field's name in front."""
    told: Mistakes = {}
    for name, words in mistakes.items():
        label = form.fields[name].label if name in form.fields else name
        told[name] = [say(locale, "第 {row} 行: {words}", row=number, words=f"{label} {one}".strip()) for one in words]
    return told


def no_field(work: Work, form: Form, name: str, locale: str) -> str:
    """What to say about a name that is no field, or none that this actor may know of."""
    meant = nearest(name, [id for id, field in form.fields.items() if access.readable(work.principal, field)])
    return say(locale, "没有这个字段") + (f" ({meant}?)" if meant else "")


def accept(work: Work, form: Form, given: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The typed values of the fields that this actor may write; everything else is a mistake."""
    open_to, locale = _open(work, form), work.principal.locale
    values: dict[str, Any] = {}
    for name, value in given.items():
        field = open_to.get(name)
        if field is None:
            known = name in form.fields and access.readable(work.principal, form.fields[name])
            mistakes[name] = [say(locale, "不可填写") if known else no_field(work, form, name, locale)]
            continue
        try:
            values[name] = None if empty(value) else field.type.accept(value)
        except BadValue as bad:
            mistakes[name] = [bad.words(locale)]
    return values


def _open(work: Work, form: Form) -> Mapping[str, Field]:
    """The fields that this actor may write, worked out once for all with the same roles."""
    key = ("open", work.principal.system, work.principal.roles)
    found = form.compiled.get(key)
    if found is None:
        found = {id: field for id, field in form.fields.items() if access.writable(work.principal, field)}
        form.compiled[key] = found
    return found  # type: ignore[return-value]


def resolve(
    work: Work, form: Form, values: dict[str, Any], names: Mapping[str, Any], mistakes: Mistakes, record_id: int | None
) -> None:
    """Check that what the named fields refer to exists, may be seen and may be used; files become attachments."""
    for name in names:
        field, value = form.fields.get(name), values.get(name)
        if field is None or value is None or name in mistakes:
            continue
        try:
            kind = field.type.name
            if kind in ("reference", "person", "department"):
                exists(work, field, value)
            elif kind in ("file", "image", "signature"):
                values[name] = blobs.claim(work, form, field, record_id, value)
        except BadValue as bad:
            mistakes[name] = [bad.words(work.principal.locale)]


def exists(work: Work, field: Field, value: Any) -> None:
    """Raise BadValue when the record, person or department named does not exist for this actor."""
    kind = field.type.name
    if kind == "reference":
        _reference(work, field, value)
    elif kind == "person":
        _person(work, field, value)
    else:
        _department(work, value)


def _reference(work: Work, field: Field, id: int) -> None:
    target = query.form_of(work, field.type.form)  # type: ignore[attr-defined]
    found = query.seen(work, target, id)
    if found is None:
        raise BadValue("记录不存在或不可见")
    if field.offered is not None and not work.principal.system and not field.offered.holds(found):
        raise BadValue("这条记录不在可选范围内")


def _person(work: Work, field: Field, id: int) -> None:
    try:
        person = people.get(work, id)
    except NotFound:
        raise BadValue("人员不存在或已停用") from None
    role: str | None = field.type.role  # type: ignore[attr-defined]
    if not person.active or (role and role not in person.roles):
        raise BadValue("人员不存在或已停用")


def _department(work: Work, id: str) -> None:
    try:
        people.department(work, id)
    except NotFound:
        raise BadValue("部门不存在") from None
