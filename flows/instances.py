"""Instances: starting a flow on a record, and what its starter and admins do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.expressions import MapEnv
from engine.principal import Principal
from flows import asking, versions, words
from flows.action import finish, need_live, on_instance
from flows.flow import START
from flows.reading import is_id, may_read
from flows.run import Run
from flows.state import Instance as Live
from flows.state import State, Token
from flows.steps.approve import Approve
from flows.steps.update import Update
from flows.store import Store
from flows.tables import copy as copies
from flows.tables import incident as incidents
from flows.tables import instance as table
from flows.view import Line, Preview, View, preview_of, view_of
from flows.view import story as story_of
from flows.world import World, flow_hand
from forms import access, records

if TYPE_CHECKING:
    from engine.work import Work
    from flows.flow import Flow
    from forms.records import Record

URGE_EVERY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Instance:
    """One run of a flow on one record, as everyone who may read it sees it."""

    id: int
    flow: str
    version: int  # of the flow, counted from 1
    form: str
    record_id: int
    title: str
    status: str
    starter_id: int | None
    round: int
    incident: str | None
    started_at: datetime
    ended_at: datetime | None


_SAME = (
    *("id", "flow", "form", "record_id", "title", "status", "starter_id"),
    *("round", "incident", "started_at", "ended_at"),
)


def start(
    work: Work,
    flow: str,
    record_id: int | None = None,
    *,
    starter: Principal | int | None = None,
    values: Mapping[str, Any] | None = None,
) -> Instance:
    """Start a flow on a record, or on a new one made of `values`, in this transaction.

    Raises NotFound, AccessDenied when the starter may not, Conflict when the record is in a flow already.
    """
    version_id = versions.newest(work, flow)
    program: Flow = work.catalog["flow"][flow]
    by = starter.id if isinstance(starter, Principal) else starter if starter is not None else work.principal.id
    record = _record(work, program, record_id, values or {})
    store = Store(work)
    if record_id is None and (already := store.busy(flow, program.form.id, record.id)):
        return get(work, already[0])  # a new record of this form starts by itself
    live = Live(version_id, flow, program.form.id, record.id, program.label, by, work.now)
    world = World(work, program, live)
    _may_start(work, program, world)
    run = Run(program, _claim(store, live), world, store)
    live.title = _title(run)
    world.set(program.start.set)
    cautious = [step for step in program.steps.values() if isinstance(step, Update) and step.asks]
    live.seen = {step.id: world.expected(step) for step in cautious}
    _blocked(run)
    run.fact("started", starter=by, version=version_id).record_version = world.record.version
    store.snapshot(live.id, world.record.version, world.record.stored)
    root = Token(None, 0, START)
    run.state.tokens.append(root)
    run.go(root, program.first)
    finish(work, run)
    return Instance(version=versions.number(work, version_id), **{name: getattr(live, name) for name in _SAME})


def _record(work: Work, program: Flow, record_id: int | None, values: Mapping[str, Any]) -> Record:
    """The record that the flow is about; a new one already has what the start writes, so that guards see it so."""
    form = program.form
    if record_id is not None:
        return records.save(work, form.id, values, id=record_id) if values else records.get(work, form.id, record_id)
    fixed = {name: value.evaluate(MapEnv({})) for name, value in program.start.set.items() if not value.reads}
    if all(access.writable(work.principal, form.fields[name]) for name in fixed):
        return records.save(work, form.id, {**values, **fixed})
    if not access.may(work.principal, form, "create"):
        raise AccessDenied(f"没有新建{form.label}的权限")
    foreign = [
        name for name in values if name in form.fields and not access.writable(work.principal, form.fields[name])
    ]
    if foreign:
        raise InputError(dict.fromkeys(foreign, "没有修改这个字段的权限"))
    return records.save(flow_hand(work, program.id), form.id, {**values, **fixed})


def _claim(store: Store, live: Live) -> State:
    """Put the record into the flow; Conflict when it is in it already, also when somebody else does so right now."""
    state = store.create(live)
    if state is None:
        id, title = store.busy(live.flow, live.form, live.record_id) or (None, "")
        raise Conflict(f"这条记录正在流程「{title}」中", id)
    return state


def _may_start(work: Work, program: Flow, world: World) -> None:
    """Refuse a start that the flow is not in use for, that this person may not make, or that is in another's name."""
    if program.enabled is not None and not program.enabled.holds(world.env):
        raise Conflict(f"流程「{program.label}」没有启用")
    who, me = program.start.who, work.principal
    if me.system:
        return
    if world.instance.starter_id != me.id:
        raise AccessDenied("只能以自己的名义发起")
    if who is None:
        if not access.may(me, program.form, "create"):
            raise AccessDenied(f"你不能发起「{program.label}」")
    elif not any(one.person_id == me.id for one in world.people(who)):
        raise AccessDenied(f"你不能发起「{program.label}」, 需要: {who.describe(work.catalog, me.locale)}")


def _blocked(run: Run) -> None:
    """Refuse to start where a step has nobody and says that this stands against submitting."""
    if any(isinstance(step, Approve) and step.if_nobody == "block_submit" for step in run.flow.steps.values()):
        problems = preview_of(run.flow, run.world).problems
        if problems:
            raise InputError({"": list(problems)})


def _title(run: Run) -> str:
    title = run.flow.title.render(run.world.env) if run.flow.title else f"{run.flow.label} {run.world.record.title}"
    return title[:400]


def get(work: Work, id: int) -> Instance:
    """One instance; NotFound also for those who have no part in it and may not see its record."""
    return _told(work, _row(work, id))


def _row(work: Work, id: int) -> Row[Any]:
    row = work.execute(select(table).where(table.c.id == id)).first() if is_id(id) else None
    if row is None or not may_read(work, row):
        raise NotFound("没有这个流程实例")
    return row


def of(work: Work, form: str, record_id: int) -> list[Instance]:
    """The instances of a record that may be read, newest first."""
    rows = work.execute(
        select(table).where(table.c.form == form, table.c.record_id == record_id).order_by(table.c.id.desc())
    )
    return [_told(work, row) for row in rows if may_read(work, row)]


def _told(work: Work, row: Row[Any]) -> Instance:
    number = versions.number(work, row.version_id)
    return Instance(version=number, **{name: getattr(row, name) for name in _SAME})


def view(work: Work, id: int) -> View:
    """The way of an instance as a tree: what happened, who has it now, what will come."""
    return view_of(work, _row(work, id))


def story(work: Work, id: int, after: int = 0, limit: int = 100) -> list[Line]:
    """What happened to an instance, who did it and with what opinion, in order."""
    return story_of(work, _row(work, id), after, limit)


def enabled(work: Work, flow: Flow, record_id: int) -> bool:
    """Whether the flow is in use for this record, as its settings stand."""
    if flow.enabled is None:
        return True
    hand = flow_hand(work, flow.id)
    return flow.enabled.holds(records.get(hand, flow.form.id, record_id).env(hand))


def mark_read(work: Work, id: int) -> None:
    """Remember that the actor has read their copy."""
    mine = (copies.c.instance_id == id, copies.c.person_id == work.principal.id, copies.c.read_at.is_(None))
    work.execute(copies.update().where(*mine).values(read_at=work.now))


def preview(work: Work, flow: str, record_id: int, *, starter: int | None = None) -> Preview:
    """The way a record would go if it were started now, and what stands in the way."""
    versions.newest(work, flow)
    program = work.catalog["flow"][flow]
    records.get(work, program.form.id, record_id)
    live = Live(0, flow, program.form.id, record_id, program.label, starter or work.principal.id, work.now)
    return preview_of(program, World(work, program, live))


def withdraw(work: Work, id: int, *, reason: str = "", key: str | None = None) -> Instance:
    """Take an application back; only its starter, and only as long as the flow allows."""
    reason, key = words.checked(reason, "reason"), words.checked_key(key)
    with on_instance(work, id) as run:
        instance = run.state.instance
        if key is None or run.store.by_key(id, key) is None:
            if instance.starter_id != work.principal.id:
                raise AccessDenied("只有发起人可以撤回")
            need_live(run)
            policy = run.flow.withdraw
            if policy == "never" or (policy == "before_first_decision" and instance.decided):
                raise Conflict("已经有人审批, 不能撤回" if policy != "never" else "这个流程不允许撤回")
            run.fact("withdrawn", reason=reason).key = key
            run.finish("withdrawn", reason)
    return get(work, id)


def terminate(work: Work, id: int, *, reason: str) -> Instance:
    """End an instance for good; an admin's act that needs a reason."""
    reason = words.checked(reason, "reason")
    with on_instance(work, id) as run:
        _need_admin(run, work)
        need_live(run)
        if not reason:
            raise InputError({"reason": "请填写终止原因"})
        run.fact("terminated", reason=reason)
        run.finish("terminated", reason)
    return get(work, id)


def resubmit(
    work: Work, id: int, *, values: Mapping[str, Any] | None = None, opinion: str = "", key: str | None = None
) -> Instance:
    """Submit again what was sent back, with the changes made to it."""
    from flows import tasks

    row = work.execute(select(tasks.table.c.id).where(
        tasks.table.c.instance_id == id, tasks.table.c.kind == "revise", tasks.table.c.status == "open",
        tasks.table.c.assignee_id == work.principal.id,
    )).first()  # fmt: skip
    if row is None:
        raise Conflict("这份申请没有等待你重新提交")
    tasks.decide(work, row.id, "resubmit", opinion=opinion, values=values or {}, key=key)
    return get(work, id)


def retry(work: Work, id: int, *, overwrite: bool = False) -> Instance:
    """Let a stuck instance go on after its cause was put right; `overwrite` accepts what others changed meanwhile."""
    with on_instance(work, id) as run:
        _need_admin(run, work)
        stuck = [token for token in run.state.tokens if token.status == "stuck"]
        if not stuck and run.state.instance.incident is None:
            raise Conflict("这个流程没有停住")
        if overwrite:
            run.state.instance.seen = {}
        run.state.instance.incident = None
        closed = incidents.update().where(incidents.c.instance_id == id, incidents.c.closed_at.is_(None))
        work.execute(closed.values(closed_at=work.now, closed_by=work.principal.id))
        run.fact("retried")
        for token in stuck:
            run.retry(token)
        for task in run.state.live_tasks():
            if task.kind == "approve" and task.status == "open" and task.next_timer_at is None:
                task.next_timer_at = run.approve(task.step).limits.at(run.world, task, task.timer_step)
    return get(work, id)


def urge(work: Work, id: int) -> None:
    """Remind whoever has it now; at most once in half an hour."""
    with on_instance(work, id) as run:
        instance = run.state.instance
        if instance.starter_id != work.principal.id:
            raise AccessDenied("只有发起人可以催办")
        need_live(run)
        if instance.urged_at is not None and work.now - instance.urged_at < URGE_EVERY:
            raise Conflict("30 分钟内已经催办过")
        instance.urged_at = work.now
        told = [id for task in run.state.live_tasks() if task.status == "open" for id in asking.holders(run, task)]
        run.fact("urged", people=told)
        for task in run.state.live_tasks():
            if task.status == "open":
                run.tell(
                    asking.holders(run, task), f"催办: {instance.title}", f"{work.principal.name} 请你尽快处理", task
                )


def _need_admin(run: Run, work: Work) -> None:
    if not work.principal.system and work.principal.id not in {one.person_id for one in run.world.admins()}:
        raise AccessDenied("只有流程管理员可以这样做")
