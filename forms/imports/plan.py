"""Plan: what importing a sheet would do, cell by cell, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forms import query
from forms.fields import BadValue
from forms.form import Field, Form
from forms.imports import cells, columns
from forms.imports.sheets import Sheet

if TYPE_CHECKING:
    from engine.work import Work

MOST_TOLD = 1_000


@dataclass(frozen=True)
class Mistake:
    """One cell that cannot be taken: where it stands, what it says, and why."""

    sheet: str
    row: int
    column: str
    label: str
    value: str
    words: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.column}{self.row} {self.label} “{self.value}”: {self.words}"


@dataclass(frozen=True)
class Row:
    """One row as it will be saved; `id` is the record it changes, None for a new one."""

    number: int
    values: dict[str, Any]
    id: int | None


@dataclass
class Plan:
    """The whole import: its good rows and all mistakes found (at most a thousand are told)."""

    form: Form
    sheet: Sheet
    fields: list[Field | None]
    rows: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    wrong_rows: set[int] = field(default_factory=set)

    @property
    def new(self) -> int:
        return sum(1 for row in self.rows if row.id is None)

    @property
    def changed(self) -> int:
        return len(self.rows) - self.new

    def refuse(self, row: int, index: int, words: str, value: Any = "") -> None:
        """Tell a mistake of one cell; `index` below zero speaks about the whole row."""
        self.wrong_rows.add(row)
        if len(self.mistakes) < MOST_TOLD:
            place = columns.letter(index) if index >= 0 else ""
            label = self.sheet.header[index] if 0 <= index < len(self.sheet.header) else ""
            self.mistakes.append(Mistake(self.sheet.name, row, place, label, cells.text(value)[:60], words))

    def index(self, field_id: str) -> int:
        """The column of a field, -1 when the sheet has none."""
        return next((at for at, found in enumerate(self.fields) if found and found.id == field_id), -1)


def plan(work: Work, form: Form, sheet: Sheet, key: str | None = None) -> Plan:
    """Read every cell. With `key`, a row whose field of that name is known changes that record instead of
    making a new one."""
    fields, wrong = columns.match(work, form, sheet.header)
    made = Plan(form, sheet, fields)
    for index, words in wrong.items():
        made.refuse(1, index, words, sheet.header[index])
    if wrong:
        return made
    if key is not None and made.index(key) < 0:
        label = form.fields[key].label if key in form.fields else key
        made.refuse(1, -1, f"没有用于匹配的列“{label}”")
        return made
    _missing(made, key)
    readers = cells.readers(work, fields, _by_field(made))
    for number, row in sheet.rows:
        values = _values(made, readers, number, row)
        if values is not None:
            made.rows.append(Row(number, values, None))
    if key is not None:
        _match(work, made, key)
    return made


def _missing(made: Plan, key: str | None) -> None:
    """Required fields without a column cannot be filled by any row; rows that change a record may leave them out."""
    if key is not None:
        return
    present = {found.id for found in made.fields if found}
    for one in made.form.stored:
        if one.required is True and one.id not in present and one.default is None and not one.system:
            made.refuse(1, -1, f"缺少必填列“{one.label}”")


def _by_field(made: Plan) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for index, one in enumerate(made.fields):
        if one is not None and one.type.name == "reference":
            found[one.id] = [row[index] for _, row in made.sheet.rows if index < len(row)]
    return found


def _values(made: Plan, readers: dict[str, cells.Reader], number: int, row: tuple[Any, ...]) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    good = True
    for index, one in enumerate(made.fields):
        if one is None or index >= len(row) or row[index] in (None, ""):
            continue
        try:
            values[one.id] = readers[one.id](row[index])
        except BadValue as bad:
            made.refuse(number, index, bad.words("zh-CN"), row[index])
            good = False
    return values if good else None


def _match(work: Work, made: Plan, key: str) -> None:
    """Find the records that rows change, and refuse a key that stands twice in the sheet."""
    index = made.index(key)
    seen: dict[Any, int] = {}
    known = _known(work, made, key)
    rows = []
    for row in made.rows:
        value = row.values.get(key)
        if value is None:
            made.refuse(row.number, index, "匹配列不能为空")
        elif value in seen:
            made.refuse(row.number, index, f"与第 {seen[value]} 行重复", value)
        else:
            seen[value] = row.number
            rows.append(Row(row.number, row.values, known.get(value)))
    made.rows = rows


def _known(work: Work, made: Plan, key: str) -> dict[Any, int]:
    one = made.form.fields[key]
    wanted = [one.type.to_db(row.values[key]) for row in made.rows if row.values.get(key) is not None]
    found: dict[Any, int] = {}
    for at in range(0, len(wanted), cells.PIECE):
        asked = query.select(work, made.form)
        column = asked.column(key)
        asked.where(column.in_(wanted[at : at + cells.PIECE]))
        rows: list[Any] = list(work.execute(asked.select(column, asked.id)))
        found.update({one.type.from_db(value): id for value, id in rows})
    return found
