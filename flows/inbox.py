"""Inbox: what waits for somebody, what they started, what they got a copy of, what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import people
from engine.errors import InputError
from engine.tables import read_instant
from flows import versions
from flows.reading import candidate_clause
from flows.steps.approve import Approve

if TYPE_CHECKING:
    from engine.work import Work

TABS = ("open", "started", "copied", "done")
FAR = "9999-12-31T00:00:00.000000Z"  # sorts what has no deadline after everything that has one


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a tab; `task_id` is empty for what was started or copied."""

    task_id: int | None
    instance_id: int | None
    kind: str
    title: str
    label: str
    flow: str | None
    form: str | None
    record_id: int | None
    starter: str | None
    status: str  # of the instance, or of a single task
    at: datetime  # when it came, was started, copied or done
    due_at: datetime | None
    overdue: bool
    pool: bool
    batch: bool  # can be agreed to without filling anything in
    decision: str | None
    unread: bool
    cursor: str


_COLUMNS = """t.id, t.instance_id, t.kind, t.title, t.label, i.flow,
COALESCE(t.form, i.form), COALESCE(t.record_id, i.record_id), i.starter_id, COALESCE(i.status, t.status),
i.version_id, t.step"""
_FROM = "FROM g_task t LEFT JOIN g_instance i ON i.id = t.instance_id"
_NEVER = {"sqlite": f"'{FAR}'", "postgresql": "'infinity'::timestamptz"}


def _open_sql(dialect: str, clause: str) -> str:
    due = f"COALESCE(t.due_at, {_NEVER[dialect]})"
    mine = f"""t.id IN (SELECT m.id FROM g_task m WHERE m.status = 'open' AND m.assignee_id = :me
        UNION ALL SELECT p.id FROM g_task_candidate c JOIN g_task p ON p.id = c.task_id
        WHERE {clause} AND p.status = 'open' AND p.assignee_id IS NULL
            AND (p.barred_id IS NULL OR p.barred_id <> :me))"""
    return f"""SELECT {_COLUMNS}, t.created_at, t.due_at, t.assignee_id IS NULL, t.decision, 0 {_FROM}
        WHERE {mine} AND ({due} > :due OR {due} = :due AND t.id > :id) ORDER BY {due}, t.id LIMIT :limit"""


_DONE = f"""SELECT {_COLUMNS}, t.closed_at, t.due_at, 0, t.decision, 0 {_FROM}
WHERE t.closed_by = :me AND t.status = 'done' AND (t.closed_at < :at OR t.closed_at = :at AND t.id < :id)
ORDER BY t.closed_at DESC, t.id DESC LIMIT :limit"""
_INSTANCE = (
    "NULL, i.id, 'instance', i.title, i.flow, i.flow, i.form, i.record_id, i.starter_id, i.status, i.version_id, NULL"
)
_STARTED = f"""SELECT {_INSTANCE}, i.started_at, NULL, 0, NULL, 0 FROM g_instance i
WHERE i.starter_id = :me AND i.id < :id ORDER BY i.id DESC LIMIT :limit"""
_COPIED = f"""SELECT {_INSTANCE}, c.at, NULL, 0, NULL, CASE WHEN c.read_at IS NULL THEN 1 ELSE 0 END
FROM g_copy c JOIN g_instance i ON i.id = c.instance_id
WHERE c.person_id = :me AND i.id < :id ORDER BY i.id DESC LIMIT :limit"""


def inbox(work: Work, tab: str = "open", limit: int = 50, after: str | None = None) -> list[Item]:
    """The lines of one tab: open ones by deadline, others newest first; `after` is the cursor of the last one seen."""
    if tab not in TABS:
        raise InputError({"tab": f"没有这个页签: {tab}"})
    asked: dict[str, Any] = {"me": work.principal.id, "limit": max(1, min(limit, 200))}
    if tab == "open":
        clause, holes = candidate_clause(work.principal)
        due, id = _cursor(work, after, "-infinity" if work.dialect == "postgresql" else "", 0)
        rows = work.driver(_open_sql(work.dialect, clause), {**asked, **holes, "due": due, "id": id})
    elif tab == "done":
        at, id = _cursor(work, after, "infinity" if work.dialect == "postgresql" else FAR, 2**62)
        rows = work.driver(_DONE, {**asked, "at": at, "id": id})
    else:
        last = min(int(after), 2**62) if after and after.isdecimal() else 2**62
        rows = work.driver(_STARTED if tab == "started" else _COPIED, {**asked, "id": last})
    return [_item(work, tab, row) for row in rows.fetchall()]


def _cursor(work: Work, after: str | None, first: str, id: int) -> tuple[Any, int]:
    """The place to go on from: an instant as text, or nothing for what has no deadline, and a row id."""
    if not after or "~" not in after:
        return first, id
    at, _, last = after.partition("~")
    if not last.isdecimal() or len(last) > 18:
        raise InputError({"after": "翻页位置不正确"})
    if not at:
        return (FAR if work.dialect == "sqlite" else "infinity"), int(last)
    try:
        return work.bind(datetime.fromisoformat(at)), int(last)
    except ValueError:
        raise InputError({"after": "翻页位置不正确"}) from None


def _item(work: Work, tab: str, row: Any) -> Item:
    at, due = read_instant(row[12]), read_instant(row[13]) if row[13] is not None else None
    flow, listed = row[5], tab in ("open", "done")
    cursor = f"{_iso(due if tab == 'open' else at)}~{row[0]}" if listed else str(row[1])
    flows = work.catalog["flow"]
    return Item(
        task_id=row[0],
        instance_id=row[1],
        kind=row[2],
        title=row[3],
        label=flows[flow].label if not listed and flow in flows else row[4],
        flow=flow,
        form=row[6],
        record_id=row[7],
        starter=people.get(work, row[8]).name if row[8] is not None else None,
        status=row[9],
        at=at,
        due_at=due,
        overdue=tab == "open" and due is not None and due < work.now,
        pool=bool(row[14]),
        batch=tab == "open" and row[2] == "approve" and row[10] is not None and _batch(work, row[10], row[11]),
        decision=row[15],
        unread=bool(row[16]),
        cursor=cursor,
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _batch(work: Work, version_id: int, step: str) -> bool:
    found = versions.program(work, version_id).steps[step]
    return isinstance(found, Approve) and not found.needs_input


def counts(work: Work) -> dict[str, int]:
    """How much there is: open and overdue tasks, running instances that were started, copies not read."""
    clause, holes = candidate_clause(work.principal)
    pool = f"""SELECT p.id, p.due_at FROM g_task_candidate c JOIN g_task p ON p.id = c.task_id WHERE {clause}
        AND p.status = 'open' AND p.assignee_id IS NULL AND (p.barred_id IS NULL OR p.barred_id <> :me)"""
    mine = f"SELECT id, due_at FROM g_task WHERE status = 'open' AND assignee_id = :me UNION {pool}"
    sql = f"""SELECT (SELECT count(*) FROM ({mine}) a), (SELECT count(*) FROM ({mine}) b WHERE b.due_at < :now),
        (SELECT count(*) FROM g_instance WHERE starter_id = :me AND status IN ('running', 'returned')),
        (SELECT count(*) FROM g_copy WHERE person_id = :me AND read_at IS NULL)"""
    row = work.driver(sql, {"me": work.principal.id, "now": work.bind(work.now), **holes}).fetchone()
    return dict(zip(("open", "overdue", "started", "copied"), row, strict=True))
