"""Imports: a workbook is looked at first, cell by cell, and taken only when one has seen what it would do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.work import Work
from forms import access as rights
from forms import imports
from forms.form import Form
from forms.imports import Batch, Plan
from ui.web.access import access
from ui.web.cells import say
from ui.web.opening import openable
from ui.web.render import page, toast
from ui.web.templating import label, t
from ui.web.times import said
from ui.web.unit import reading, writing
from ui.web.values import field, row_id

blueprint = Blueprint("imports", __name__)

SHOWN = 8  # rows of the preview
TOLD = 200  # mistakes on one page


@blueprint.get("/records/<form>/import")
@access("person")
def show(form: str) -> ResponseReturnValue:
    with reading() as work:
        return _page(work, _importable(work, form))


@blueprint.post("/records/<form>/import")
@access("person")
def upload(form: str) -> ResponseReturnValue:
    """Keep the file and show what importing it would do."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise InputError({"file": t("请选择一个文件")})
        with writing() as work:
            found = _importable(work, form)
            key = field("key") or None
            batch, plan = imports.put(work, found.id, sent.read(), sent.filename, key)
            return _page(work, found, 200 if not plan.mistakes else 422, batch=batch, plan=plan)
    except InputError as refused:
        with reading() as work:
            return _page(work, _importable(work, form), 422, wrong=_words(refused))


@blueprint.post("/records/<form>/import/<id>")
@access("person")
def take(form: str, id: str) -> ResponseReturnValue:
    """Write the rows: all of them, or on demand those without a mistake."""
    try:
        with writing() as work:
            found = _importable(work, form)
            takeover = field("takeover") == "1"
            keep_good = field("keep_good") == "1"
            done, _ = imports.apply(work, _of(work, found, id).id, keep_good=keep_good, takeover=takeover)
    except (InputError, Conflict) as refused:
        plan = refused.more.get("plan") if isinstance(refused, InputError) else None
        status = 409 if isinstance(refused, Conflict) else 422
        with reading() as work:
            found = _importable(work, form)
            batch = imports.get(work, row_id(id)) if plan else None
            return _page(work, found, status, wrong=_words(refused), batch=batch, plan=plan)
    words = t("已导入：新增 {new} 条，修改 {changed} 条", new=len(done.created), changed=done.updated)
    if done.skipped:
        words += t("，跳过 {count} 行", count=done.skipped)
    return toast(redirect(url_for("lists.show", form=form), 303), words)


@blueprint.post("/records/<form>/import/<id>/undo")
@access("person")
def undo(form: str, id: str) -> ResponseReturnValue:
    """Take away again what an import made, as far as nobody has worked on it since."""
    try:
        with writing() as work:
            found = _importable(work, form)
            gone = imports.undo(work, _of(work, found, id).id)
    except Conflict as refused:
        with reading() as work:
            return _page(work, _importable(work, form), 409, wrong=str(refused))
    return toast(redirect(url_for("imports.show", form=form), 303), t("已撤销，收回 {count} 条记录", count=gone))


def _of(work: Work, form: Form, id: str) -> Batch:
    """The batch of this address; that of another form is none here."""
    batch = imports.get(work, row_id(id))
    if batch.form != form.id:
        raise NotFound(t("没有这次导入"))
    return batch


def _importable(work: Work, id: str) -> Form:
    form = openable(work, id)
    if not rights.may(work.principal, form, "import"):
        raise AccessDenied(t("没有导入{label}的权限", label=label(form.label)))
    return form


def _words(refused: InputError | Conflict) -> str:
    if isinstance(refused, Conflict):
        return str(refused)
    return "；".join(word for words in refused.fields.values() for word in words)


def _page(
    work: Work, form: Form, status: int = 200, *, wrong: str = "", batch: Batch | None = None, plan: Plan | None = None
) -> ResponseReturnValue:
    keys = [(one.id, label(one.label)) for one in form.stored if one.unique or one.search]
    return page(
        work,
        "import.html",
        status,
        form=form,
        wrong=wrong,
        batch=batch,
        plan=plan,
        keys=keys,
        recent=[(one, said(work, one.done_at)) for one in imports.recent(work, form.id) if one.done_at],
        told=TOLD,
        heads=[label(one.label) for one in plan.fields if one is not None] if plan else [],
        rows=[(row.number, row.id is None, _cells(work, plan, row.values)) for row in plan.rows[:SHOWN]]
        if plan
        else [],
    )


def _cells(work: Work, plan: Plan, values: dict[str, Any]) -> list[str]:
    """The values of a row in the order of the sheet, as people read them."""
    found = []
    for one in plan.fields:
        if one is not None:
            value = values.get(one.id)
            found.append("—" if value is None else say(work, one, value))
    return found
