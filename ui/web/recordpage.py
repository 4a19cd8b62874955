"""What the page of a record shows: figures, sections of facts, lists of what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from engine.work import Work
from forms import access, records
from forms.form import Field, Form
from forms.records import Record
from ui.web import listing
from ui.web.cells import Cell, band, bands, cell, cell_of, figure, say
from ui.web.listing import Asked, Column, Row
from ui.web.templating import label, t

PREVIEW = 5
NARROW = 6  # columns beside the story


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in large type at the top."""

    label: str
    number: str
    unit: str
    tone: str
    sub: str


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Related:
    """The records of another form that refer to this one."""

    field: str
    label: str
    form: Form
    count: int
    exact: bool
    columns: Sequence[Column]
    rows: Sequence[Row]
    href: str
    new: str


def figures(work: Work, record: Record) -> list[Figure]:
    """The fields that the form declares as its header."""
    found = []
    for name in record.form.header:
        field = record.form.fields[name]
        if not access.readable(work.principal, field):
            continue
        value = record[name]
        number, unit = (
            figure(work, value, field.type.name) if field.value_type.numeric else (record.text(name) or "—", "")
        )
        unit = unit or (label(str(field.given["unit"])) if field.given.get("unit") and value is not None else "")
        late = field.given.get("bands") and value is not None and band(bands(work, field), value) > 0
        short = field.value_type.numeric and value is not None and value < 0
        tone = "bad" if late or short else ""
        found.append(
            Figure(label(field.label), number, unit, tone, say(work, field, value) if unit in ("万", "亿") else "")
        )
    return found


def marks(work: Work, record: Record) -> list[Cell]:
    """The badges beside the title: the choices that the list shows, too."""
    fields = [one for one in _plain(work, record.form, record.form.list.columns) if one.id not in record.form.header]
    found = [cell(work, record, one) for one in fields]
    return [one for one in found if one.kind == "badge" and not one.empty][:3]


def sections(work: Work, record: Record) -> list[Section]:
    """The layout of the form as facts; what no section names comes last. Related lists have tabs of their own."""
    form, seen, found = record.form, set(), []
    for title, rows in form.layout.items():
        names = [name for row in rows for name in row]
        seen.update(names)
        cells = _cells(work, record, names)
        if cells:
            found.append(Section(label(title), cells))
    rest = _cells(work, record, [name for name in form.fields if name not in seen]) if not form.layout else []
    if rest:
        found.append(Section(t("基础信息"), rest))
    return found


def _cells(work: Work, record: Record, names: Sequence[str]) -> list[Cell]:
    return [cell(work, record, field) for field in _plain(work, record.form, names)]


def _plain(work: Work, form: Form, names: Sequence[str]) -> list[Field]:
    fields = [form.fields[name] for name in names if name in form.fields]
    return [one for one in fields if one.type.name not in ("related", "lines") and access.readable(work.principal, one)]


def tables(work: Work, record: Record) -> list[tuple[Field, list[list[Cell]], list[str]]]:
    """The tables inside the record: their field, rows of cells, and headings."""
    found = []
    for field in record.form.lines:
        if access.readable(work.principal, field) and field.lines is not None:
            shown = [one for one in field.lines.fields.values() if access.readable(work.principal, one)]
            rows = [[cell_of(work, one, line.get(one.id)) for one in shown] for line in record[field.id]]
            found.append((field, rows, [label(one.label) for one in shown]))
    return found


def related(work: Work, record: Record, *, limit: int = PREVIEW, only: str = "") -> list[Related]:
    """The lists of what refers to this record, as far as this reader may open those forms."""
    found = []
    for field in record.form.fields.values():
        if field.type.name != "related" or (only and field.id != only) or not access.readable(work.principal, field):
            continue
        form: Form = work.catalog["form"][field.type.form]  # type: ignore[attr-defined]
        if not access.may(work.principal, form, "read"):
            continue
        via: str = field.type.via  # type: ignore[attr-defined]
        cols = tuple(one.id for one in listing.shown_fields(work, form, Asked(form.id)) if one.id != via)
        cols = cols if limit > PREVIEW else cols[:NARROW]
        what = Asked(form.id, cols=cols, given={f"f.{via}": [str(record.id)]})
        page = records.find(
            work, form.id, where=f"{via}.id == {record.id}", fields=cols, limit=limit, sums=_totals(form, cols)
        )
        shown = listing.shown_fields(work, form, what)
        found.append(
            Related(
                field.id,
                label(field.label),
                form,
                page.total or 0,
                page.total_is_exact,
                listing.columns(work, form, what, page.sums),
                listing.rows(work, form, page, shown),
                what.url(),
                _new(work, form, via, record.id),
            )
        )
    return found


def _totals(form: Form, cols: Sequence[str]) -> list[str]:
    return [name for name in form.list.totals if name in cols]


def _new(work: Work, form: Form, via: str, id: int) -> str:
    """The page that makes another one of them, for those who may."""
    given: dict[str, Any] = {via: id}
    return url_for("edit.new", form=form.id, **given) if access.may(work.principal, form, "create") else ""
