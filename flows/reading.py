"""Reading: who may see an instance: those who have a part in it, those who got a copy, and who may see the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from forms import records

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.principal import Principal
    from engine.work import Work

_PART = """SELECT 1 FROM g_task WHERE instance_id = :instance
AND (assignee_id = :me OR owner_id = :me OR closed_by = :me) LIMIT 1"""
_POOL = """SELECT 1 FROM g_task t JOIN g_task_candidate c ON c.task_id = t.id
WHERE t.instance_id = :instance AND t.status = 'open' AND t.assignee_id IS NULL
AND (t.barred_id IS NULL OR t.barred_id <> :me) AND {mine} LIMIT 1"""
_COPY = "SELECT 1 FROM g_copy WHERE instance_id = :instance AND person_id = :me"


def is_id(id: int) -> bool:
    """Whether a row can have this id; what cannot is answered like what is not there."""
    return 0 < id < 2**63


def candidate_clause(principal: Principal) -> tuple[str, dict[str, Any]]:
    """The condition under which a row `c` of candidates names this person, with its parameters."""
    holes = {f"role{n}": role for n, role in enumerate(sorted(principal.roles))}
    clause = "c.kind = 'person' AND c.ref = :ref"
    if holes:
        clause = f"({clause} OR c.kind = 'role' AND c.ref IN ({', '.join(f':{name}' for name in holes)}))"
    return clause, {"ref": str(principal.id), **holes}


def takes_part(work: Work, instance_id: int, starter_id: int | None) -> bool:
    """Whether the actor started it, has or had a task in it, or may take one."""
    me = work.principal
    if me.system or me.id == starter_id:
        return True
    clause, holes = candidate_clause(me)
    asked = {"instance": instance_id, "me": me.id, **holes}
    return any(
        work.driver(sql, asked if sql is not _PART else {"instance": instance_id, "me": me.id}).fetchone()
        for sql in (_PART, _POOL.format(mine=clause))
    )


def copied(work: Work, instance_id: int) -> bool:
    """Whether the actor got a copy."""
    return work.driver(_COPY, {"instance": instance_id, "me": work.principal.id}).fetchone() is not None


def may_read(work: Work, row: Row[Any]) -> bool:
    """Whether the actor may see this instance."""
    if takes_part(work, row.id, row.starter_id) or copied(work, row.id):
        return True
    return sees_record(work, row.form, row.record_id)


def sees_record(work: Work, form: str, record_id: int) -> bool:
    """Whether the actor may see a record by the access of its form."""
    try:
        records.get(work, form, record_id)
    except NotFound:
        return False
    return True
