"""Fields as JSON Schema: what the API answers of a record, and what it takes for one."""

from __future__ import annotations

from typing import Any

from engine.principal import Principal
from forms import access
from forms.fields.choice import ChoiceField
from forms.fields.file import FileField
from forms.fields.lines import LinesField
from forms.fields.number import NumberField
from forms.fields.text import TextField
from forms.form import SYSTEM_FIELDS, Field, Form

Schema = dict[str, Any]

ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"},
    "duration": {"type": "integer", "minimum": 0, "description": "Minutes"},
    "reference": ID,
    "person": ID,
    "department": {"type": "string"},
    "role": {"type": "string"},
    "json": {},
}


def schemas(principal: Principal, form: Form) -> dict[str, Schema]:
    """Two schemas of a form for one reader: `form`, what is answered, and `form_new`, what may be sent."""
    seen = [field for field in form.fields.values() if access.readable(principal, field) and answered(field)]
    open_to = [field for field in form.fields.values() if access.writable(principal, field)]
    system: Schema = {name: _system(told[1].kind) for name, told in SYSTEM_FIELDS.items()}
    shown = {
        "type": "object",
        "title": form.label,
        "required": ["id", "version"],
        "properties": {**system, "title": {"type": "string"}, **{field.id: nullable(field) for field in seen}},
    }
    taken = {
        "type": "object",
        "title": form.label,
        "additionalProperties": False,
        "properties": {field.id: nullable(field, sent=True) for field in open_to},
    }
    return {form.id: shown, f"{form.id}_new": taken}


def answered(field: Field) -> bool:
    """Whether a record brings a value of this field along."""
    return field.stored or field.computed or field.lines is not None


def nullable(field: Field, *, sent: bool = False) -> Schema:
    """The schema of a field's value, or null."""
    found = {**value(field, sent=sent), "title": field.label}
    if "type" in found:
        found["type"] = [found["type"], "null"]
    elif "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def value(field: Field, *, sent: bool = False) -> Schema:
    """The schema of one value, by its type."""
    kind = field.type
    if isinstance(kind, LinesField):
        return _table(field, sent)
    if isinstance(kind, FileField):
        return {"type": "array", "items": ID if sent else {"type": "object"}, "description": "Attachments"}
    if isinstance(kind, ChoiceField):
        one: Schema = {"enum": list(kind.choices)}
        several = field.value_type.kind == "choices"
        return {"type": "array", "items": one, "uniqueItems": True} if several else one
    if kind.name == "tags":
        return {"type": "array", "items": {"type": "string", "maxLength": 30}}
    if isinstance(kind, NumberField):
        return _number(kind, field.computed)
    if isinstance(kind, TextField):
        return {"type": "string", "maxLength": kind.max_length} if sent else {"type": "string"}
    return dict(KINDS.get(field.value_type.kind, {}))


def _number(kind: NumberField, computed: bool) -> Schema:
    """Amounts are JSON numbers with at most so many decimals."""
    found: Schema = {"type": "number" if kind.scale else "integer"}
    if kind.scale:
        found["description"] = f"at most {kind.scale} decimals"
    if not computed:
        found |= {"minimum": float(kind.min)} if kind.min is not None else {}
        found |= {"maximum": float(kind.max)} if kind.max is not None else {}
    return found


def _table(field: Field, sent: bool) -> Schema:
    assert field.lines is not None
    rows = {one.id: nullable(one, sent=sent) for one in field.lines.fields.values() if answered(one)}
    row: Schema = {"type": "object", "properties": {"id": ID, **rows}}
    if sent:
        row["additionalProperties"] = False
    return {"type": "array", "items": row}


def _system(kind: str) -> Schema:
    return {"type": ["integer", "null"]} if kind == "person" else dict(KINDS[kind])
