"""Filters: what the chips and the filter dialog of a list say, as conditions of the one expression language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from engine import people
from engine.errors import InputError
from engine.work import Work
from forms import access, titles
from forms.form import Field, Form
from ui.web.templating import label, t

PREFIX = "f."
CHOICES = frozenset({"choice", "boolean"})
RANGES = frozenset({"money", "number", "integer", "percent", "date"})
PICKED = frozenset({"person", "reference"})

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One field that a list can be narrowed by; `words` is what the chip says while it is on."""

    field: str
    label: str
    kind: str
    words: str
    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    low: str
    high: str
    names: tuple[str, ...]

    @property
    def on(self) -> bool:
        return bool(self.words)


def filters(work: Work, form: Form, given: Given) -> list[Filter]:
    """Every field of the form that this reader can filter by, with what is set."""
    return [_filter(work, field, given) for field in _fields(work, form)]


def conditions(work: Work, form: Form, given: Given) -> list[str]:
    """The conditions that are set, as expressions. Raises InputError for a value that none can be made of."""
    return [text for field in _fields(work, form) for text in _conditions(field, given)]


def _fields(work: Work, form: Form) -> Iterator[Field]:
    for field in form.fields.values():
        if field.type.name in CHOICES | RANGES | PICKED and access.readable(work.principal, field):
            yield field


def _given(given: Given, name: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in given.get(PREFIX + name, ()) if text.strip())


def _conditions(field: Field, given: Given) -> Iterator[str]:
    kind, chosen = field.type.name, _given(given, field.id)
    if kind in CHOICES and chosen:
        known = dict(_choices(field))
        if any(one not in known for one in chosen):
            raise InputError({PREFIX + field.id: t("没有这个选项")})
        if kind == "boolean":
            yield " or ".join(field.id if one == "true" else f"not {field.id}" for one in dict.fromkeys(chosen))
        else:
            yield f"{field.id} in [{', '.join(repr(one) for one in chosen)}]"
    elif kind == "person" and chosen:
        yield " or ".join(f"{field.id} == user" if one == "me" else f"{field.id}.id == {_id(one)}" for one in chosen)
    elif kind == "reference" and chosen:
        yield " or ".join(f"{field.id}.id == {_id(one)}" for one in chosen)
    elif kind in RANGES:
        for end, sign in (("min", ">="), ("max", "<=")):
            for text in _given(given, f"{field.id}.{end}")[:1]:
                yield f"{field.id} {sign} {_literal(field, text)}"


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputError({"": t("筛选的值不正确")})
    return int(text)


def _literal(field: Field, text: str) -> str:
    """A typed number or day as the language writes it."""
    try:
        if field.type.name == "date":
            return f"'{date.fromisoformat(text).isoformat()}'"
        number = Decimal(text.replace(",", "").rstrip("%"))
        if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
            raise InvalidOperation
    except (ValueError, InvalidOperation):
        raise InputError({PREFIX + field.id: t("{label}的筛选值不正确", label=label(field.label))}) from None
    if field.type.name == "percent":
        number /= 100
    return f"{number:f}"


def _filter(work: Work, field: Field, given: Given) -> Filter:
    kind, chosen = field.type.name, _given(given, field.id)
    low, high = ("".join(_given(given, f"{field.id}.{end}")[:1]) for end in ("min", "max"))
    choices = _choices(field)
    words = ""
    if kind in CHOICES:
        words = "、".join(said for id, said in choices if id in chosen)
    elif kind in PICKED:
        words = "、".join(_named(work, field, one) for one in chosen)
    elif low or high:
        words = f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    names = (PREFIX + field.id, f"{PREFIX}{field.id}.min", f"{PREFIX}{field.id}.max")
    return Filter(field.id, label(field.label), kind, words, choices, chosen, low, high, names)


def _named(work: Work, field: Field, id: str) -> str:
    if id == "me":
        return t("我")
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        return id
    if field.type.name == "reference":
        return titles.of(work, field.type.form, [int(id)]).get(int(id), id)  # type: ignore[attr-defined]
    return "".join(person.name for person in people.many(work, [int(id)])) or id


def _choices(field: Field) -> tuple[tuple[str, str], ...]:
    if field.type.name == "boolean":
        return (("true", t("是")), ("false", t("否")))
    if field.type.name == "choice":
        known = field.type.choices  # type: ignore[attr-defined]
        return tuple((option.id, label(option.label)) for option in known.values())
    return ()
