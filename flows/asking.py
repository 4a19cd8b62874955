"""Asking: people get tasks, their answers are counted, and the step moves on when the rule is met."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from engine.errors import Conflict, InputError
from flows import approvers, returns
from flows.flow import START
from flows.state import Task, Token, Visit
from flows.steps.base import Step
from flows.votes import verdict

if TYPE_CHECKING:
    from flows.run import Run
    from flows.steps.approve import Approve

MAX_NESTING = 3
BY_OTHERS = "其他人已处理"  # why tasks were closed when the answers of others were enough


def ask(run: Run, token: Token, step: Approve, *, returned: bool = False) -> None:
    """Enter a step of people: find them, give out tasks, and decide at once where a policy says so."""
    signers = approvers.find(step, run.world, returned=returned)
    before = token.last or token.before
    visit = Visit(token, step.id, "step", run.state.instance.round, step.rule, run.now, previous=before)
    run.state.visits.append(visit)
    if signers.verdict is not None:
        run.fact("auto_decided", step=step.id, visit=visit, decision=signers.verdict, why=signers.note)
        _close(run, visit, signers.verdict)
        return
    tasks = _tasks(run, visit, step, signers)
    if not returned and step.skip_repeat != "none" and not step.asks_input:
        _skip_repeats(run, visit, step, tasks)
    run.fact("entered", step=step.id, visit=visit, tasks=tasks)
    _open_first(run, visit, step)
    settle(run, visit)


def _tasks(run: Run, visit: Visit, step: Approve, signers: approvers.Signers) -> list[Task]:
    state, instance = run.state, run.state.instance

    def task(pos: int, person: int | None, why: str) -> Task:
        made = Task(
            visit,
            step.id,
            "approve",
            instance.title,
            step.label,
            instance.round,
            run.now,
            pos=pos,
            assignee_id=person,
            owner_id=person,
        )
        made.why, made.status, made.barred_id = why, "waiting", signers.barred
        return made

    tasks = [task(pos, one.person, one.why) for pos, one in enumerate(signers.signers)]
    for made, one in zip(tasks, signers.signers, strict=True):
        made.pool = tuple(("role", role) for role in one.roles)
    visit.total = visit.live = len(tasks)
    state.tasks.extend(tasks)
    return tasks


def _skip_repeats(run: Run, visit: Visit, step: Approve, tasks: Sequence[Task]) -> None:
    """Agree for people who agreed in this round: in the human step just before, or anywhere."""
    before = visit.previous.id if isinstance(visit.previous, Visit) else visit.previous
    if step.skip_repeat == "consecutive" and before is None:
        return
    instance = run.state.instance
    at = before if step.skip_repeat == "consecutive" else None
    agreed = run.store.agreed(at, instance.id, instance.round)
    for done in run.state.tasks:  # what was agreed in this very action is in no table yet
        here = step.skip_repeat == "any" or done.visit is visit.previous or done.visit.id == visit.previous
        if here and done.status == "done" and done.decision == "approve" and done.round == instance.round:
            agreed[done.closed_by or 0] = done.id
    for task in tasks:
        if task.assignee_id in agreed:
            _decide(run, task, "approve", task.assignee_id, "")
            task.reason = "已在前面的步骤同意, 自动通过"
            run.fact(
                "skipped",
                step=step.id,
                visit=visit,
                task=task,
                person=task.assignee_id,
                earlier=agreed[task.assignee_id],
            )


def _open_first(run: Run, visit: Visit, step: Approve) -> None:
    """Open what can be acted on: everybody, or in a sequence the first who has not signed."""
    waiting = list(run.state.live_tasks(visit))
    for task in waiting[:1] if visit.rule["mode"] == "sequence" else waiting:
        open_task(run, task, step)


def open_task(run: Run, task: Task, step: Approve) -> None:
    """Let a task be acted on from now, with its limits counting, and tell who may act."""
    task.status = "open"
    step.limits.arm(run.world, task, run.now)
    run.tell(holders(run, task), f"待审批: {task.title}", step.label, task)


def holders(run: Run, task: Task) -> list[int]:
    """The people who may act on a task."""
    if task.assignee_id is not None:
        return [task.assignee_id]
    found = run.world.pool(task.pool or run.store.pool(task.id))
    return [id for id in found if id != task.barred_id]


def vote(run: Run, task: Task, decision: str, by: int | None) -> None:
    """Count an answer; the caller has told it to the story."""
    _decide(run, task, decision, by, task.opinion or "")
    settle(run, task.visit)


def _decide(run: Run, task: Task, decision: str, by: int | None, opinion: str) -> None:
    task.status, task.decision, task.opinion = "done", decision, opinion
    task.closed_at, task.closed_by, task.next_timer_at = run.now, by, None
    task.visit.live -= 1
    task.visit.agreed += decision == "approve"
    task.visit.refused += decision == "reject"


def settle(run: Run, visit: Visit) -> None:
    """Close the visit if its rule is met; else let the next of a sequence act."""
    if visit.status != "open":
        return
    found = verdict(visit.rule, visit.total, visit.agreed, visit.refused, visit.live)
    if found is not None:
        _close(run, visit, found)
    elif visit.rule["mode"] == "sequence":
        live = list(run.state.live_tasks(visit))
        if live and all(task.status == "waiting" for task in live) and not _inner(run, live[0]):
            open_task(run, live[0], run.approve(visit.step))
            run.fact("opened", step=visit.step, visit=visit, task=live[0], tasks=[live[0]])


def _inner(run: Run, task: Task) -> bool:
    return any(visit.parent_task is task and visit.status == "open" for visit in run.state.visits)


def _close(run: Run, visit: Visit, outcome: str) -> None:
    visit.status, visit.outcome, visit.left_at = "done", outcome, run.now
    closed = run.close_tasks(visit, BY_OTHERS)
    run.fact("left", step=visit.step, visit=visit, outcome=outcome, tasks=closed)
    if visit.kind in ("before", "after"):
        _group_decided(run, visit, outcome)
        return
    token, step = visit.token, run.flow.steps[visit.step]
    token.last = visit
    if outcome == "reject":
        run.reject(token, step)
    elif not returns.go_on(run, token, step.id):
        run.leave(token, step)


def _group_decided(run: Run, visit: Visit, outcome: str) -> None:
    """The signers whom a holder added have decided; what he asked them for follows."""
    task = visit.parent_task
    assert task is not None
    if outcome == "reject":
        while visit.parent_task is not None:
            visit = visit.parent_task.visit
        _close(run, visit, "reject")
    elif task.decision is None:
        open_task(run, task, run.approve(task.step))
        run.fact("opened", step=task.step, visit=task.visit, task=task, tasks=[task])
    else:
        vote(run, task, task.decision, task.assignee_id)
        run.fact("opened", step=task.step, visit=task.visit, task=task, tasks=[task])


def add(run: Run, task: Task, people: Sequence[int], when: str, mode: str) -> list[Task]:
    """Add signers before, after or beside a holder; those who sign already are refused."""
    visit = task.visit
    live = {one.assignee_id for one in run.state.tasks if one.live and one.step == task.step}
    if live & set(people):
        raise Conflict("加签的人已经在这一步的审批人中")
    if when == "parallel":
        target = visit
        first = max((one.pos for one in run.state.tasks if one.visit is visit), default=0) + 1
    else:
        if _depth(visit) >= MAX_NESTING:
            raise InputError({"people": f"加签最多 {MAX_NESTING} 层"})
        target = Visit(visit.token, visit.step, when, visit.round, {"mode": mode}, run.now, parent_task=task)
        run.state.visits.append(target)
        task.status, task.next_timer_at = "waiting", None
        first = 0
    step = run.approve(task.step)
    made = []
    for offset, person in enumerate(people):
        one = Task(
            target,
            task.step,
            "approve",
            task.title,
            task.label,
            task.round,
            run.now,
            pos=first + offset,
            assignee_id=person,
            owner_id=person,
        )
        one.why, one.status = f"{run.world.name(run.world.actor)} 加签", "waiting"
        made.append(one)
    run.state.tasks.extend(made)
    target.total += len(made)
    target.live += len(made)
    if when == "parallel" and visit.rule["mode"] != "sequence":
        for one in made:
            open_task(run, one, step)
    elif when != "parallel":
        _open_first(run, target, step)
    return made


def _depth(visit: Visit) -> int:
    return 1 if visit.parent_task is None else 1 + _depth(visit.parent_task.visit)


def wait(run: Run, token: Token, step: Step, until: datetime) -> None:
    """Let a token wait for an instant; the timer sends it on."""
    visit = Visit(token, step.id, "wait", run.state.instance.round, {"mode": "any"}, run.now, total=1, live=1)
    task = Task(visit, step.id, "wait", run.state.instance.title, step.label, visit.round, run.now)
    task.armed_at, task.due_at, task.next_timer_at = run.now, until, until
    run.state.visits.append(visit)
    run.state.tasks.append(task)
    run.fact("waits", step=step.id, visit=visit, task=task, until=until, tasks=[task])


def waited(run: Run, task: Task) -> None:
    """The time is over: the token goes on."""
    visit = task.visit
    _decide(run, task, "approve", None, "")
    visit.status, visit.outcome, visit.left_at = "done", "approve", run.now
    run.fact("left", step=visit.step, visit=visit, outcome="approve", tasks=[task])
    run.leave(visit.token, run.flow.steps[visit.step])


def resubmit(run: Run, task: Task, by: int | None) -> None:
    """The starter has answered: on to who sent it back, or the whole way again."""
    visit, token = task.visit, task.visit.token
    run.state.instance.status = "running"
    _decide(run, task, "resubmit", by, task.opinion or "")
    visit.status, visit.outcome, visit.left_at = "done", "resubmit", run.now
    run.fact("left", step=START, visit=visit, outcome="resubmit", tasks=[task, *run.close_tasks(visit, BY_OTHERS)])
    if not returns.go_on(run, token, START):
        run.go(token, run.flow.first)
