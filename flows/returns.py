"""Returns: sending an instance back to an earlier step, and finding the way again after it was answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import Conflict, InputError
from flows.flow import START
from flows.state import Task, Token, Visit
from flows.steps.base import Follow, Step

if TYPE_CHECKING:
    from flows.run import Run
    from flows.steps.approve import Approve


def targets(run: Run, step: Approve) -> list[str]:
    """The steps to which a holder at this step may send back, the start first."""
    if "return" not in step.can:
        return []
    known = [START, *(s.id for s in run.flow.steps.values() if s.human and s.order < step.order)]
    if step.return_to is not None:
        known = [id for id in known if id in step.return_to]
    active = {visit.step for visit in run.state.visits if visit.status == "open"}
    instance = run.state.instance.id
    return [id for id in known if id == START or (id not in active and run.store.visited(instance, id) is not None)]


def chosen(run: Run, token: Token, step: Approve, to: str | None) -> str:
    """The target that was asked for: a step, `start`, `previous`, or the only one allowed; InputError else."""
    allowed = targets(run, step)
    if to == "previous":
        before = run.store.step_of(token.before) if token.before is not None else None
        to = before or START
    if to is None:
        to = START if START in allowed else (allowed[0] if len(allowed) == 1 else None)
    if to is None or to not in allowed:
        words = "、".join(run.flow.label_of(id) for id in allowed) or "没有可退回的步骤"
        raise InputError({"to": f"不能退回到这一步, 可以退回到: {words}"})
    return to


def send_back(run: Run, token: Token, step: Step, target: str, *, reason: str = "") -> None:
    """Cancel everything below the lowest block around both steps and let the target be visited again."""
    flow, state = run.flow, run.state
    path, goal = flow.path(step.id), flow.path(target)
    common = len(_prefix(path, goal))
    anchor = token
    while anchor.depth > common and anchor.parent is not None:
        anchor = anchor.parent
    places = [one.step for one in state.tokens if one.status in ("active", "stuck") and one.within(anchor)]
    if target != START and any(
        v.status == "open" and v.step == target and not v.token.within(anchor) for v in state.visits
    ):
        raise Conflict(f"「{flow.label_of(target)}」正在处理中, 不能退回到它")
    closed = run.cancel(anchor, "已退回")
    anchor.status, anchor.pending = "active", 0
    state.instance.round += 1
    anchor.resume = None
    straight = getattr(step, "resubmit", flow.resubmit) == "straight_back"
    resume = {"at": target, "to": places, "watch": _seen(run, step.id, target)} if straight else None
    run.fact(
        "returned", step=step.id, to=target, mode="straight_back" if straight else "replay", reason=reason, tasks=closed
    )
    if target == START:
        anchor.resume = resume
        _ask_starter(run, anchor, step)
    else:
        for placed in place(run, anchor, [target]):
            placed.resume = resume


def place(run: Run, base: Token, steps: Sequence[str]) -> list[Token]:
    """Put tokens at these steps below `base`, opening exactly the branches that lead to them."""
    depth = base.depth
    paths = {step: run.flow.path(step) for step in steps}
    here = [step for step in steps if len(paths[step]) == depth]
    if here:
        run.go(base, Follow("step", here[0]), returned=True)
        return [base]
    block = paths[steps[0]][depth][0]
    branches = sorted({paths[step][depth][1] for step in steps})
    placed = []
    for child in run.fork(base, block, branches):
        placed += place(run, child, [step for step in steps if paths[step][depth][1] == child.branch])
    return placed


def go_on(run: Run, token: Token, at: str) -> bool:
    """After a return was answered at this step, go straight back to who sent it; False when the way is walked again.

    If a field changed that decides about the steps between, the whole way is walked again, and the story says why.
    """
    resume = token.resume
    if resume is None or resume["at"] != at:
        return False
    token.resume = None
    now = run.world.values(resume["watch"])
    changed = [name for name, value in resume["watch"].items() if now[name] != value]
    if changed:
        labels = [run.flow.form.fields[name].label for name in changed]
        run.fact("replayed", step=at, changed=labels)
        return False
    base = _base(run, token, at, resume["to"])
    if base is None:
        return False
    while token is not base and token.parent is not None:
        token.status = "done"
        token = token.parent
    base.status, base.pending = "active", 0
    place(run, base, resume["to"])
    return True


def _base(run: Run, token: Token, at: str, steps: Sequence[str]) -> Token | None:
    """The token below which all the steps lie; None when other branches still run below it."""
    own = run.flow.path(at)
    paths = [run.flow.path(step) for step in steps]
    depth = min(len(own), *(len(_prefix(own, path)) for path in paths))
    while token.depth > depth and token.parent is not None:
        if token.parent.pending > 1:
            return None
        token = token.parent
    return token


def _ask_starter(run: Run, token: Token, step: Step) -> None:
    """Give the starter the task to change the record and submit it again."""
    state, instance = run.state, run.state.instance
    instance.status = "returned"
    token.step = START
    visit = Visit(token, START, "step", instance.round, {"mode": "any"}, run.now, previous=token.last or token.before)
    holders = [instance.starter_id] if instance.starter_id else [one.person_id for one in run.world.admins()]
    for pos, person in enumerate(holders):
        task = Task(
            visit,
            START,
            "revise",
            instance.title,
            "退回修改",
            instance.round,
            run.now,
            pos=pos,
            assignee_id=person,
            owner_id=person,
        )
        task.why, task.armed_at = f"由「{step.label}」退回", run.now
        visit.total += 1
        visit.live += 1
        state.tasks.append(task)
        run.tell([person] if person else [], f"退回修改: {instance.title}", f"「{step.label}」退回了这份申请", task)
    state.visits.append(visit)
    run.fact("entered", step=START, visit=visit, tasks=list(state.live_tasks(visit)))


def _seen(run: Run, source: str, target: str) -> dict[str, Any]:
    """What the fields between two steps hold now, for the comparison when the token comes back."""
    names = [name for name in sorted(run.flow.watched(source, target)) if name in run.flow.form.fields]
    return run.world.values(names)


def _prefix(a: Sequence[Any], b: Sequence[Any]) -> Sequence[Any]:
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    return a[:count]
