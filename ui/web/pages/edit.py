"""Edit: a new record or a change to one; what is wrong stands beside the field, what is refused says how to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import AccessDenied, Conflict, GuardRefused, InputError
from engine.expressions import Expression
from engine.work import Work
from flows import instances
from forms import access as rights
from forms import query, records
from forms.env import RecordEnv
from forms.form import Form
from forms.records import Record
from ui.web import boxes
from ui.web.access import access
from ui.web.cells import say
from ui.web.opening import openable
from ui.web.render import page, toast
from ui.web.sections import fill_sections
from ui.web.starting import startable
from ui.web.templating import label, t
from ui.web.unit import reading, writing
from ui.web.usage import signed_sum
from ui.web.values import field as sent
from ui.web.values import row_id, version

blueprint = Blueprint("edit", __name__)


@dataclass(slots=True)
class Draft:
    """What stands in the form: the values under it, what was typed over them, and what came of it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refused: GuardRefused | None = None
    conflict: str = ""


@blueprint.get("/records/<form>/new")
@access("person")
def new(form: str) -> ResponseReturnValue:
    with reading() as work:
        found = _creatable(work, form)
        typed = {name: request.args[name][:200] for name in found.fields if name in request.args}
        return _page(work, found, None, Draft(_defaults(work, found), typed))


@blueprint.get("/records/<form>/<id>/edit")
@access("person")
def show(form: str, id: str) -> ResponseReturnValue:
    with reading() as work:
        record = records.get(work, openable(work, form).id, row_id(id))
        if not _may_update(work, record):
            raise AccessDenied(t("没有修改这条记录的权限"))
        return _page(work, record.form, record, Draft(record.values))


@blueprint.post("/records/<form>/new")
@access("person")
def create(form: str) -> ResponseReturnValue:
    return _save(form, None)


@blueprint.post("/records/<form>/<id>/edit")
@access("person")
def update(form: str, id: str) -> ResponseReturnValue:
    return _save(form, row_id(id))


def _save(form_id: str, id: int | None) -> ResponseReturnValue:
    typed: dict[str, Any] = {}
    try:
        with writing() as work:
            form = _creatable(work, form_id) if id is None else openable(work, form_id)
            names = _asked(work, form)
            typed.update(boxes.submitted(work, form, names))
            values = records.parse(work, form.id, typed)
            if id is None:
                values = {
                    name: value for name, value in values.items() if value is not None or not _follows(form, name)
                }
            return _done(work, form, values, id)
    except InputError as refused:
        guard = refused if isinstance(refused, GuardRefused) else None
        return _again(form_id, id, 422, Draft(typed=typed, errors=refused.fields, refused=guard))
    except Conflict as conflict:
        return _again(form_id, id, 409, Draft(typed=typed, conflict=str(conflict)))


def _done(work: Work, form: Form, values: Mapping[str, Any], id: int | None) -> ResponseReturnValue:
    """Save, and start a flow with it where the button says so."""
    flow = sent("flow")
    if flow:
        if id is not None:
            records.save(work, form.id, values, id=id, version=version())
        instance = instances.start(work, flow, id, starter=work.principal, values=None if id else values)
        name = label(work.catalog["flow"][flow].label)
        return toast(redirect(url_for("flows.show", id=instance.id), 303), t("已发起 {name}", name=name))
    record = records.save(work, form.id, values, id=id, version=version())
    words = "；".join(record.warnings) or t("已保存")
    return toast(redirect(url_for("records.show", form=form.id, id=record.id), 303), words)


def _again(form_id: str, id: int | None, status: int, draft: Draft) -> ResponseReturnValue:
    """The same form with what was typed, and what is wrong with it."""
    with reading() as work:
        form = openable(work, form_id)
        record = records.get(work, form.id, id) if id is not None else None
        draft.values = record.values if record else _defaults(work, form)
        if draft.conflict and record:
            draft.errors = _differing(work, record, draft.typed)
        return _page(work, form, record, draft, status)


def _differing(work: Work, record: Record, typed: Mapping[str, Any]) -> dict[str, list[str]]:
    """Beside each field that now holds something else: what that is."""
    found = {}
    for name, text in typed.items():
        one = record.form.fields[name]
        if isinstance(text, str) and text != boxes.box(work, one, record[name], path="").text:
            found[name] = [t("现在是 {value}", value=say(work, one, record[name]) if record[name] is not None else "—")]
    return found


def _page(work: Work, form: Form, record: Record | None, draft: Draft, status: int = 200) -> ResponseReturnValue:
    filled = fill_sections(work, form, draft.values, typed=draft.typed, errors=draft.errors)
    labels = {name: label(form.fields[name].label) for name in draft.errors if name in form.fields}
    problems = [
        (f"#in-{name}" if name else "#refused", labels.get(name, ""), word)
        for name, words in draft.errors.items()
        for word in words
    ]
    return page(
        work,
        "edit.html",
        status,
        form=form,
        record=record,
        sections=filled,
        draft=draft,
        problems=problems,
        refused=_refusal(work, draft.refused),
        flows=[one for one in startable(work, form, record) if one.submits],
        multipart=any(one.type.name in boxes.FILES for one in form.fields.values()),
    )


def _refusal(work: Work, refused: GuardRefused | None) -> dict[str, Any] | None:
    """The sum behind a refusal, line by line, and the flow that leads on."""
    if refused is None:
        return None
    lines = [(label(name), _amount(value)) for name, value in signed_sum(work, refused.guard, refused.lines)]
    flow = work.catalog["flow"].get(refused.flow) if refused.flow else None
    return {"words": refused.message, "lines": lines, "flow": (flow.id, label(flow.label)) if flow else None}


def _amount(value: Any) -> str:
    if hasattr(value, "quantize"):
        return f"{value + 0:,.2f}".replace("-", "−")
    return "—" if value is None else str(value)


def _creatable(work: Work, id: str) -> Form:
    form = openable(work, id)
    if not rights.may(work.principal, form, "create"):
        raise AccessDenied(t("没有新建{label}的权限", label=label(form.label)))
    return form


def _may_update(work: Work, record: Record) -> bool:
    return rights.may(work.principal, record.form, "update") and query.sees(
        work, record.form, record.env(work), "update"
    )


def _asked(work: Work, form: Form) -> list[str]:
    """The fields that this person fills in."""
    return [one.id for one in form.fields.values() if rights.writable(work.principal, one)]


def _follows(form: Form, name: str) -> bool:
    """Whether the default of a field comes from other fields, so that what is left empty is filled in from them."""
    default = form.fields[name].default
    return isinstance(default, Expression) and bool(default.reads)


def _defaults(work: Work, form: Form) -> dict[str, Any]:
    """What a new record starts with, as far as it can be said before anything is filled in."""
    found: dict[str, Any] = {}
    env = RecordEnv(work, form, {})
    for one in form.fields.values():
        if one.default is None or not rights.readable(work.principal, one):
            continue
        if not isinstance(one.default, Expression):
            found[one.id] = one.default
        elif not _follows(form, one.id):
            found[one.id] = one.default.evaluate(env)
    return found
