"""Cells: how the value of a field is shown, in a row, in a fact, on a card."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import url_for

from engine.formats import MINUS, Reader, money_wan, show
from engine.work import Work
from forms.env import words
from forms.fields import BadValue
from forms.form import Field
from forms.records import Record
from ui.web.templating import label, locale

NUMERIC = frozenset({"money", "number", "integer", "percent"})
BADGES = frozenset({"choice", "boolean"})
TONES = {"neutral": "", "info": "info", "good": "ok", "warn": "warn", "bad": "bad"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One shown value; `kind` chooses how it is drawn, `tone` its colour, `empty` says that there is none."""

    label: str
    text: str
    kind: str = "text"
    tone: str = ""
    href: str = ""
    unit: str = ""
    wide: bool = False
    files: Sequence[tuple[str, str]] = ()
    field: str = ""

    @property
    def empty(self) -> bool:
        return self.text == "" and not self.files

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC


def cell(work: Work, record: Record, field: Field) -> Cell:
    """The value of one field of a record; hidden fields are asked for nowhere."""
    return cell_of(work, field, record[field.id])


def cell_of(work: Work, field: Field, value: Any) -> Cell:
    """A typed value as a cell."""
    name, kind = label(field.label), field.type.name
    wide = kind in ("long_text", "rich_text", "lines", "file", "image", "signature", "json")
    if value is None or value == () or value == "":
        return Cell(name, "", kind if kind in NUMERIC else "text", wide=wide, field=field.id)
    text = say(work, field, value)
    unit = label(str(field.given["unit"])) if field.given.get("unit") else ""
    if kind == "choice":
        return Cell(name, text, "badge", _tone(field, value), field=field.id)
    if kind == "boolean":
        return Cell(name, text, "badge", "ok" if value else "line", field=field.id)
    if kind == "reference":
        target = url_for("records.show", form=field.type.form, id=value)  # type: ignore[attr-defined]
        return Cell(name, text, "link", href=target, field=field.id)
    if kind in ("file", "image", "signature"):
        files = [(url_for("files.get", id=one.id), one.name) for one in value]
        return Cell(name, "", "files", wide=True, files=files, field=field.id)
    if kind in NUMERIC and field.given.get("bands"):
        return Cell(name, text, "badge", f"a{band(bands(work, field), value)}", unit=unit, field=field.id)
    if kind == "person":
        return Cell(name, text, "person", field=field.id)
    return Cell(name, text, kind if kind in NUMERIC else "text", unit=unit, wide=wide, field=field.id)


def say(work: Work, field: Field, value: Any) -> str:
    """A typed value of a field in the reader's words; a minus is as wide as a digit."""
    said = words(work, field, value, locale()) or field.type.format(value, locale())
    return said.replace("-", MINUS, 1) if field.type.name in NUMERIC else said


def say_kept(work: Work, field: Field, value: Any) -> str:
    """A value out of history, which keeps it as JSON; what the field no longer reads is shown as it is."""
    if value is None:
        return "—"
    if field.type.name in ("lines", "rich_text"):
        return "…"
    try:
        kept = Decimal(value) if isinstance(value, str) and field.value_type.numeric else value
        return say(work, field, field.type.accept(kept)) or "—"
    except (BadValue, ArithmeticError, TypeError, ValueError):
        return str(value)[:80]


def bands(work: Work, field: Field) -> Sequence[int]:
    """The edges of a field's bands, which may be a setting."""
    given = field.given["bands"]
    found: Sequence[int] = work.settings[given.removeprefix("settings.")] if isinstance(given, str) else given
    return found


def band(edges: Sequence[int], value: Any) -> int:
    """Which band of the ramp a number falls in: 0 up to the first edge, then one more for each edge passed."""
    return min(bisect_left(edges, value), 4)


def figure(work: Work, amount: Any, kind: str) -> tuple[str, str]:
    """A number in large type, and its unit in small type: 300.00 and 万, 86.6 and %."""
    reader = reader_of(work)
    if amount is None:
        return "—", ""
    if kind == "money":
        number, _, unit = money_wan(Decimal(amount), reader).partition(" ")
        return number, unit
    if kind == "percent":
        return show(amount, "percent", reader).removesuffix("%"), "%"
    return show(amount, "int" if kind == "integer" else "number", reader), ""


def reader_of(work: Work) -> Reader:
    return Reader(locale(), work.catalog.timezone)


def moment(work: Work, at: datetime) -> str:
    return show(at, "datetime", reader_of(work))


def _tone(field: Field, value: str) -> str:
    option = field.type.choices.get(value)  # type: ignore[attr-defined]
    return TONES.get(option.tone, "") if option and option.tone else "line"
