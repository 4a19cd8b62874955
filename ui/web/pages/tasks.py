"""Tasks: the facts, what follows from them, and the decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import people
from engine.errors import AccessDenied, Conflict, GuardRefused, InputError, NotFound
from engine.work import Work
from flows import instances, tasks
from flows.tasks import Detail
from forms import access as rights
from forms import records
from forms.records import Record
from ui.web import boxes, recordpage
from ui.web.access import access
from ui.web.deadlines import deadline
from ui.web.recordpage import Figure, Section
from ui.web.render import page, toast
from ui.web.templating import label, t
from ui.web.times import said
from ui.web.tree import tree
from ui.web.unit import reading, writing
from ui.web.usage import Usage, usage
from ui.web.values import field, row_id, version

blueprint = Blueprint("tasks", __name__)

SAID = {
    "approve": "已同意", "reject": "已驳回", "return": "已退回", "abstain": "已弃权", "resubmit": "已重新提交",
    "finish": "已完成", "transfer": "已转办", "add_signer": "已加签", "claim": "已领取", "release": "已放回",
    "withdraw": "已撤回",
}  # fmt: skip


@blueprint.get("/tasks/<id>")
@access("person")
def show(id: str) -> ResponseReturnValue:
    with reading() as work:
        return _page(work, tasks.get(work, row_id(id)))


@blueprint.post("/tasks/<id>")
@access("person")
def decide(id: str) -> ResponseReturnValue:
    """Do what the pressed button says; a second click of the same page gets the first answer."""
    wanted, do = row_id(id), field("do")
    typed: dict[str, Any] = {}
    try:
        with writing() as work:
            _act(work, tasks.get(work, wanted), do, typed)
    except InputError as refused:
        guard = str(refused.message) if isinstance(refused, GuardRefused) else ""
        return _again(wanted, 422, typed, refused.fields, guard)
    except Conflict as conflict:
        return _again(wanted, 409, typed, {}, str(conflict))
    target = url_for("tasks.show", id=wanted) if do in ("claim", "release") else url_for("home.show")
    return toast(redirect(target, 303), t(SAID[do]))


def _act(work: Work, detail: Detail, do: str, typed: dict[str, Any]) -> None:
    id, opinion = detail.id, field("opinion").strip()[:4000]
    if do not in SAID:
        raise InputError({"": t("请选择要做什么")})
    if do in ("approve", "resubmit"):
        assert detail.record is not None
        typed.update(boxes.submitted(work, detail.record.form, detail.edit))
        values = records.parse(work, detail.record.form.id, typed)
        tasks.decide(work, id, do, opinion=opinion, values=values, key=field("key") or None, version=version())
    elif do in ("reject", "return", "abstain"):
        tasks.decide(work, id, do, opinion=opinion, to=field("to") or None, key=field("key") or None)
    elif do == "finish":
        tasks.finish(work, id, field("result") or None, opinion)
    elif do == "transfer":
        tasks.transfer(work, id, _people("to_person")[0], opinion=opinion)
    elif do == "add_signer":
        tasks.add_signer(work, id, _people("signer"), field("when"), opinion=opinion)
    elif do == "withdraw" and detail.instance_id is not None:
        instances.withdraw(work, detail.instance_id, reason=opinion, key=field("key") or None)
    else:
        {"claim": tasks.claim, "release": tasks.release}[do](work, id)


def _people(name: str) -> list[int]:
    found = [row_id(text) for text in request.form.getlist(name) if text.strip()]
    if not found:
        raise InputError({"people": t("请选择人员")})
    return found


def _again(
    id: int, status: int, typed: Mapping[str, Any], errors: Mapping[str, Sequence[str]], words: str
) -> ResponseReturnValue:
    with reading() as work:
        return _page(work, tasks.get(work, id), status, typed=typed, errors=errors, words=words)


def _page(
    work: Work,
    detail: Detail,
    status: int = 200,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    words: str = "",
) -> ResponseReturnValue:
    record, errors = detail.record, errors or {}
    shown = _with_reader(work, record) if record is not None else None
    asked = []
    if record is not None:
        asked = boxes.boxes(
            work,
            record.form,
            detail.edit,
            record.stored,
            typed=typed,
            errors=errors,
            editable=detail.edit,
            require=detail.require,
        )
    known = {box.field.id for box in asked} | {"opinion"}
    before, after = _neighbours(work, detail.id)
    return page(
        work,
        "task.html",
        status,
        detail=detail,
        record=record,
        sections=_facts(work, shown, detail) if shown else [],
        consequences=_consequences(work, shown) if shown else [],
        asked=asked,
        multipart=any(box.kind in boxes.FILES for box in asked),
        errors=errors,
        loose=[word for name, found in errors.items() if name not in known for word in found]
        + ([words] if words else []),
        opinion=field("opinion") if request.method == "POST" else "",
        due=deadline(work, detail.due_at) if detail.status == "open" else None,
        steps=tree(work, detail.view) if detail.view else [],
        started=said(work, detail.view.started_at) if detail.view else said(work, detail.created_at),
        before=before,
        after=after,
        key=uuid.uuid4().hex,
        everyone=[(one.id, one.name) for one in people.everyone(work) if one.active and one.id != work.principal.id],
        needs=_needs(work, detail),
        visible=_visible(work, record),
    )


def _with_reader(work: Work, record: Record) -> Record:
    """The record as this reader may see its fields; a task brings it in the flow's own hand."""
    return Record(work, record.form, record.stored)


def _facts(work: Work, record: Record, detail: Detail) -> list[Section]:
    """The facts to decide on: what the step hides is left out, what is to be filled in stands below."""
    out = detail.hidden | set(detail.edit)
    found = []
    for section in recordpage.sections(work, record):
        cells = [cell for cell in section.cells if cell.field not in out and not (cell.empty and not cell.numeric)]
        if cells:
            found.append(Section(section.label, cells))
    return found


def _consequences(work: Work, record: Record) -> list[tuple[str, str, list[Figure], Usage | None]]:
    """What the decision bears on: the figures of the records that this one refers to, where the reader may see them."""
    found = []
    for one in record.form.fields.values():
        value = record.stored.get(one.id)
        if one.type.name != "reference" or value is None or not rights.readable(work.principal, one):
            continue
        try:
            target = records.get(work, one.type.form, value)  # type: ignore[attr-defined]
        except (NotFound, AccessDenied):
            continue
        figures = recordpage.figures(work, target)
        if figures:
            href = url_for("records.show", form=target.form.id, id=target.id)
            found.append((target.title, href, figures, usage(work, target)))
    return found


def _neighbours(work: Work, id: int) -> tuple[int | None, int | None]:
    """The open tasks before and after this one, in the order of the inbox."""
    ids = [item.task_id for item in tasks.inbox(work, "open", limit=200)]
    if id not in ids:
        return None, None
    at = ids.index(id)
    return (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)


def _needs(work: Work, detail: Detail) -> tuple[str, str] | None:
    """The record that must be made before a single task can be finished: its label and the page that makes it."""
    if not detail.needs or detail.record is None:
        return None
    form = work.catalog["form"][detail.needs["form"]]
    given: dict[str, Any] = {detail.needs["via"]: detail.record.id}
    return label(form.label), url_for("edit.new", form=form.id, **given)


def _visible(work: Work, record: Record | None) -> str:
    """The page of the record, for those who may open it."""
    if record is None:
        return ""
    try:
        records.get(work, record.form.id, record.id)
    except NotFound:
        return ""
    return url_for("records.show", form=record.form.id, id=record.id)
