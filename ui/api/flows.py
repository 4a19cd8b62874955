"""Flows over HTTP: instances are started and read, tasks are listed, read and decided."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request

from engine.errors import AccessDenied, InputError, NotFound
from engine.idempotency import Answer
from engine.work import Work
from flows import instances, tasks
from flows.inbox import Item
from flows.instances import Instance
from flows.tasks import Detail
from flows.view import Line
from ui.api import reading as asked
from ui.api.callers import may
from ui.api.records import plain
from ui.api.shapes import instant, of_task
from ui.api.unit import answer, once, reading, told

blueprint = Blueprint("flows", __name__)

NO_INSTANCE, NO_TASK, NO_FLOW = "没有这个流程实例", "没有这个待办", "没有这个流程"
CURSOR = re.compile(r"|[1-9][0-9]{0,17}|[-+0-9T:.Z]{0,40}~[1-9][0-9]{0,17}")
LONGEST = 4000  # characters of an opinion


@blueprint.post("/flows/<flow>/instances")
@may("write")
def start(flow: str) -> Response:
    """Start a flow on a record (`record`), or on a new one (`values`)."""
    given = asked.keys(asked.body(), record=int, values=dict)
    if given["record"] is None and given["values"] is None:
        raise InputError({"record": "name a record, or give the values of a new one"})

    def respond(work: Work) -> Answer:
        program = work.catalog["flow"].get(flow)
        if program is None:
            raise NotFound(NO_FLOW)
        record = None if given["record"] is None else _row(given["record"])
        values = plain(program.form, given["values"] or {})
        return Answer(201, _told(instances.start(work, flow, record, values=values)))

    made = once(respond)
    return told(made, {"Location": f"{request.script_root}{request.path}/{made.response['id']}"})


@blueprint.get("/flows/<flow>/instances/<id>")
@may("read")
def instance(flow: str, id: str) -> Response:
    asked.query()
    wanted = asked.id_of(id, NO_INSTANCE)
    with reading() as work:
        found = instances.get(work, wanted)
        if found.flow != flow:
            raise NotFound(NO_INSTANCE)
        story = instances.story(work, wanted)
        return answer({**_told(found), "story": [_line(line) for line in story]})


@blueprint.get("/tasks")
@may("read")
def inbox() -> Response:
    """What waits for the person, or another tab of the inbox."""
    given = asked.query("tab", "limit", "after")
    limit = asked.number(given, "limit", 50, 1, 200)
    if not CURSOR.fullmatch(given.get("after", "")):
        raise InputError({"after": "翻页位置不正确"})
    with reading() as work:
        items = tasks.inbox(work, given.get("tab", "open"), limit=limit + 1, after=given.get("after") or None)
        shown = items[:limit]
        return answer({
            "tasks": [_item(item) for item in shown],
            "next": shown[-1].cursor if len(items) > limit else None,
        })  # fmt: skip


@blueprint.get("/tasks/<id>")
@may("read")
def task(id: str) -> Response:
    asked.query()
    with reading() as work:
        return answer(_detail(work, _task(work, asked.id_of(id, NO_TASK))))


@blueprint.post("/tasks/<id>/decisions")
@may("write")
def decide(id: str) -> Response:
    """approve, reject, return, abstain, resubmit; or finish, for a single task, with one of its `result`s."""
    wanted = asked.id_of(id, NO_TASK)
    given = asked.keys(asked.body(), decision=str, opinion=str, values=dict, to=str, version=int, result=str)
    opinion = given["opinion"] or ""
    if len(opinion) > LONGEST:
        raise InputError({"opinion": f"at most {LONGEST} characters"})
    if not given["decision"]:
        raise InputError({"decision": f"expected {', '.join((*tasks.DECISIONS, 'finish'))}"})

    def respond(work: Work) -> Answer:
        try:
            return Answer(201, _decided(work, wanted, given, opinion))
        except AccessDenied:
            _task(work, wanted)  # NotFound for whoever has no part in it
            raise

    return told(once(respond))


def _decided(work: Work, id: int, given: dict[str, Any], opinion: str) -> dict[str, Any]:
    if given["decision"] == "finish":
        tasks.finish(work, id, given["result"], opinion)
        return {"task": id, "decision": given["result"] or "done", "status": "done", "at": instant(work.now)}
    values = asked.floats(given["values"] or {})
    if given["values"]:
        detail = _task(work, id)
        values = plain(detail.record.form, given["values"]) if detail.record else values
    made = tasks.decide(
        work, id, given["decision"], opinion=opinion, values=values, to=given["to"], version=given["version"]
    )
    return {
        "task": made.task_id,
        "instance": made.instance_id,
        "decision": made.decision,
        "status": made.status,
        "at": instant(made.at),
    }


def _task(work: Work, id: int) -> Detail:
    """A task; one that the caller has no part in is not there for them."""
    try:
        return tasks.get(work, id)
    except AccessDenied:
        raise NotFound(NO_TASK) from None


def _row(id: int) -> int:
    """A record id in a body, within what the database can hold."""
    if not 0 < id < 2**63:
        raise NotFound("记录不存在")
    return id


def _told(found: Instance) -> dict[str, Any]:
    return {
        "id": found.id, "flow": found.flow, "flow_version": found.version, "form": found.form,
        "record": found.record_id, "title": found.title, "status": found.status, "starter": found.starter_id,
        "round": found.round, "incident": found.incident, "started_at": instant(found.started_at),
        "ended_at": instant(found.ended_at),
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "at": instant(line.at), "actor": line.actor, "type": line.type, "step": line.step, "label": line.label,
        "opinion": line.opinion,
    }  # fmt: skip


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.task_id, "instance": item.instance_id, "kind": item.kind, "title": item.title,
        "label": item.label, "flow": item.flow, "form": item.form, "record": item.record_id,
        "starter": item.starter, "status": item.status, "at": instant(item.at), "due_at": instant(item.due_at),
        "overdue": item.overdue, "pool": item.pool, "decision": item.decision, "unread": item.unread,
    }  # fmt: skip


def _detail(work: Work, found: Detail) -> dict[str, Any]:
    record = found.record
    shown = of_task(work.principal, record).whole(record) if record else None
    return {
        "id": found.id, "instance": found.instance_id, "kind": found.kind, "title": found.title,
        "label": found.label, "status": found.status, "decision": found.decision, "opinion": found.opinion,
        "created_at": instant(found.created_at), "due_at": instant(found.due_at), "overdue": found.overdue,
        "assignee": found.assignee_id, "pool": found.pool, "form": record.form.id if record else found.form,
        "record": shown, "edit": list(found.edit), "require": list(found.require),
        "actions": list(found.actions), "return_to": dict(found.return_to), "results": dict(found.options),
    }  # fmt: skip
