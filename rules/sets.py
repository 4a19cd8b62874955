"""Sets: the questions a rule asks of all records at once; the only place of the room that builds SELECTs on forms.

Rules act as the system and see every record that is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_, select

from engine.expressions import Expression
from engine.principal import SYSTEM
from forms.sqlenv import FormSql
from rules.tables import ladder_step, latch

if TYPE_CHECKING:
    from engine.work import Work
    from rules.rule import DecisionTable, Ladder, LadderStep, Rule

PIECE = 500  # ids per IN list


def holding(work: Work, form: str, when: Expression, ids: Sequence[int] | None = None) -> list[int]:
    """The records for which a condition holds."""
    env = _env(work, form)
    return _ids(work, env, and_(env.alive, when.sql(env)), ids)


def entering(work: Work, rule: Rule, ids: Sequence[int] | None = None) -> list[int]:
    """The records for which the condition holds and the rule has not fired in this episode."""
    assert rule.when
    env = _env(work, rule.form)
    key = env.column(("id",))
    blocked: ColumnElement[bool] = latch.c.active.is_(True)
    if rule.rearm.mode == "never":
        blocked = or_(blocked, latch.c.fire_count > 0)
    elif rule.rearm.mode == "after" and rule.rearm.distance:
        blocked = or_(blocked, latch.c.last_fired_at > work.now - rule.rearm.distance)
    fired = exists().where(latch.c.rule == rule.id, latch.c.record_id == key, blocked)
    return _ids(work, env, and_(env.alive, rule.when.sql(env), not_(fired)), ids)


def leaving(work: Work, rule: Rule, ids: Sequence[int] | None = None) -> list[int]:
    """The records in an episode that have left the condition, or are gone; unknown is not left (R2)."""
    assert rule.when
    env = _env(work, rule.form)
    out = rule.rearm.when.sql(env) if rule.rearm.when else not_(rule.when.sql(env))
    return _ids(work, env, and_(_active(env, rule.id), or_(out, not_(env.alive))), ids)


def repeating(work: Work, rule: Rule, ids: Sequence[int] | None = None) -> list[int]:
    """The records in an episode that are due for one more firing."""
    assert rule.when and rule.fire.distance
    env = _env(work, rule.form)
    more = [latch.c.last_fired_at <= work.now - rule.fire.distance]
    if rule.fire.most is not None:
        more.append(latch.c.fire_count < rule.fire.most)
    return _ids(work, env, and_(env.alive, rule.when.sql(env), _active(env, rule.id, *more)), ids)


def due(
    work: Work,
    ladder: Ladder,
    step: LadderStep,
    until: date,
    after: date | None,
    oldest: date | None,
    ids: Sequence[int] | None = None,
) -> list[tuple[int, date]]:
    """The records, with their anchor, for which a step is due and not yet passed.

    `until` is the latest anchor that makes it due, `after` the latest that makes the next step due.
    """
    assert ladder.condition
    env = _env(work, ladder.form)
    key, anchor = env.column(("id",)), env.column((ladder.anchor,))
    passed = exists().where(
        ladder_step.c.ladder == ladder.id,
        ladder_step.c.record_id == key,
        ladder_step.c.step == step.id,
        or_(ladder_step.c.anchor == anchor, ladder_step.c.covers >= anchor),
    )
    where = [env.alive, anchor <= until, ladder.condition.sql(env), not_(passed)]
    where += [anchor > bound for bound in (after, oldest) if bound is not None]
    if step.when is not None:
        where.append(step.when.sql(env))
    rows = _rows(work, env, and_(*where), ids, key, anchor)
    return [(int(row[0]), row[1]) for row in rows]


def left_ladder(work: Work, ladder: Ladder, ids: Sequence[int] | None = None) -> list[int]:
    """The records on a ladder whose condition no longer holds."""
    assert ladder.condition
    env = _env(work, ladder.form)
    out = or_(not_(ladder.condition.sql(env)), not_(env.alive))
    return _ids(work, env, and_(_active(env, ladder.id), out), ids)


def differing(work: Work, table: DecisionTable, ids: Sequence[int] | None = None) -> list[int]:
    """The records whose field is not what their decision table says."""
    assert table.decided
    env = _env(work, table.form)
    return _ids(work, env, and_(env.alive, env.column((table.target,)).is_distinct_from(table.decided.sql(env))), ids)


def values(work: Work, form: str, field: str, ids: Iterable[int]) -> set[int]:
    """What these records refer to by a reference field; deleted records count, since their end is a change."""
    env = _env(work, form)
    rows = _rows(work, env, env.column((field,)).is_not(None), list(ids), env.column((field,)))
    return {int(row[0]) for row in rows}


def referring(work: Work, form: str, field: str, ids: Iterable[int]) -> set[int]:
    """The records that refer to any of these by a reference field."""
    found: set[int] = set()
    for piece in _pieces(list(ids)):
        env = _env(work, form)
        found.update(_ids(work, env, and_(env.alive, env.column((field,)).in_(piece)), None))
    return found


def missing(work: Work, form: str, ids: Sequence[int]) -> set[int]:
    """Those of these ids that are deleted or gone."""
    env = _env(work, form)
    return set(ids) - set(_ids(work, env, env.alive, ids)) if ids else set()


def _env(work: Work, form: str) -> FormSql:
    return FormSql(work, work.catalog["form"][form], SYSTEM)


def _active(env: FormSql, rule: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    key = env.column(("id",))
    return exists().where(latch.c.rule == rule, latch.c.record_id == key, latch.c.active.is_(True), *more)


def _ids(work: Work, env: FormSql, where: ColumnElement[bool], ids: Sequence[int] | None) -> list[int]:
    return [int(row[0]) for row in _rows(work, env, where, ids, env.column(("id",)))]


def _rows(
    work: Work, env: FormSql, where: ColumnElement[bool], ids: Sequence[int] | None, *columns: ColumnElement[Any]
) -> list[Any]:
    key = env.column(("id",))
    query: Select[Any] = select(*columns).select_from(env.from_).where(where).order_by(key)
    if ids is None:
        return list(work.execute(query))
    found: list[Any] = []
    for piece in _pieces(ids):
        found += work.execute(query.where(key.in_(piece)))
    return found


def _pieces(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + PIECE] for at in range(0, len(ids), PIECE)]
