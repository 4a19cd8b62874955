"""Boxes: the fields of a form as one fills them in, and what was filled in, read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from engine import people
from engine.errors import InputError
from engine.work import Work
from forms import access, blobs
from forms.fields.file import Attachment
from forms.form import Field, Form
from ui.web.cells import NUMERIC, say
from ui.web.templating import label, t

FILES = frozenset({"file", "image", "signature"})
LISTS = frozenset({"choices"})
UNLABELLED = frozenset({"boolean", "choices", "lines"})
WIDE = frozenset({"long_text", "rich_text", "json", "lines", "file", "image", "signature"})


@dataclasses.dataclass(slots=True)
class Line:
    """One row of a table inside the form."""

    name: str
    id: str
    boxes: list[Box]


@dataclasses.dataclass(slots=True)
class Box:
    """One field to fill in; `text` is what stands in it as it is sent, `shown` as it is read."""

    field: Field
    name: str
    id: str
    label: str
    text: str = ""
    texts: tuple[str, ...] = ()
    shown: str = ""
    errors: Sequence[str] = ()
    help: str = ""
    required: bool = False
    readonly: bool = False
    bare: bool = False  # inside a table, where the heading is the label
    choices: Sequence[tuple[str, str]] = ()
    files: Sequence[Attachment] = ()
    rows: list[Line] = dataclasses.field(default_factory=list)
    blank: Line | None = None
    path: str = ""

    @property
    def kind(self) -> str:
        return self.field.type.name

    @property
    def template(self) -> list[str]:
        """A kind without a template of its own, such as a plug-in's, is filled in as text."""
        return [f"fields/{self.kind}.html", "fields/text.html"]

    @property
    def labels(self) -> bool:
        return self.kind not in UNLABELLED or self.readonly

    @property
    def wide(self) -> bool:
        return self.kind in WIDE

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def unit(self) -> str:
        given = self.field.given.get("unit")
        return "%" if self.kind == "percent" else label(str(given)) if given else ""

    @property
    def of(self) -> str:
        """The form that a reference points at."""
        return str(self.field.given.get("form", ""))

    @property
    def multiple(self) -> bool:
        return bool(self.field.given.get("multiple"))

    @property
    def accept(self) -> str:
        return ",".join(sorted(self.field.type.media)) if self.kind in FILES else ""  # type: ignore[attr-defined]


def box(
    work: Work,
    one: Field,
    value: Any,
    *,
    path: str,
    typed: Any = None,
    errors: Sequence[str] = (),
    readonly: bool = False,
    required: bool | None = None,
    prefix: str = "",
) -> Box:
    """A field with the value that stands, or with what was typed and refused."""
    name = prefix + one.id
    made = Box(one, name, f"in-{name.replace('.', '-')}", label(one.label), errors=errors, readonly=readonly, path=path)
    made.bare = bool(prefix)
    made.help = label(one.help) if one.help else ""
    made.required = (one.required is True if required is None else required) and not readonly
    if one.lines is not None:
        _fill_lines(work, made, typed if typed is not None else value or ())
        return made
    made.choices = _choices(work, one)
    made.shown = "" if value is None else say(work, one, value)
    made.text, made.texts = _text(one, value), _texts(value)
    if made.kind in FILES:
        made.files = value or ()
    if typed is not None:
        made.text = typed if isinstance(typed, str) else ""
        made.texts = tuple(typed) if isinstance(typed, (list, tuple)) and made.kind in LISTS else made.texts
        made.shown = _shown(work, one, made.text, made.shown if made.text == _text(one, value) else "")
    return made


def boxes(
    work: Work,
    form: Form,
    names: Iterable[str],
    values: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    editable: Iterable[str] | None = None,
    require: Iterable[str] = (),
) -> list[Box]:
    """The boxes of these fields; those the person may not write are shown and not asked. Only readable ones appear."""
    found, must = [], set(require)
    may = None if editable is None else set(editable)
    for name in names:
        one = form.fields[name]
        if one.type.name == "related" or not access.readable(work.principal, one):
            continue
        asked = access.writable(work.principal, one) if may is None else name in may
        found.append(
            box(
                work, one, values.get(name), path=f"{form.id}.{name}", typed=(typed or {}).get(name) if asked else None,
                errors=(errors or {}).get(name, ()), readonly=not asked, required=True if name in must else None,
            )
        )  # fmt: skip
    return found


def submitted(work: Work, form: Form, names: Iterable[str]) -> dict[str, Any]:
    """What the page sent for these fields, as texts and lists, files already kept. Raises InputError for a bad file."""
    found: dict[str, Any] = {}
    for name in names:
        one = form.fields[name]
        if one.lines is not None:
            if name in request.form:
                found[name] = _sent_lines(one)
        elif one.type.name in FILES:
            found[name] = _sent_files(work, form, one)
        elif one.type.name in LISTS:
            found[name] = request.form.getlist(name) or None
        else:
            values = request.form.getlist(name)
            if len(values) > 1:
                raise InputError({name: t("只能给出一次")})
            if values:
                found[name] = values[0].replace("\r\n", "\n").strip()
    return found


def _sent_lines(one: Field) -> list[dict[str, Any]]:
    """The rows of a table, in the order of their numbers; rows with nothing in them are left out."""
    rows: dict[int, dict[str, Any]] = {}
    assert one.lines is not None
    for name, values in request.form.lists():
        parts = name.split(".", 2)
        if (
            len(parts) != 3
            or parts[0] != one.id
            or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 4)
        ):
            continue
        if parts[2] == "id" or parts[2] in one.lines.fields:
            rows.setdefault(int(parts[1]), {})[parts[2]] = values[0].strip()
    kept = [rows[number] for number in sorted(rows)]
    return [row for row in kept if any(value for key, value in row.items() if key != "id")]


def _sent_files(work: Work, form: Form, one: Field) -> list[int] | None:
    """The files that stay and those that are new; new ones are kept before the record is saved with them."""
    ids = [int(text) for text in request.form.getlist(one.id) if text.isascii() and text.isdigit() and len(text) < 19]
    new: list[FileStorage] = [upload for upload in request.files.getlist(f"{one.id}.new") if upload.filename]
    for upload in new:
        ids.append(blobs.upload(work, form, one, str(upload.filename), upload.read()).id)
    if new and not one.given.get("multiple"):
        ids = ids[-1:]
    return ids or None


def _fill_lines(work: Work, made: Box, rows: Sequence[Mapping[str, Any]]) -> None:
    form = made.field.lines
    assert form is not None
    shown = [one for one in form.fields.values() if access.readable(work.principal, one) and one.type.name != "related"]

    def line(number: int, row: Mapping[str, Any]) -> Line:
        prefix = f"{made.name}.{number}."
        cells = []
        for one in shown:
            value = row.get(one.id)
            raw = isinstance(value, str) and one.type.name not in ("text", "long_text", "choice")
            readonly = not access.writable(work.principal, one)
            cells.append(
                box(work, one, None if raw else value, path=f"{form.id}.{one.id}", typed=value if raw else None,
                    readonly=readonly, prefix=prefix)
            )  # fmt: skip
        return Line(prefix.rstrip("."), str(row.get("id") or ""), cells)

    made.rows = [line(number, row) for number, row in enumerate(rows)]
    made.blank = line(0, {})


def _choices(work: Work, one: Field) -> Sequence[tuple[str, str]]:
    kind = one.type.name
    if kind in ("choice", "choices"):
        known = one.type.choices  # type: ignore[attr-defined]
        return [(option.id, label(option.label)) for option in known.values() if not option.retired]
    if kind == "department":
        return [(found.id, label(found.label)) for found in people.departments(work)]
    if kind == "role":
        return [(id, label(role.label)) for id, role in work.catalog.roles.items()]
    return ()


def _text(one: Field, value: Any) -> str:
    """A value as its input sends it."""
    if value is None:
        return ""
    kind = one.type.name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "percent":
        return one.type.format(value, "zh-CN").removesuffix("%")
    if kind == "datetime":
        return one.type.format(value, "zh-CN").replace(" ", "T")
    if kind in ("choice", "reference", "person", "department", "role"):
        return str(value)
    if kind in LISTS or kind in FILES:
        return ""
    return one.type.format(value, "zh-CN")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _shown(work: Work, one: Field, text: str, otherwise: str) -> str:
    """What a picker shows for an id that was chosen on a page that is shown again."""
    if one.type.name in ("person", "reference") and text.isascii() and text.isdigit() and len(text) < 19:
        return say(work, one, int(text))
    return otherwise
