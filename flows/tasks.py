"""Tasks: what people decide; every decision is one transaction under the lock of its instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from engine import people as directory
from engine.errors import AccessDenied, Conflict, GuijuError, InputError
from flows import asking, returns, words
from flows.action import need_live, on_task
from flows.inbox import Item, counts, inbox
from flows.one import Detail, get
from flows.reading import candidate_clause
from flows.run import Run
from flows.singles import close, finish, open
from flows.state import Task
from flows.steps.approve import Approve
from flows.tables import task as table
from forms import records

if TYPE_CHECKING:
    from engine.work import Work

__all__ = [
    "Answer", "Detail", "Item", "add_signer", "claim", "close", "counts", "decide", "decide_many", "finish", "get",
    "inbox", "open", "release", "table", "transfer",
]  # fmt: skip

DECISIONS = ("approve", "reject", "return", "abstain", "resubmit")
WHEN = ("before", "after", "parallel")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a decision. `repeated` says that the same click had arrived before; this is its first answer."""

    task_id: int
    instance_id: int
    decision: str
    status: str  # of the instance
    at: datetime
    repeated: bool = False
    error: str | None = None  # only in answers to a batch


def decide(
    work: Work,
    id: int,
    decision: str,
    *,
    opinion: str = "",
    values: Mapping[str, Any] | None = None,
    to: str | None = None,
    key: str | None = None,
    version: int | None = None,
) -> Answer:
    """Give an answer on a task: approve, reject, return (`to` a step, `start` or `previous`), abstain, resubmit.

    `values` are new values of fields that the step may change, `version` the version of the record that
    was looked at, `key` the page's own id of this click: the same key again gets the first answer. Raises
    AccessDenied, InputError, Conflict (who was faster, and what stands now), NotFound.
    """
    if decision not in DECISIONS:
        raise InputError({"decision": f"没有这种处理: {decision}"})
    opinion, key = words.checked(opinion), words.checked_key(key)
    with on_task(work, id) as (run, task):
        before = run.store.by_key(run.state.instance.id, key) if key else None
        if before is not None:
            return Answer(
                id,
                run.state.instance.id,
                str(before[5].get("decision", before[0])),
                str(before[5].get("status", "")),
                before[3],
                True,
            )
        held = mine(work, run, task, id)
        fact = _decide(work, run, held, decision, opinion, values or {}, to, version)
        fact.key = key
        run.drain()
        fact.payload["status"] = run.state.instance.status
        return Answer(id, run.state.instance.id, decision, run.state.instance.status, work.now)


def _decide(
    work: Work,
    run: Run,
    task: Task,
    decision: str,
    opinion: str,
    values: Mapping[str, Any],
    to: str | None,
    version: int | None,
) -> Any:
    if task.kind == "revise":
        return _resubmit(work, run, task, decision, opinion, values, version)
    step = run.approve(task.step)
    if decision == "resubmit" or (decision == "abstain" and step.rule["mode"] != "vote"):
        raise InputError({"decision": "这一步不能这样处理"})
    _need_opinion(step, decision, opinion)
    target = returns.chosen(run, task.visit.token, step, to) if decision == "return" else None
    _save(work, run, step, decision, values, version)
    fact = _record(work, run, task, decision, opinion)
    if target is None:
        asking.vote(run, task, decision, work.principal.id)
    else:
        task.status, task.decision, task.closed_at, task.closed_by = "done", decision, work.now, work.principal.id
        task.next_timer_at = None
        task.visit.live -= 1
        returns.send_back(run, task.visit.token, step, target, reason=opinion)
    return fact


def _record(work: Work, run: Run, task: Task, decision: str, opinion: str) -> Any:
    """Write the decision into the story, with the form as it was seen."""
    run.state.instance.decided += 1
    task.opinion = opinion
    task.assignee_id = work.principal.id if task.assignee_id is None else task.assignee_id
    record = run.world.record
    run.store.snapshot(run.state.instance.id, record.version, record.stored)
    fact = run.fact(
        "decided", step=task.step, visit=task.visit, task=task, decision=decision, opinion=opinion, tasks=[task]
    )
    fact.record_version = record.version
    return fact


def _resubmit(
    work: Work, run: Run, task: Task, decision: str, opinion: str, values: Mapping[str, Any], version: int | None
) -> Any:
    if decision != "resubmit":
        raise InputError({"decision": "退回的申请只能修改后重新提交"})
    allowed = run.flow.start.edit
    foreign = [name for name in values if allowed is not None and name not in allowed]
    if foreign:
        labels = "、".join(
            run.flow.form.fields[name].label if name in run.flow.form.fields else name for name in foreign
        )
        raise AccessDenied(f"重新提交时不能修改: {labels}")
    if values:
        own = work.acting(work.principal, work.cause.then("flow", run.flow.id))
        run.world.know(records.save(own, run.flow.form.id, values, id=run.state.instance.record_id, version=version))
    fact = _record(work, run, task, decision, opinion)
    run.state.instance.decided -= 1
    asking.resubmit(run, task, work.principal.id)
    return fact


def _need_opinion(step: Approve, decision: str, opinion: str) -> None:
    if opinion:
        return
    if step.opinion == "always" or decision == "return" or (step.opinion == "on_reject" and decision == "reject"):
        asked = {"reject": "请填写拒绝原因", "return": "请填写退回原因"}
        raise InputError({"opinion": asked.get(decision, "请填写审批意见")})


def _save(work: Work, run: Run, step: Approve, decision: str, values: Mapping[str, Any], version: int | None) -> None:
    """Merge what the person changed; the same field changed meanwhile by someone else is theirs to look at first."""
    form, record = run.flow.form, run.world.record
    step.rights.refuse_foreign(form, values)
    if version is not None and version != record.version:
        _refuse_overlap(work, run, values, version)
    if values:
        run.world.save(values)
    if decision == "approve":
        step.rights.missing(form, run.world.record.stored)


def _refuse_overlap(work: Work, run: Run, values: Mapping[str, Any], seen: int) -> None:
    from engine import history

    record, form = run.world.record, run.flow.form
    entries = [one for one in history.of(work, form.id, record.id) if one.version > seen]
    both = [name for name in values if any(name in entry.changes for entry in entries)]
    if both:
        labels = "、".join(form.fields[name].label for name in both)
        now = {name: record.stored.get(name) for name in both}
        raise Conflict(f"{entries[0].actor}刚刚修改了{labels}, 请核对后再提交", now)


def mine(work: Work, run: Run, task: Task | None, id: int) -> Task:
    """The task if the actor may act on it now; else AccessDenied, or Conflict with who was faster."""
    me = work.principal
    if task is None or task.status != "open":
        raise _too_late(work, run, id)
    if not may_act(work, run, task):
        raise AccessDenied("这不是你的待办")
    need_live(run)
    if me.id is None:
        raise AccessDenied("待办由人来处理")
    return task


def may_act(work: Work, run: Run, task: Task) -> bool:
    """Whether the actor holds this task or may take it from its pool."""
    me = work.principal
    if task.assignee_id is not None:
        return task.assignee_id == me.id
    if me.id is None or me.id == task.barred_id:
        return False
    return any(ref == str(me.id) if kind == "person" else ref in me.roles for kind, ref in run.store.pool(task.id))


def _too_late(work: Work, run: Run, id: int) -> GuijuError:
    row = work.execute(table.select().where(table.c.id == id)).one()
    clause, holes = candidate_clause(work.principal)
    pool = work.driver(
        f"SELECT 1 FROM g_task_candidate c WHERE c.task_id = :id AND {clause}", {"id": id, **holes}
    ).fetchone()
    if work.principal.id not in (row.assignee_id, row.owner_id, row.closed_by) and pool is None:
        return AccessDenied("这不是你的待办")
    given = _decisive(work, row)
    if given is not None:
        done = {"approve": "同意", "reject": "拒绝", "return": "退回", "abstain": "弃权", "resubmit": "重新提交"}
        who = directory.get(work, given.closed_by).name if given.closed_by is not None else "系统"
        return Conflict(
            f"已由{who}处理: {done.get(given.decision, given.decision)}",
            {"decision": given.decision, "by": who, "at": given.closed_at},
        )
    if row.status == "waiting":
        return Conflict("正在等待加签的人先处理", {"status": row.status})
    return Conflict(f"这个待办已关闭: {row.reason or row.status}", {"status": row.status, "reason": row.reason})


def _decisive(work: Work, row: Row[Any]) -> Row[Any] | None:
    """The task whose answer closed this one: itself, or another's of the same step that was enough."""
    if row.status == "done":
        return row if row.decision is not None else None
    if row.reason != asking.BY_OTHERS:
        return None
    answered = table.c.visit_id == row.visit_id, table.c.status == "done", table.c.decision.is_not(None)
    latest = table.select().where(*answered).order_by(table.c.closed_at.desc(), table.c.id.desc()).limit(1)
    return work.execute(latest).first()


def decide_many(
    work: Work, items: Sequence[int], decision: str, *, opinion: str = "", key: str | None = None
) -> list[Answer]:
    """Give the same answer on many tasks, each for itself: one that cannot be decided leaves the others alone."""
    answers = []
    for id in items:
        try:
            with work.connection.begin_nested():
                answers.append(decide(work, id, decision, opinion=opinion, key=f"{key}:{id}" if key else None))
        except GuijuError as error:
            answers.append(Answer(id, 0, decision, "", work.now, error=str(error)))
    return answers


def transfer(work: Work, id: int, to: int, *, opinion: str = "") -> None:
    """Hand a task to somebody else, who then decides in the same place."""
    opinion = words.checked(opinion)
    with on_task(work, id) as (run, task):
        held = mine(work, run, task, id)
        step = _allowed(run, held, "transfer", "转办")
        _fit(work, run, held, [to])
        hand_over(run, held, to, why=f"{work.principal.name} 转办", opinion=opinion)
        step.limits.arm(run.world, held, work.now)


def hand_over(run: Run, task: Task, to: int, *, why: str, opinion: str = "") -> None:
    """Change the holder of a task; the first one stays known as its owner."""
    before = task.assignee_id
    task.owner_id = task.owner_id or before
    task.assignee_id, task.why = to, why
    run.fact(
        "transferred",
        step=task.step,
        visit=task.visit,
        task=task,
        before=before,
        to=to,
        why=why,
        opinion=opinion,
        tasks=[task],
    )
    run.tell([to], f"待审批: {task.title}", why, task)


def add_signer(
    work: Work,
    id: int,
    people: Sequence[int],
    when: str,
    *,
    sign: str = "any",
    opinion: str = "",
    values: Mapping[str, Any] | None = None,
) -> None:
    """Add people before (they first, then I), after (I agree now, they too) or parallel to me.

    `sign` is how the added group decides: any, all or sequence.
    """
    if when not in WHEN or sign not in ("any", "all", "sequence"):
        raise InputError({"when": "请选择前加签、后加签或并加签"})
    opinion = words.checked(opinion)
    with on_task(work, id) as (run, task):
        held = mine(work, run, task, id)
        step = _allowed(run, held, "add_signer", "加签")
        _fit(work, run, held, people)
        held.assignee_id = held.assignee_id or work.principal.id
        if when == "after":
            _need_opinion(step, "approve", opinion)
            _save(work, run, step, "approve", values or {}, None)
            _record(work, run, held, "approve", opinion)
            held.decision = "approve"
        made = asking.add(run, held, people, when, sign)
        run.fact(
            "signers_added",
            step=held.step,
            visit=held.visit,
            task=held,
            when=when,
            opinion=opinion,
            tasks=[held, *made],
        )


def claim(work: Work, id: int) -> None:
    """Take a task of a pool, so that the others no longer have it."""
    with on_task(work, id) as (run, task):
        held = mine(work, run, task, id)
        if held.assignee_id is None:
            held.assignee_id = work.principal.id
            run.fact("claimed", step=held.step, visit=held.visit, task=held, tasks=[held])


def release(work: Work, id: int) -> None:
    """Give a task back to its pool."""
    with on_task(work, id) as (run, task):
        held = mine(work, run, task, id)
        if not run.store.pool(held.id):
            raise Conflict("这个待办不属于候选池, 不能放回")
        held.assignee_id = None
        run.fact("released", step=held.step, visit=held.visit, task=held, tasks=[held])


def _allowed(run: Run, task: Task, what: str, word: str) -> Approve:
    if task.kind != "approve" or what not in run.approve(task.step).can:
        raise AccessDenied(f"这一步不能{word}")
    return run.approve(task.step)


def _fit(work: Work, run: Run, task: Task, people: Sequence[int]) -> None:
    """Refuse people who have left, who sign here already, or who started it themselves."""
    if not people:
        raise InputError({"people": "请选择人员"})
    found = {one.id: one for one in directory.many(work, people)}
    live = {one.assignee_id for one in run.state.live_tasks() if one.step == task.step}
    step = run.approve(task.step)
    for id in people:
        if id not in found or not found[id].active:
            raise InputError({"people": "选择的人员已停用"})
        if id == work.principal.id:
            raise InputError({"people": "不能选择自己"})
        if id in live:
            raise Conflict(f"{found[id].name}已经是这一步的审批人")
        if id == run.state.instance.starter_id and step.if_self != "allow":
            raise InputError({"people": "发起人不能审批自己的申请"})
