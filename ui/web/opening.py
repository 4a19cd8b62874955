"""Opening: the forms that a person may open at all; the others are not there for them."""

from __future__ import annotations

from engine.errors import NotFound
from engine.work import Work
from forms import access, query
from forms.form import Form


def openable(work: Work, id: str) -> Form:
    """The form with this id, if the person may see some of its records or make new ones."""
    form = query.form_of(work, id)
    if form.parent or not any(access.may(work.principal, form, verb) for verb in ("read", "create")):
        raise NotFound("没有这个表单")
    return form
