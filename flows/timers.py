"""Timers: limits that have run out and waits that are over; any number of processes may look at once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from engine.events import Cause, Event
from engine.principal import SYSTEM
from engine.tables import bind_instant
from flows import asking
from flows.action import on_task
from flows.limits import MAX_HOPS, Limit
from flows.run import Run
from flows.state import Task
from flows.tasks import hand_over

if TYPE_CHECKING:
    from engine.app import App
    from engine.work import Work
    from flows.steps.approve import Approve

log = logging.getLogger("guiju.flows")

BATCH = 50
_DUE = """SELECT id, instance_id, timer_step FROM g_task WHERE status = 'open' AND next_timer_at <= :now
ORDER BY next_timer_at, id LIMIT :limit"""
_FREEZE = "UPDATE g_task SET next_timer_at = NULL WHERE id = :id"
_STOP = "UPDATE g_instance SET incident = :text WHERE id = :id"
_INCIDENT = """INSERT INTO g_incident (instance_id, step, text, opened_at)
SELECT :id, step, :text, :at FROM g_task WHERE id = :task"""
_SINGLE = """UPDATE g_task SET next_timer_at = NULL, timer_step = timer_step + 1
WHERE id = :id AND timer_step = :step AND status = 'open' AND next_timer_at <= :now
RETURNING form, record_id, kind, title, assignee_id, source"""


def run_due(app: App) -> int:
    """Do what is due by the app's clock and answer how much it was; each task in a transaction of its own."""
    done = 0
    while rows := _claimable(app):
        for id, instance_id, step in rows:
            done += _one(app, id, instance_id, step)
        if len(rows) < BATCH:
            break
    return done


def _claimable(app: App) -> list[Any]:
    with app.work(SYSTEM, read=True) as work:
        asked = {"now": bind_instant(app.clock.now(), work.dialect), "limit": BATCH}
        return list(work.driver(_DUE, asked).fetchall())


def _one(app: App, id: int, instance_id: int | None, step: int) -> int:
    """One task; what fails becomes an incident and is no longer tried by itself, the others go on."""
    try:
        with app.work(SYSTEM, cause=Cause("timer", f"task:{id}")) as work:
            return _single(work, id, step) if instance_id is None else _fire(work, id, step)
    except Exception as error:
        log.exception("the limit of task %s could not be carried out; it waits for an admin", id)
        with app.work(SYSTEM, cause=Cause("timer", f"task:{id}")) as work:
            _park(work, id, instance_id, str(error))
        return 0


def _park(work: Work, id: int, instance_id: int | None, text: str) -> None:
    work.driver(_FREEZE, {"id": id})
    if instance_id is not None:
        work.driver(_STOP, {"id": instance_id, "text": text})
        work.driver(_INCIDENT, {"id": instance_id, "task": id, "text": text, "at": work.bind(work.now)})


def _single(work: Work, id: int, step: int) -> int:
    """A to-do of a rule is overdue: the rooms above hear of it once."""
    row = work.driver(_SINGLE, {"id": id, "step": step, "now": work.bind(work.now)}).fetchone()
    if row is None:
        return 0
    data = {"task": id, "kind": row[2], "title": row[3], "assignee": row[4], "source": row[5]}
    work.publish(Event("task.overdue", row[0], row[1], data=data))
    return 1


def _fire(work: Work, id: int, step: int) -> int:
    with on_task(work, id) as (run, task):
        if task is None or task.status != "open" or task.timer_step != step:
            return 0  # another hand was faster
        if task.next_timer_at is None or task.next_timer_at > work.now:
            return 0
        if task.kind == "wait":
            asking.waited(run, task)
        elif task.kind == "approve":
            _collapse(work, run, task)
        else:
            task.next_timer_at = None
    return 1


def _collapse(work: Work, run: Run, task: Task) -> None:
    """Carry out what is due; of several missed entries the last that changes something, else one reminder."""
    step = run.approve(task.step)
    due: list[Limit] = []
    while task.next_timer_at is not None and task.next_timer_at <= work.now:
        due.append(step.limits.entries[task.timer_step])
        task.timer_step += 1
        task.next_timer_at = step.limits.at(run.world, task, task.timer_step)
    decisive = [entry for entry in due if entry.decisive]
    if step.limits.due in due:
        run.fact("overdue", step=task.step, visit=task.visit, task=task, due=task.due_at)
    if not decisive:
        run.fact("reminded", step=task.step, visit=task.visit, task=task)
        run.tell(asking.holders(run, task), f"请尽快处理: {task.title}", _lateness(work, task), task)
    elif decisive[-1].action == "transfer":
        _transfer(work, run, task, step)
    else:
        _decide(work, run, task, decisive[-1])


def _lateness(work: Work, task: Task) -> str:
    if task.due_at is None:
        return task.label
    local = task.due_at.astimezone(work.catalog.timezone)
    return f"{task.label}, {'已超过' if task.due_at <= work.now else '处理时限'} {local:%m-%d %H:%M}"


def _transfer(work: Work, run: Run, task: Task, step: Approve) -> None:
    """Hand over to the superior, after so many hops or at the top to a flow admin; the list starts anew."""
    holder = task.assignee_id or next(iter(asking.holders(run, task)), None)
    above = run.world.superior_of(holder) if holder is not None and task.hops < MAX_HOPS else None
    taken = {one.assignee_id for one in run.state.live_tasks(task.visit)} | {run.state.instance.starter_id}
    to = above.id if above is not None and above.id not in taken else None
    if to is None:
        to = next((one.person_id for one in run.world.admins() if one.person_id not in taken), None)
    if to is None:
        run.fact("reminded", step=task.step, visit=task.visit, task=task)
        run.tell(asking.holders(run, task), f"请尽快处理: {task.title}", _lateness(work, task), task)
        return
    task.hops += 1
    hand_over(
        run,
        task,
        to,
        why="超时未处理, 转交上级" if above is not None and to == above.id else "超时未处理, 转交流程管理员",
    )
    step.limits.arm(run.world, task, work.now)


def _decide(work: Work, run: Run, task: Task, entry: Limit) -> None:
    decision = "approve" if entry.action == "agree" else "reject"
    task.opinion = "超时自动同意" if decision == "approve" else "超时自动拒绝"
    run.fact(
        "decided",
        step=task.step,
        visit=task.visit,
        task=task,
        decision=decision,
        opinion=task.opinion,
        auto=True,
        tasks=[task],
    )
    asking.vote(run, task, decision, None)
