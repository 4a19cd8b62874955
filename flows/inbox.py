"""Inbox: what waits for somebody, what they started, what they got a copy of, what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import people
from engine.errors import InputError
from engine.tables import read_instant
from flows.reading import candidate_clause

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
    decision: str | None
    unread: bool
    cursor: str


_COLUMNS = """t.id, t.instance_id, t.kind, t.title, t.label, i.flow,
COALESCE(t.form, i.form), COALESCE(t.record_id, i.record_id), i.starter_id, COALESCE(i.status, t.status)"""
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
_INSTANCE = "NULL, i.id, 'instance', i.title, i.flow, i.flow, i.form, i.record_id, i.starter_id, i.status"
_STARTED = f"""SELECT {_INSTANCE}, i.started_at, NULL, 0, NULL, 0 FROM g_instance i
WHERE i.starter_id = :me AND i.id < :id ORDER BY i.id DESC LIMIT :limit"""
_COPIED = f"""SELECT {_INSTANCE}, c.at, NULL, 0, NULL, CASE WHEN c.read_at IS NULL THEN 1 ELSE 0 END
FROM g_copy c JOIN g_instance i ON i.id = c.instance_id
WHERE c.person_id = :me AND i.id < :id ORDER BY i.id DESC LIMIT :limit"""


def inbox(work: Work, tab: str = "open", limit: int = 50, after: str | None = None) -> list[Item]:
    """The lines of one tab: open ones by deadline, others newest first; `after` is the cursor of the last one seen."""
    if tab not in TABS:
        raise InputError({"tab": f"没有这个页签: {tab}"})
    asked: dict[str, Any] = {"me": work.principal.id, "limit": min(limit, 200)}
    if tab == "open":
        clause, holes = candidate_clause(work.principal)
        due, id = _cursor(work, after, "-infinity" if work.dialect == "postgresql" else "", 0)
        rows = work.driver(_open_sql(work.dialect, clause), {**asked, **holes, "due": due, "id": id})
    elif tab == "done":
        at, id = _cursor(work, after, "infinity" if work.dialect == "postgresql" else FAR, 2**62)
        rows = work.driver(_DONE, {**asked, "at": at, "id": id})
    else:
        last = int(after) if after and after.isdigit() else 2**62
        rows = work.driver(_STARTED if tab == "started" else _COPIED, {**asked, "id": last})
    return [_item(work, tab, row) for row in rows.fetchall()]


def _cursor(work: Work, after: str | None, first: str, id: int) -> tuple[Any, int]:
    """The place to go on from: an instant as text, or nothing for what has no deadline, and a row id."""
    if not after or "~" not in after:
        return first, id
    at, _, last = after.partition("~")
    if not last.isdigit():
        raise InputError({"after": "翻页位置不正确"})
    if not at:
        return (FAR if work.dialect == "sqlite" else "infinity"), int(last)
    try:
        return work.bind(datetime.fromisoformat(at)), int(last)
    except ValueError:
        raise InputError({"after": "翻页位置不正确"}) from None


def _item(work: Work, tab: str, row: Any) -> Item:
    due = read_instant(row[11]) if row[11] is not None else None
    starter = people.get(work, row[8]).name if row[8] is not None else None
    at = read_instant(row[10])
    if tab in ("started", "copied"):
        cursor = str(row[1])
    else:
        key = due if tab == "open" else at
        cursor = f"{key.isoformat() if key else ''}~{row[0]}"
    flows = work.catalog["flow"]
    label = flows[row[5]].label if tab in ("started", "copied") and row[5] in flows else row[4]
    return Item(
        row[0], row[1], row[2], row[3], label, row[5], row[6], row[7], starter, row[9], at, due,
        bool(due and due < work.now and tab == "open"), bool(row[12]), row[13], bool(row[14]), cursor,
    )  # fmt: skip


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
