"""Single tasks: to-dos that rules open for people, outside any flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine import jsontext, notices, people
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.events import Event
from engine.principal import SYSTEM
from engine.tables import Instant
from flows import words
from flows.admins import flow_admins
from flows.reading import is_id
from flows.tables import candidate
from flows.tables import task as table
from forms import query

if TYPE_CHECKING:
    from engine.work import Work

_OPEN = """INSERT INTO g_task (kind, title, label, form, record_id, pos, assignee_id, owner_id, why, status, round,
    created_at, armed_at, due_at, next_timer_at, timer_step, hops, source, options, needs)
VALUES (:kind, :title, :label, :form, :record_id, 0, :person, :person, :why, 'open', 1,
    :now, :now, :due, :due, 0, 0, :source, :options, :needs)
ON CONFLICT (source) DO NOTHING RETURNING id"""


def open(
    work: Work,
    *,
    kind: str,
    title: str,
    to: str | Sequence[int | None],
    record: tuple[str, int] | None = None,
    label: str | None = None,
    due: datetime | None = None,
    source: str | None = None,
    options: Mapping[str, str] | None = None,
    require_record: Mapping[str, str] | None = None,
) -> int | None:
    """Open one to-do and return its id; None when `source` has opened one already.

    `to` is a role, or person ids: one person holds it, several may take it, and where there is nobody the
    flow admins step in. `options` are the results to choose from (id to label). `require_record` {form, via}
    asks for a record of that form, made after the task, that refers to the task's record, before it can be
    finished.
    """
    role = to if isinstance(to, str) else None
    ids = _ids(work, to)
    single = ids[0] if role is None and len(ids) == 1 else None
    row = {
        "kind": kind,
        "title": title[:400],
        "label": label or kind,
        "person": single,
        "why": "规则指派",
        "now": work.bind(work.now),
        "form": record[0] if record else None,
        "record_id": record[1] if record else None,
        "due": work.bind(due) if due else None,
        "source": source,
        "options": jsontext.dump(options) if options else None,
        "needs": jsontext.dump(dict(require_record)) if require_record else None,
    }
    made = work.driver(_OPEN, row).fetchone()
    if made is None:
        return None
    id = int(made[0])
    pool = [("role", role)] if role else [("person", str(one)) for one in ids if single is None]
    if pool:
        work.execute(insert(candidate), [{"task_id": id, "kind": what, "ref": ref} for what, ref in pool])
    notices.send(work, ids, f"新待办: {label or kind}", body=title, link=f"/tasks/{id}", kind="todo")
    return id


def _ids(work: Work, to: str | Sequence[int | None]) -> list[int]:
    if isinstance(to, str):
        return [one.id for one in people.with_role(work, to)]
    found = list(dict.fromkeys(id for id in to if id is not None))
    return found or [one.person_id for one in flow_admins(work) if one.person_id is not None]


def close(
    work: Work,
    *,
    record: tuple[str, int] | None = None,
    source: str | None = None,
    kind: str | None = None,
    reason: str,
) -> int:
    """Close the open single to-dos of a record or of one source, because their reason is gone; answers how many."""
    if record is None and source is None:
        raise ValueError("name the record or the source whose tasks are to be closed")
    where = [table.c.instance_id.is_(None), table.c.status == "open"]
    if record is not None:
        where += [table.c.form == record[0], table.c.record_id == record[1]]
    if source is not None:
        where.append(table.c.source == source)
    if kind is not None:
        where.append(table.c.kind == kind)
    values = {
        "status": "cancelled",
        "reason": reason[:200],
        "closed_at": work.now,
        "closed_by": work.principal.id,
        "next_timer_at": None,
    }
    return int(work.execute(update(table).where(*where).values(**values)).rowcount)


def finish(work: Work, id: int, result: str | None = None, note: str = "") -> None:
    """Say that a single to-do is done, with its result and a note. Raises Conflict when someone was faster."""
    note = words.checked(note, "note")
    single = select(table).where(table.c.id == id, table.c.instance_id.is_(None)).with_for_update()
    row = work.execute(single).first() if is_id(id) else None
    if row is None:
        raise NotFound("没有这个待办")
    if not may_act(work, row):
        raise AccessDenied("这不是你的待办")
    if row.status != "open":
        who = people.get(work, row.closed_by).name if row.closed_by else "系统"
        raise Conflict(
            f"已由{who}处理" if row.status == "done" else f"这个待办已关闭: {row.reason}", {"status": row.status}
        )
    if row.options and result not in row.options:
        raise InputError({"result": f"请选择结果: {'、'.join(row.options.values())}"})
    if row.needs and not _has_record(work, row):
        label = work.catalog["form"][row.needs["form"]].label
        raise InputError({"": f"请先登记{label}, 再完成这个待办"})
    done = {
        "status": "done",
        "decision": result or "done",
        "opinion": note,
        "closed_at": work.now,
        "closed_by": work.principal.id,
    }
    work.execute(update(table).where(table.c.id == id).values(**done, next_timer_at=None))
    data = {"task": id, "kind": row.kind, "result": result, "note": note, "source": row.source}
    work.publish(Event("task.finished", row.form, row.record_id, data=data))


def may_act(work: Work, task: Any) -> bool:
    """Whether the actor holds a single task or is among those who may take it."""
    me = work.principal
    if task.assignee_id is not None or me.id is None:
        return task.assignee_id is not None and bool(task.assignee_id == me.id)
    rows = work.execute(select(candidate.c.kind, candidate.c.ref).where(candidate.c.task_id == task.id))
    return any(row.ref == str(me.id) if row.kind == "person" else row.ref in me.roles for row in rows)


def _has_record(work: Work, row: Any) -> bool:
    """Whether somebody has made the record that the task asks for since it was opened."""
    asked = query.select(work, row.needs["form"], SYSTEM)
    about = asked.env.column((row.needs["via"],)) == row.record_id
    made = asked.env.column(("created_at",)) >= bindparam("since", row.created_at, Instant)
    return work.execute(asked.where(about).where(made).statement.limit(1)).first() is not None
