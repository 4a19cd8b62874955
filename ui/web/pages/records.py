"""Records: one record with its figures, facts, lists and story; and what can be done with it."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.work import Work
from flows import instances
from forms import access as rights
from forms import query, records
from forms.records import Record
from ui.web import recordpage
from ui.web.access import access
from ui.web.opening import openable
from ui.web.render import page, toast
from ui.web.starting import startable
from ui.web.story import OUTCOMES, story
from ui.web.templating import label, t
from ui.web.times import said
from ui.web.unit import reading, writing
from ui.web.usage import usage
from ui.web.values import field, once, row_id, version

blueprint = Blueprint("records", __name__)


@blueprint.get("/records/<form>/<id>")
@access("person")
def show(form: str, id: str) -> ResponseReturnValue:
    tab = once("tab")
    with reading() as work:
        record = records.get(work, openable(work, form).id, row_id(id))
        related = recordpage.related(work, record, limit=50 if tab else recordpage.PREVIEW)
        open_tab = next((one for one in related if one.field == tab), None)
        return page(
            work,
            "record.html",
            record=record,
            form=record.form,
            figures=recordpage.figures(work, record),
            bar=usage(work, record),
            marks=recordpage.marks(work, record),
            sections=recordpage.sections(work, record),
            tables=recordpage.tables(work, record),
            related=related,
            open_tab=open_tab,
            moments=[(moment, said(work, moment.at)) for moment in story(work, record)],
            startable=startable(work, record.form, record),
            running=_running(work, record),
            outcomes=OUTCOMES,
            may_update=_may(work, record, "update"),
            may_delete=_may(work, record, "delete"),
        )


@blueprint.post("/records/<form>/<id>/delete")
@access("person")
def delete(form: str, id: str) -> ResponseReturnValue:
    with writing() as work:
        found = openable(work, form)
        record = records.get(work, found.id, row_id(id))
        records.delete(work, found.id, record.id, version())
    return toast(redirect(url_for("lists.show", form=form), 303), t("已删除 {title}", title=record.title))


@blueprint.post("/records/<form>/<id>/start")
@access("person")
def start(form: str, id: str) -> ResponseReturnValue:
    """Start a flow on this record."""
    with writing() as work:
        record = records.get(work, openable(work, form).id, row_id(id))
        instance = instances.start(work, field("flow"), record.id, starter=work.principal)
        name = label(work.catalog["flow"][instance.flow].label)
    return toast(redirect(url_for("flows.show", id=instance.id), 303), t("已发起 {name}", name=name))


def _running(work: Work, record: Record) -> list[instances.Instance]:
    return [one for one in instances.of(work, record.form.id, record.id) if one.status in ("running", "returned")]


def _may(work: Work, record: Record, verb: str) -> bool:
    return rights.may(work.principal, record.form, verb) and query.sees(work, record.form, record.env(work), verb)
