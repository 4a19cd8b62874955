"""Firings: run what is due, release what was held, and say why a rule fired or did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import GuijuError, NotFound
from engine.events import Cause
from engine.principal import SYSTEM
from forms import records
from rules import climb, journal, latches, leaving, passes, sets, tabled
from rules.actions import Action
from rules.journal import Firing
from rules.perform import MAX_ATTEMPTS, run
from rules.rule import DecisionTable, Declared, Ladder, Rule
from rules.tables import period as period_table
from rules.triggers import Period

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work

TRAY = 100
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(:rule, 7180003))"


def run_due(app: App) -> int:
    """Run every scheduled rule whose period has begun, and what was held; answer how many firings.

    All rules look at one snapshot before any of them acts, so that none sees another's half-done day.
    """
    with app.work(SYSTEM, read=True) as work:
        due = list(_due(work))
        plans = [(rule, period, _plan(work, rule)) for rule, period in due]
    done = 0
    for rule, period, pieces in plans:
        for piece in pieces:
            with app.work(SYSTEM, cause=Cause("timer", rule.id)) as work:
                _take_turn(work, rule.id)
                done += _do(work, rule, piece, period)
        with app.work(SYSTEM) as work:
            _ran(work, rule.id, period)
    return done + release(app)


def _due(work: Work) -> Iterator[tuple[Declared, Period]]:
    ran = {(row.rule, row.period) for row in work.execute(select(period_table.c.rule, period_table.c.period))}
    for rule in work.catalog["rule"].values():
        if not rule.is_enabled(work):
            continue
        for trigger in rule.triggers:
            period = trigger.latest(work.now, work.catalog.timezone)
            if period and (rule.id, period.key) not in ran:
                yield rule, period
                break


def _plan(work: Work, rule: Declared) -> list[Any]:
    """What the rule has to do, cut into pieces of one transaction each."""
    if isinstance(rule, Rule):
        return list(passes.batches(passes.look(work, rule)))
    if isinstance(rule, Ladder):
        due, left = climb.look(work, rule)
        pieces: list[Any] = [("left", left[at : at + passes.BATCH]) for at in range(0, len(left), passes.BATCH)]
        return pieces + [("due", due[at : at + passes.BATCH]) for at in range(0, len(due), passes.BATCH)]
    assert isinstance(rule, DecisionTable)
    ids = tabled.look(work, rule)
    return [ids[at : at + passes.BATCH] for at in range(0, len(ids), passes.BATCH)]


def _do(work: Work, rule: Declared, piece: Any, period: Period) -> int:
    if isinstance(rule, Rule):
        return passes.act(work, rule, piece, period.at, period.key)
    if isinstance(rule, Ladder):
        kind, found = piece
        step = leaving.leave if kind == "left" else climb.step_up
        return step(work, rule, found, period.at)
    assert isinstance(rule, DecisionTable)
    return tabled.decide(work, rule, piece, period.at)


def _take_turn(work: Work, rule: str) -> None:
    """Let one process at a time do what a scheduled rule has found; on SQLite every write is alone anyway."""
    if work.dialect == "postgresql":
        work.driver(_ONE_AT_A_TIME, {"rule": rule})


def _ran(work: Work, rule: str, period: Period) -> None:
    insert = (postgresql if work.dialect == "postgresql" else sqlite).insert(period_table)
    work.execute(insert.values(rule=rule, period=period.key, ran_at=work.now).on_conflict_do_nothing())


def release(app: App) -> int:
    """Do what was held or failed and is due now; each firing again looks whether its reason still stands."""
    with app.work(SYSTEM, cause=Cause("timer", "release")) as work:
        waiting = journal.waiting(work, TRAY)
        for found in waiting:
            _retry(work, found)
    return len(waiting)


def _retry(work: Work, found: Firing) -> None:
    rule = work.catalog["rule"].get(found.rule)
    if rule is None or not _still(work, rule, found):
        journal.finish(work, found, "dropped", found.outcome, None)
        return
    actions = _actions(rule, found)
    if found.state == "held":
        actions = tuple(action for action in actions if action.outside)
    acting = work.acting(SYSTEM, work.cause.then("rule", rule.id))
    try:
        with work.connection.begin_nested():
            record = records.get(acting, found.form, found.record_id)
            outcome = run(acting, rule, record, found.key, actions)
        kept = [item for item in found.outcome if "held" not in item]
        journal.finish(work, found, "done", kept + outcome, None)
    except GuijuError as error:
        state = "error" if found.attempt + 1 < MAX_ATTEMPTS else "parked"
        journal.finish(work, found, state, found.outcome, str(error))


def _still(work: Work, rule: Declared, found: Firing) -> bool:
    """Whether the reason of a delayed firing still stands, with all that it refers to (R7)."""
    if found.step == "exit" or rule.reason is None or isinstance(rule, DecisionTable):
        return True
    return bool(sets.holding(work, rule.form, rule.reason, [found.record_id]))


def _actions(rule: Declared, found: Firing) -> tuple[Action, ...]:
    if found.step == "exit":
        return tuple(getattr(rule, "on_exit", ()))
    if isinstance(rule, Ladder):
        return next((step.do for step in rule.steps if step.id == found.step), ())
    return tuple(getattr(rule, "do", ()))


@dataclass(frozen=True)
class Why:
    """Why a rule fired, or did not, for one record: its condition with every sub-value, and its memory."""

    rule: Declared
    enabled: bool
    holds: bool | None
    trace: Any
    latch: latches.Latch | None
    steps: list[dict[str, Any]]
    firings: list[Firing]


def explain(work: Work, rule_id: str, record_id: int) -> Why:
    """Say why; NotFound when there is no such rule, or no such record for this reader."""
    rule = work.catalog["rule"].get(rule_id)
    if rule is None:
        raise NotFound(f"没有规则 {rule_id}")
    record = records.get(work, rule.form, record_id)
    env = record.env(work)
    why = rule.reason
    firings = [found for found in journal.of_record(work, rule.form, record_id) if found.rule == rule_id]
    return Why(
        rule=rule,
        enabled=rule.is_enabled(work),
        holds=why.evaluate(env) if why and why.type.kind == "boolean" else None,
        trace=why.explain(env) if why else None,
        latch=latches.of(work, rule_id, [record_id]).get(record_id),
        steps=_steps(work, rule, record) if isinstance(rule, Ladder) else [],
        firings=firings,
    )


def _steps(work: Work, ladder: Ladder, record: records.Record) -> list[dict[str, Any]]:
    """Each step with its day for this record and what became of it."""
    anchor = record[ladder.anchor]
    if anchor is None:
        return []
    passed = climb.steps_of(work, ladder.id, record.id)
    calendar = work.catalog.calendar(ladder.calendar)
    rows = []
    for step in ladder.steps:
        day = climb.due_on(calendar, step, anchor)
        state = passed.get((step.id, anchor)) or ("due" if day <= work.today else "ahead")
        rows.append({"id": step.id, "label": step.label, "on": day, "state": state})
    return rows
