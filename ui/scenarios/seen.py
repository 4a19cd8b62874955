"""Seen: the tasks, notices, mails and copies of a stage as plain maps, and how they are met with what is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import notices as engine_notices
from engine import outbox, people
from flows.tables import candidate, instance
from flows.tables import copy as copies
from flows.tables import task as table

if TYPE_CHECKING:
    from engine.work import Work
    from ui.scenarios.stage import Stage

Thing = dict[str, Any]
PART = ("title", "subject", "text")  # keys of which a part is enough


def tasks(stage: Stage, work: Work) -> list[Thing]:
    """Every open task: its kind or step, who has it, and what it is about."""
    pools: dict[int, list[Any]] = {}
    for row in work.execute(select(candidate)):
        pools.setdefault(row.task_id, []).append(row)
    asked = (
        select(
            table.c.id, table.c.kind, table.c.step, table.c.title, table.c.label, table.c.assignee_id, table.c.due_at,
            func.coalesce(table.c.form, instance.c.form).label("form"),
            func.coalesce(table.c.record_id, instance.c.record_id).label("record_id"),
        )
        .outerjoin(instance, instance.c.id == table.c.instance_id)
        .where(table.c.status == "open")
        .order_by(table.c.id)
    )  # fmt: skip
    return [
        _clean(
            {
                "kind": row.kind if row.step is None else None,
                "step": row.step,
                "to": _holder(stage, work, row.assignee_id, pools.get(row.id, [])),
                "of": stage.key_of(row.form, row.record_id),
                "title": row.title,
                "label": row.label,
                "due": wall(stage, row.due_at),
            }
        )
        for row in work.execute(asked)
    ]


def _holder(stage: Stage, work: Work, assignee: int | None, pool: Sequence[Any]) -> Any:
    """Who has a task: a login, `{role: ...}`, or logins."""
    if assignee is not None:
        return stage.login(assignee)
    roles = [row.ref for row in pool if row.kind == "role"]
    logins = sorted(str(stage.login(int(row.ref))) for row in pool if row.kind == "person")
    return {"role": roles[0] if len(roles) == 1 else sorted(roles)} if roles else logins


def notices(stage: Stage, work: Work) -> list[Thing]:
    """The notices that the last act brought, but not those that only announce a task."""
    t = engine_notices.table.c
    rows = work.execute(select(t.person_id, t.title, t.body, t.kind).where(t.id > stage.notice_mark).order_by(t.id))
    return [
        {"to": stage.login(row.person_id), "title": row.title, "text": f"{row.title}\n{row.body}"}
        for row in rows
        if row.kind != "todo"
    ]


def mails(stage: Stage, work: Work) -> list[Thing]:
    """The messages to the outside world that the last act brought."""
    t = outbox.table.c
    rows = work.execute(select(t.recipient, t.subject, t.body).where(t.id > stage.mail_mark).order_by(t.id))
    return [{"to": row.recipient, "subject": row.subject, "text": row.body} for row in rows]


def copied(stage: Stage, work: Work) -> list[Thing]:
    """Who got a copy by the last act."""
    rows = work.execute(select(copies.c.instance_id, copies.c.person_id).order_by(copies.c.person_id))
    fresh = [row.person_id for row in rows if (row.instance_id, row.person_id) not in stage.copy_mark]
    return [{"to": stage.login(id)} for id in fresh]


def meet(
    expected: Sequence[Mapping[str, Any]], found: Sequence[Thing], same: Callable[[str, Any, Any], bool]
) -> tuple[list[Any], list[Thing]]:
    """Pair what is expected with what is there, most exactly described first; answers what is left of both."""
    missing, left = [], list(found)
    for wanted in sorted(expected, key=len, reverse=True):
        hit = next((one for one in left if all(same(key, value, one.get(key)) for key, value in wanted.items())), None)
        if hit is None:
            missing.append(wanted)
        else:
            left.remove(hit)
    return missing, left


def same_in(stage: Stage, work: Work) -> Callable[[str, Any, Any], bool]:
    """How one key of a thing is compared: a part of words, the holder of a task, or the same value."""

    def same(key: str, wanted: Any, there: Any) -> bool:
        if key in PART:
            return str(wanted) in str(there)
        if key == "due":
            return str(there).startswith(str(wanted))
        if key == "to" and isinstance(wanted, Mapping) and isinstance(wanted.get("role"), str):
            return there == wanted or _all_of(stage, work, wanted["role"]) == _list(there)
        if key == "to" and isinstance(wanted, list):
            return sorted(wanted) == _list(there)
        return bool(wanted == there)

    return same


def _all_of(stage: Stage, work: Work, role: str) -> list[str]:
    return sorted(str(stage.login(person.id)) for person in people.with_role(work, role))


def _list(there: Any) -> list[str]:
    return sorted(there) if isinstance(there, list) else [there]


def _clean(thing: Thing) -> Thing:
    return {key: value for key, value in thing.items() if value is not None}


def wall(stage: Stage, at: datetime | None) -> str | None:
    """An instant as a time on the wall."""
    return f"{at.astimezone(stage.catalog.timezone):%Y-%m-%d %H:%M}" if at else None


def told(thing: Any) -> str:
    """A thing or a value as it reads in a report."""
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{key}: {told(value)}" for key, value in thing.items() if key != "text") + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(map(told, thing)) + "]"
    if thing is None:
        return "nothing"
    if isinstance(thing, bool):
        return str(thing).lower()
    if isinstance(thing, Decimal):
        return f"{thing:f}"
    return thing.isoformat() if isinstance(thing, date) else str(thing)
