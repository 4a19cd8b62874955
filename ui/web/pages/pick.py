"""Pick: what a picker offers while one types."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import people
from engine.errors import NotFound
from engine.work import Work
from forms import access as rights
from forms import query, records
from forms.fields import FieldType
from forms.fields.person import PersonField
from forms.fields.reference import ReferenceField
from forms.scope import find_form
from ui.web.access import access
from ui.web.render import fragment
from ui.web.shell import department_of
from ui.web.unit import reading
from ui.web.values import once

blueprint = Blueprint("pick", __name__)

MOST = 20


@blueprint.get("/pick/people")
@access("person")
def people_list() -> ResponseReturnValue:
    """Active people by name, login or pinyin; `via` names the field that is filled in, for the role it asks for."""
    words, via = once("q").strip()[:100], once("via")
    with reading() as work:
        role = _role(work, via)
        found = people.search(work, words, limit=100) if words else people.everyone(work)
        shown = [one for one in found if one.active and (role is None or role in one.roles)][:MOST]
        return fragment("pick.html", options=[(one.id, one.name, department_of(work, one.department)) for one in shown])


@blueprint.get("/pick/<form>")
@access("person")
def record_list(form: str) -> ResponseReturnValue:
    """Records of a form by their search fields; only those that this person may see."""
    words, via = once("q").strip()[:100], once("via")
    with reading() as work:
        found = query.form_of(work, form)
        if not rights.may(work.principal, found, "read"):
            raise NotFound("没有这个表单")
        page = records.find(
            work, form, where=_where(work, form, via), fields=(), limit=MOST, count="none", search=words or None
        )
        return fragment("pick.html", options=[(one.id, one.title, "") for one in page.rows])


def _field(work: Work, via: str) -> FieldType | None:
    """The kind of the field that is being filled in: `form.field`."""
    form, _, name = via.rpartition(".")
    found = find_form(work.catalog["form"], form) if form else None
    return found.fields[name].type if found is not None and name in found.fields else None


def _role(work: Work, via: str) -> str | None:
    kind = _field(work, via)
    return kind.role if isinstance(kind, PersonField) else None


def _where(work: Work, form: str, via: str) -> str | None:
    """The condition that the field puts on what it offers, where it needs nothing of the record being filled in."""
    kind = _field(work, via)
    given = kind.given.get("where") if isinstance(kind, ReferenceField) and kind.form == form else None
    return str(given) if given else None
