"""Cells: what stands in a cell becomes a typed value; people and records are found by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from engine import people
from engine.texts import Hole
from forms import query
from forms.fields import BadValue
from forms.form import Field, Form
from forms.scope import find_form

if TYPE_CHECKING:
    from engine.work import Work

PIECE = 500
SHOWN = 15  # digits of a number that spreadsheets show; what is behind them is the rest of a calculation
Reader = Callable[[Any], Any]


def readers(work: Work, fields: Iterable[Field | None], columns: Mapping[str, list[Any]]) -> dict[str, Reader]:
    """A reader per field. `columns` holds all cells of each field, so that references are found in few queries."""
    made: dict[str, Reader] = {}
    for field in fields:
        if field is None:
            continue
        if field.type.name == "person":
            made[field.id] = _person(work)
        elif field.type.name == "reference":
            made[field.id] = _reference(work, field, columns.get(field.id, []))
        else:
            made[field.id] = _typed(field)
    return made


def _typed(field: Field) -> Reader:
    kind = field.type.name
    midnight = " 00:00" if kind == "datetime" else ""  # a workbook keeps a day at midnight as a day

    def read(cell: Any) -> Any:
        if kind == "date" and type(cell) is date:
            return field.type.accept(cell)
        if kind in ("money", "number") and type(cell) is float:
            return field.type.accept(shown(cell))
        return field.type.parse(
            text(cell) + midnight if isinstance(cell, date) and not isinstance(cell, datetime) else text(cell)
        )

    return read


def text(cell: Any) -> str:
    """A cell as a person would have typed it."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return format(shown(cell), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def shown(cell: float) -> Decimal:
    """A number as spreadsheets show it."""
    return Decimal(f"{cell:.{SHOWN}g}")


def _person(work: Work) -> Reader:
    found: dict[str, list[int]] = {}
    for person in people.everyone(work):
        if person.active:
            for name in {person.login, person.name}:
                found.setdefault(name, []).append(person.id)

    def read(cell: Any) -> int:
        name = text(cell)
        ids = found.get(name, [])
        if not ids:
            raise BadValue("没有叫“{name}”的在职人员", name=name[:40])
        if len(ids) > 1:
            raise BadValue("有 {count} 位“{name}”，请写账号", count=len(ids), name=name[:40])
        return ids[0]

    return read


def _reference(work: Work, field: Field, cells: list[Any]) -> Reader:
    target = find_form(work.catalog["form"], field.type.form)  # type: ignore[attr-defined]
    assert target is not None
    wanted = {text(cell) for cell in cells if cell not in (None, "")}
    found = identify(work, target, wanted)

    def read(cell: Any) -> int:
        name = text(cell)
        ids = found.get(name, set())
        if not ids:
            raise BadValue("没有找到{form}“{name}”", form=target.label, name=name[:40])
        if len(ids) > 1:
            raise BadValue("有 {count} 条{form}叫“{name}”", count=len(ids), form=target.label, name=name[:40])
        return next(iter(ids))

    return read


def identify(work: Work, form: Form, names: Iterable[str]) -> dict[str, set[int]]:
    """The visible records that carry these names in a unique field, or in the field that makes their title."""
    found: dict[str, set[int]] = {}
    listed = sorted(names)
    for field in naming(form):
        for at in range(0, len(listed), PIECE):
            asked = query.select(work, form)
            column: ColumnElement[Any] = asked.column(field.id)
            asked.where(column.in_(listed[at : at + PIECE]))
            rows: list[Any] = list(work.execute(asked.select(column, asked.id)))
            for name, id in rows:
                found.setdefault(name, set()).add(id)
    return found


def naming(form: Form) -> list[Field]:
    """The text fields that name a record: unique ones, and the one that the title consists of."""
    parts = form.title.parts if form.title else ()
    alone = parts[0].expression.text if len(parts) == 1 and isinstance(parts[0], Hole) else None
    return [field for field in form.stored if field.value_type.kind == "text" and (field.unique or field.id == alone)]
