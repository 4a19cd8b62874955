"""Sets: the questions a rule asks of many records at once; the only place of the room that builds SELECTs on forms.

Rules act as the system and see every record. Statements are built once and kept with the form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, not_, or_, select, true

from engine.calendar import instant
from engine.expressions import Expression
from engine.principal import SYSTEM
from engine.tables import Instant
from forms import prepared
from forms.prepared import Needs, Prepared
from forms.sqlenv import FormSql
from rules.tables import ladder_step, latch

if TYPE_CHECKING:
    from engine.work import Work
    from forms.form import Form
    from rules.rule import DecisionTable, Ladder, LadderStep, Rule

SINCE = bindparam("since", None, type_=Instant)  # a firing from this instant on still counts for `rearm: {after: ...}`
AGAIN = bindparam("again", None, type_=Instant)  # a firing before this instant is due for its repetition


class Ask:
    """One question under construction: the form's columns, and a place to keep the statement."""

    def __init__(self, work: Work, form: str, name: tuple[Any, ...], needs: Iterable[Expression | None]) -> None:
        self.work, self.form, self.name = work, _form(work, form), name
        self.needs = Needs.of(one for one in needs if one is not None)

    def rows(self, build: Any, **given: Any) -> list[Any]:
        """The driver's rows of the statement that `build(env)` answers, built only the first time."""

        def make() -> Prepared:
            env = FormSql(self.work, self.form, SYSTEM)
            return prepared.prepare(build(env), self.work.dialect)

        found = prepared.kept(self.work, self.form, ("rules", *self.name), self.needs, make)
        return found.rows(self.work, **given)  # type: ignore[no-any-return]


def holding(work: Work, form: str, when: Expression, ids: Collection[int] | None = None) -> list[int]:
    """The records for which a condition holds."""
    ask = Ask(work, form, ("holding", when.text, ids is None), [when])

    def build(env: FormSql) -> Any:
        where = [env.alive, when.sql(env)]
        if ids is not None:
            where.append(_among(work, env))
        return select(_id(env)).select_from(env.from_).where(*where).order_by(_id(env))

    return [row[0] for row in ask.rows(build, **_ids(work, ids))]


def entering(work: Work, rule: Rule) -> list[int]:
    """The records for which the condition holds and the rule has not fired in this episode."""
    when = _need(rule.when)
    ask = Ask(work, rule.form, ("entering", rule.id, rule.hash), [when])

    def build(env: FormSql) -> Any:
        blocked: ColumnElement[bool] = latch.c.active.is_(True)
        if rule.rearm.mode == "never":
            blocked = or_(blocked, latch.c.fire_count > 0)
        elif rule.rearm.mode == "after":
            blocked = or_(blocked, latch.c.last_fired_at >= SINCE)
        fired = exists().where(latch.c.rule == rule.id, latch.c.record_id == _id(env), blocked)
        return _select(env, env.alive, when.sql(env), not_(fired))

    return [row[0] for row in ask.rows(build, **_bounds(work, rule))]


def leaving(work: Work, rule: Rule) -> list[int]:
    """The records in an episode that have left the condition, or are gone; unknown is not left (R2)."""
    when = _need(rule.when)
    ask = Ask(work, rule.form, ("leaving", rule.id, rule.hash), [when, rule.rearm.when])

    def build(env: FormSql) -> Any:
        return _select(env, _active(env, rule.id), or_(_out(rule, env), not_(env.alive)))

    return [row[0] for row in ask.rows(build)]


def repeating(work: Work, rule: Rule) -> list[int]:
    """The records in an episode that are due for one more firing."""
    when = _need(rule.when)
    ask = Ask(work, rule.form, ("repeating", rule.id, rule.hash), [when])

    def build(env: FormSql) -> Any:
        more = [latch.c.last_fired_at < AGAIN]
        if rule.fire.most is not None:
            more.append(latch.c.fire_count < rule.fire.most)
        return _select(env, env.alive, when.sql(env), _active(env, rule.id, *more))

    return [row[0] for row in ask.rows(build, **_bounds(work, rule))]


def states(work: Work, rule: Rule, ids: Collection[int]) -> list[Any]:
    """For these records: id, alive, condition, way out, active, count of firings, fired lately, due again."""
    when = _need(rule.when)
    ask = Ask(work, rule.form, ("states", rule.id, rule.hash), [when, rule.rearm.when])

    def build(env: FormSql) -> Any:
        columns: list[Any] = [_id(env), env.alive, when.sql(env), _out(rule, env)]
        columns += [latch.c.active, latch.c.fire_count]
        columns += [latch.c.last_fired_at >= SINCE, latch.c.last_fired_at < AGAIN]
        tie = and_(latch.c.rule == rule.id, latch.c.record_id == _id(env))
        return select(*columns).select_from(env.from_.outerjoin(latch, tie)).where(_among(work, env))

    return ask.rows(build, **_ids(work, ids), **_bounds(work, rule))


def due(
    work: Work, ladder: Ladder, step: LadderStep, until: date, after: date | None, oldest: date | None
) -> list[tuple[int, date]]:
    """The records, with their anchor, for which a step is due and not yet passed.

    `until` is the latest anchor that makes it due, `after` the latest that makes the next step due.
    """
    condition = _need(ladder.condition)
    name = ("due", ladder.id, ladder.hash, step.id, after is None, oldest is None)
    ask = Ask(work, ladder.form, name, [condition, step.when])

    def build(env: FormSql) -> Any:
        anchor = env.column((ladder.anchor,))
        passed = exists().where(
            ladder_step.c.ladder == ladder.id,
            ladder_step.c.record_id == _id(env),
            ladder_step.c.step == step.id,
            or_(ladder_step.c.anchor == anchor, ladder_step.c.covers >= anchor),
        )
        where = [env.alive, anchor <= bindparam("until", None, type_=anchor.type), condition.sql(env), not_(passed)]
        if after is not None:
            where.append(anchor > bindparam("after", None, type_=anchor.type))
        if oldest is not None:
            where.append(anchor > bindparam("oldest", None, type_=anchor.type))
        if step.when is not None:
            where.append(step.when.sql(env))
        return select(_id(env), anchor).select_from(env.from_).where(*where).order_by(_id(env))

    bounds = {"until": until, "after": after, "oldest": oldest}
    given = {name: prepared.plain(value, work.dialect) for name, value in bounds.items() if value is not None}
    return [(row[0], day(row[1])) for row in ask.rows(build, **given)]


def on_ladder(work: Work, ladder: Ladder, ids: Collection[int]) -> list[Any]:
    """For these records: id, alive, anchor, condition, and one column per step for its own condition."""
    condition = _need(ladder.condition)
    whens = [step.when for step in ladder.steps]
    ask = Ask(work, ladder.form, ("on", ladder.id, ladder.hash), [condition, *whens])

    def build(env: FormSql) -> Any:
        columns: list[Any] = [_id(env), env.alive, env.column((ladder.anchor,)), condition.sql(env)]
        columns += [when.sql(env) if when else true() for when in whens]
        return select(*columns).select_from(env.from_).where(_among(work, env))

    return ask.rows(build, **_ids(work, ids))


def left_ladder(work: Work, ladder: Ladder) -> list[int]:
    """The records on a ladder whose condition no longer holds."""
    condition = _need(ladder.condition)
    ask = Ask(work, ladder.form, ("left", ladder.id, ladder.hash), [condition])

    def build(env: FormSql) -> Any:
        return _select(env, _active(env, ladder.id), or_(not_(condition.sql(env)), not_(env.alive)))

    return [row[0] for row in ask.rows(build)]


def differing(work: Work, table: DecisionTable, ids: Collection[int] | None = None) -> list[int]:
    """The records whose field is not what their decision table says."""
    decided = _need(table.decided)
    ask = Ask(work, table.form, ("differing", table.id, table.hash, ids is None), [decided])

    def build(env: FormSql) -> Any:
        where = [env.alive, env.column((table.target,)).is_distinct_from(decided.sql(env))]
        if ids is not None:
            where.append(_among(work, env))
        return _select(env, *where)

    return [row[0] for row in ask.rows(build, **_ids(work, ids))]


def values(work: Work, form: str, field: str, ids: Collection[int]) -> set[int]:
    """What these records refer to by a reference field; deleted records count, since their end is a change."""
    ask = Ask(work, form, ("values", field), [])

    def build(env: FormSql) -> Any:
        column = env.column((field,))
        return select(column).select_from(env.from_).where(_among(work, env), column.is_not(None))

    return {row[0] for row in ask.rows(build, **_ids(work, ids))}


def referring(work: Work, form: str, field: str, ids: Collection[int]) -> set[int]:
    """The records that refer to any of these by a reference field."""
    ask = Ask(work, form, ("referring", field), [])

    def build(env: FormSql) -> Any:
        found = prepared.among(env.column((field,)), work.dialect)
        return select(_id(env)).select_from(env.from_).where(env.alive, found)

    return {row[0] for row in ask.rows(build, **_ids(work, ids))}


def ago(work: Work, distance: timedelta) -> datetime:
    """The instant before which a firing lies so many days back, by the calendar of the app.

    Hours do not count: a rule that runs at eight fires every day, although no two runs are at the same second.
    """
    first = work.today - distance + timedelta(days=1)
    return instant(first, time(0), work.catalog.timezone)


def day(value: Any) -> date:
    """A date as a driver answers it."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _form(work: Work, id: str) -> Form:
    form: Form = work.catalog["form"][id]
    return form


def _need(expression: Expression | None) -> Expression:
    assert expression is not None
    return expression


def _id(env: FormSql) -> ColumnElement[int]:
    return env.column(("id",))


def _among(work: Work, env: FormSql) -> ColumnElement[bool]:
    return prepared.among(_id(env), work.dialect)


def _ids(work: Work, ids: Collection[int] | None) -> dict[str, Any]:
    return {} if ids is None else {"ids": prepared.ids(work, ids)}


def _select(env: FormSql, *where: ColumnElement[bool]) -> Any:
    source: FromClause = env.from_
    return select(_id(env)).select_from(source).where(*where).order_by(_id(env))


def _active(env: FormSql, rule: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(latch.c.rule == rule, latch.c.record_id == _id(env), latch.c.active.is_(True), *more)


def _out(rule: Rule, env: FormSql) -> ColumnElement[bool]:
    return rule.rearm.when.sql(env) if rule.rearm.when else not_(_need(rule.when).sql(env))


def _bounds(work: Work, rule: Rule) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if rule.rearm.distance is not None:
        given["since"] = work.bind(ago(work, rule.rearm.distance))
    if rule.fire.distance is not None:
        given["again"] = work.bind(ago(work, rule.fire.distance))
    return given
