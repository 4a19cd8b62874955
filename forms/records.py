"""Records: saved, read, found and deleted here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import AccessDenied, NotFound
from forms import access, batch, query, rows, values, writing
from forms.env import RecordEnv
from forms.fields.file import FileField
from forms.form import Form
from forms.messages import say
from forms.paging import Page, find
from forms.record import Record

if TYPE_CHECKING:
    from engine.work import Work

__all__ = ["Page", "Record", "delete", "find", "form", "get", "parse", "restore", "save", "save_many"]


def form(work: Work, id: str) -> Form:
    """The form with this id; NotFound when there is none."""
    return query.form_of(work, id)


def parse(work: Work, form_id: str, submitted: Mapping[str, Any], locale: str | None = None) -> dict[str, Any]:
    """Turn the texts that a page sent into typed values. Raises InputError with words for every wrong field."""
    return values.parse(work, form(work, form_id), submitted, locale)


def get(work: Work, form_id: str, id: int) -> Record:
    """One record. Raises NotFound also when it may not be seen, so that nobody learns that it is there."""
    found = form(work, form_id)
    row = rows.load(work, found, [id]).get(id) if 0 < id < 2**63 else None
    if row is None or not query.sees(work, found, RecordEnv(work, found, row)):
        raise NotFound(say(work.principal.locale, "记录不存在"))
    return Record(work, found, row)


def save(
    work: Work,
    form_id: str,
    given: Mapping[str, Any],
    id: int | None = None,
    version: int | None = None,
    override: Mapping[str, str] | None = None,
) -> Record:
    """Create a record, or change one; `version` is the one the writer looked at.

    `given` holds typed values or what JSON made of them; fields left out keep theirs or take their default.
    `override` maps guards to the reasons for going past them. Raises InputError, GuardRefused, Conflict,
    AccessDenied and NotFound; nothing is written then.
    """
    found = form(work, form_id)
    if found.parent:
        raise NotFound(f"{form_id} 与主记录一起保存")
    if id is None:
        if not access.may(work.principal, found, "create"):
            raise AccessDenied(say(work.principal.locale, "没有新建{label}的权限", label=found.label))
        return writing.create(work, found, given, override or {})
    return writing.update(work, found, id, given, version, override or {})


def save_many(work: Work, form_id: str, given: Sequence[Mapping[str, Any]]) -> list[int]:
    """Create many records, all or none, and answer their ids.

    Raises InputError whose `more["rows"]` maps the number of each wrong row, from 0, to words by field.
    """
    found = form(work, form_id)
    if not access.may(work.principal, found, "create"):
        raise AccessDenied(say(work.principal.locale, "没有新建{label}的权限", label=found.label))
    alone = {field.id for field in found.fields.values() if field.lines or isinstance(field.type, FileField)}
    if any(not alone.isdisjoint(row) for row in given):
        return [writing.create(work, found, row, {}).id for row in given]
    return batch.create_many(work, found, given)


def delete(work: Work, form_id: str, id: int, version: int | None = None) -> None:
    """Take a record out of sight; its row and its history stay. Refused while others refer to it."""
    writing.delete(work, form(work, form_id), id, version)


def restore(work: Work, form_id: str, id: int) -> Record:
    """Bring a deleted record back; whoever may delete may also restore."""
    return writing.restore(work, form(work, form_id), id)
