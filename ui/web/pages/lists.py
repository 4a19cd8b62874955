"""Lists: the records of a form, narrowed, sorted, added up."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.errors import InputError
from engine.work import Work
from forms import access as rights
from forms.form import Form
from forms.records import Page
from ui.web import filters, listing
from ui.web.access import access
from ui.web.listing import Asked
from ui.web.opening import openable
from ui.web.render import page
from ui.web.unit import reading

blueprint = Blueprint("lists", __name__)


@blueprint.get("/records/<form>")
@access("person")
def show(form: str) -> ResponseReturnValue:
    with reading() as work:
        found = openable(work, form)
        what = listing.asked(found)
        try:
            answer, wrong = listing.find(work, found, what), {}
        except InputError as refused:
            answer, wrong = Page(()), {name: "；".join(words) for name, words in refused.fields.items()}
        return _page(work, found, what, answer, wrong)


def _page(work: Work, form: Form, what: Asked, found: Page, wrong: dict[str, str]) -> ResponseReturnValue:
    safe = Asked(form.id, cols=what.cols) if wrong else what
    on, offered = listing.chips(work, form, what)
    shown = listing.shown_fields(work, form, what)
    return page(
        work,
        "list.html",
        422 if wrong else 200,
        form=form,
        what=what,
        views=list(form.list.views.values()),
        columns=listing.columns(work, form, safe, found.sums),
        rows=listing.rows(work, form, found, shown),
        found=found,
        on=on,
        offered=offered,
        filters=filters.filters(work, form, what.given),
        listable=listing.listable(work, form),
        wrong=wrong,
        narrowed=bool(what.view or what.q or what.where or what.given),
        may_create=rights.may(work.principal, form, "create"),
        may_export=rights.may(work.principal, form, "export"),
        may_import=rights.may(work.principal, form, "import"),
    )
