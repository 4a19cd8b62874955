"""View: the way of an instance as a tree for its page: what happened, who has it now, what will come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine import people
from engine.errors import GuijuError
from flows import approvers, signing, versions
from flows.flow import START
from flows.state import RUNNING, Instance
from flows.steps.approve import Approve
from flows.tables import candidate as candidates
from flows.tables import flow_event as events
from flows.tables import task as tasks
from flows.tables import visit as visits
from flows.world import World

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.work import Work
    from flows.flow import Flow
    from flows.steps import Case, Step


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's part of a step; `names` are several where a pool has not been claimed."""

    task_id: int | None
    names: tuple[str, ...]
    why: str
    status: str  # open, waiting, done, cancelled, expected
    decision: str | None = None
    opinion: str | None = None
    at: datetime | None = None
    took: timedelta | None = None
    due_at: datetime | None = None
    overdue: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One case of a block; `taken` is None while nobody can know."""

    label: str
    taken: bool | None
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One step. `state`: done, rejected, returned, current, stuck, todo, skipped."""

    id: str
    kind: str
    label: str
    state: str
    brief: str = ""
    mode: str = ""
    signatures: tuple[Signature, ...] = ()
    entered_at: datetime | None = None
    left_at: datetime | None = None
    note: str = ""
    opinion: str = "never"
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """The whole way, and the line on top of it."""

    instance_id: int
    flow: str
    label: str
    version: int
    title: str
    status: str
    starter: str
    started_at: datetime
    ended_at: datetime | None
    incident: str | None
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The way before the start; `problems` say what stands against starting."""

    nodes: tuple[Node, ...]
    problems: tuple[str, ...]


def view_of(work: Work, row: Row[Any]) -> View:
    """The tree of one instance; the caller has asked who may see it."""
    flow = versions.program(work, row.version_id)
    live = Instance(
        row.version_id,
        row.flow,
        row.form,
        row.record_id,
        row.title,
        row.starter_id,
        row.started_at,
        id=row.id,
        status=row.status,
    )
    past = _Past.read(work, row.id)
    drawing = _Drawing(work, flow, World(work, flow, live), past, row.status in RUNNING)
    starter = people.get(work, row.starter_id).name if row.starter_id else "系统"
    first = drawing.start(starter, row.started_at)
    return View(
        row.id,
        row.flow,
        flow.label,
        versions.number(work, row.version_id),
        row.title,
        row.status,
        starter,
        row.started_at,
        row.ended_at,
        row.incident,
        (first, *drawing.nodes(flow.tree, True), *drawing.nodes(flow.tail, True)),
    )


def preview_of(flow: Flow, world: World) -> Preview:
    """The tree as it would be walked, and the steps for which nobody is found."""
    drawing = _Drawing(world.hand, flow, world, _Past(), True)
    nodes = tuple(drawing.nodes(flow.tree, True))
    return Preview((*nodes, *drawing.nodes(flow.tail, True)), tuple(drawing.problems))


@dataclass
class _Past:
    """What happened last at each step."""

    visits: dict[str, Row[Any]] = field(default_factory=dict)
    tasks: dict[str, list[Row[Any]]] = field(default_factory=dict)
    pools: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    events: dict[tuple[str, str], Row[Any]] = field(default_factory=dict)
    returns: Sequence[Row[Any]] = ()

    @classmethod
    def read(cls, work: Work, instance: int) -> _Past:
        past = cls()
        newest = (
            select(func.max(visits.c.id))
            .where(visits.c.instance_id == instance, visits.c.kind.in_(("step", "wait")))
            .group_by(visits.c.step)
        )
        past.visits = {row.step: row for row in work.execute(select(visits).where(visits.c.id.in_(newest)))}
        ids = [row.id for row in past.visits.values()]
        inner = select(visits.c.id).where(
            visits.c.instance_id == instance, visits.c.kind.in_(("before", "after")), visits.c.id > min(ids, default=0)
        )
        found = (
            select(tasks)
            .where(tasks.c.visit_id.in_(ids) | tasks.c.visit_id.in_(inner))
            .order_by(tasks.c.visit_id, tasks.c.pos, tasks.c.id)
        )
        for row in work.execute(found):
            visit = past.visits.get(row.step)
            if visit is not None and row.visit_id >= visit.id:
                past.tasks.setdefault(row.step, []).append(row)
        waiting = [row.id for rows in past.tasks.values() for row in rows if row.assignee_id is None]
        for row in work.execute(select(candidates).where(candidates.c.task_id.in_(waiting))):
            past.pools.setdefault(row.task_id, []).append((row.kind, row.ref))
        past._read_events(work, instance)
        return past

    def _read_events(self, work: Work, instance: int) -> None:
        kinds = ("chosen", "forked", "updated", "copied", "auto_decided", "incident", "entered")
        here = events.c.instance_id == instance
        newest = (
            select(func.max(events.c.id)).where(here, events.c.type.in_(kinds)).group_by(events.c.step, events.c.type)
        )
        self.events = {(row.type, row.step): row for row in work.execute(select(events).where(events.c.id.in_(newest)))}
        back = (
            select(events)
            .where(here, events.c.type.in_(("returned", "replayed")))
            .order_by(events.c.seq.desc())
            .limit(50)
        )
        self.returns = list(work.execute(back))

    def stands(self, flow: Flow, step: Step, seq: int) -> bool:
        """Whether what happened at a step then was not undone by a return whose way is walked again."""
        for row in self.returns:
            if row.seq < seq:
                return True
            if row.type == "replayed" and step.order > flow.order(row.step):
                return False
            if (
                row.type == "returned"
                and row.payload["mode"] == "replay"
                and step.order >= flow.order(row.payload["to"])
            ):
                return False
        return True


class _Drawing:
    """Draws nodes from the program, the past, and conditions as they stand now."""

    def __init__(self, work: Work, flow: Flow, world: World, past: _Past, running: bool) -> None:
        self.work, self.flow, self.world, self.past, self.running = work, flow, world, past, running
        self.problems: list[str] = []

    def start(self, starter: str, at: datetime) -> Node:
        back = self.past.visits.get(START)
        state = "current" if back is not None and back.status == "open" else "done"
        note = "已退回, 等待修改后重新提交" if state == "current" else ""
        return Node(START, START, self.flow.label_of(START), state, starter, entered_at=at, left_at=at, note=note)

    def nodes(self, steps: Sequence[Step], reached: bool) -> list[Node]:
        return [self.node(step, reached) for step in steps]

    def node(self, step: Step, reached: bool) -> Node:
        visit = self.past.visits.get(step.id)
        state, event = self._state(step, visit, reached)
        common: dict[str, Any] = {
            "id": step.id,
            "kind": step.name,
            "label": step.label,
            "state": state,
            "brief": step.brief(),
        }
        if step.cases:
            return Node(**common, branches=tuple(self._branches(step, state, reached)))
        if isinstance(step, Approve):
            return Node(
                **common,
                mode=signing.MODES[step.rule["mode"]],
                opinion=step.opinion,
                **self._people(step, visit, state, event),
            )
        if visit is not None and state in ("done", "current"):
            return Node(**common, entered_at=visit.entered_at, left_at=visit.left_at)
        return Node(**common, left_at=event.at if event is not None and state != "todo" else None)

    def _state(self, step: Step, visit: Row[Any] | None, reached: bool) -> tuple[str, Row[Any] | None]:
        """The state of a step and the event it follows from."""
        later = "todo" if self.running and reached else "skipped"
        incident = self.past.events.get(("incident", step.id))
        types = ("entered", "updated", "copied", "chosen", "forked", "auto_decided")
        found = [event for type in types if (event := self.past.events.get((type, step.id))) is not None]
        event = max(found, key=lambda one: one.seq, default=None)
        if incident is not None and self.running and (event is None or incident.seq > event.seq):
            return "stuck", incident
        if event is None or not self.past.stands(self.flow, step, event.seq):
            return later, None
        if visit is None or event.type not in ("entered", "auto_decided"):
            return "done", event
        if visit.status == "open":
            return "current", event
        if visit.status == "cancelled":
            return "returned" if self.running else "skipped", event
        return ("rejected" if visit.outcome == "reject" else "done"), event

    def _branches(self, step: Step, state: str, reached: bool) -> list[Branch]:
        taken = self._taken(step, state, reached)
        return [
            Branch(
                case.label,
                None if taken is None else case.index in taken,
                tuple(self.nodes(case.steps, reached and (taken is None or case.index in taken))),
            )
            for case in step.cases
        ]

    def _taken(self, step: Step, state: str, reached: bool) -> set[int] | None:
        """The cases that were taken, or would be now; None when nobody can say."""
        type = "chosen" if step.name == "choose" else "forked"
        event = self.past.events.get((type, step.id))
        if event is not None and state == "done":
            return {event.payload["case"]} if type == "chosen" else set(event.payload["cases"])
        if not (self.running and reached):
            return set()
        try:
            return _foreseen(step, self.world)
        except GuijuError:
            return None

    def _people(self, step: Approve, visit: Row[Any] | None, state: str, event: Row[Any] | None) -> dict[str, Any]:
        if visit is None or state in ("todo", "skipped"):
            return {"signatures": self._expected(step) if state == "todo" else ()}
        rows = self.past.tasks.get(step.id, ())
        note = str(event.payload.get("why") or event.payload.get("text") or "") if event is not None else ""
        return {
            "signatures": tuple(self._signature(row) for row in rows),
            "entered_at": visit.entered_at, "left_at": visit.left_at, "note": note,
        }  # fmt: skip

    def _expected(self, step: Approve) -> tuple[Signature, ...]:
        """Who would be asked now; what cannot be found is told as a problem of the preview."""
        try:
            found = approvers.find(step, self.world)
        except GuijuError as error:
            self.problems.append(str(error))
            return ()
        if step.if_nobody == "block_submit" and not self.world.people(step.who):
            self.problems.append(f"「{step.label}」没有审批人")
        return tuple(
            Signature(
                None,
                self._names([one.person] if one.person else self.world.pool(("role", role) for role in one.roles)),
                one.why,
                "expected",
            )
            for one in found.signers
        )

    def _signature(self, row: Row[Any]) -> Signature:
        ids = (
            [row.closed_by or row.assignee_id]
            if row.assignee_id or row.closed_by
            else self.world.pool(self.past.pools.get(row.id, ()))
        )
        done = row.closed_at if row.status == "done" else None
        overdue = bool(row.status == "open" and row.due_at and row.due_at < self.work.now)
        return Signature(
            row.id,
            self._names([id for id in ids if id != row.barred_id]),
            row.why,
            row.status,
            row.decision,
            row.opinion,
            done,
            done - row.armed_at if done else None,
            row.due_at,
            overdue,
            row.reason,
        )

    def _names(self, ids: Sequence[int]) -> tuple[str, ...]:
        return tuple(person.name for person in people.many(self.work, ids))


def _foreseen(step: Step, world: World) -> set[int]:
    """The cases that would be taken as the record stands."""
    cases: Sequence[Case] = step.cases
    if step.name == "choose":
        return {world.first_true(cases).index}
    if not getattr(step, "inclusive", False):
        return {case.index for case in cases}
    found = {case.index for case in cases if not case.otherwise and world.case_holds(case)}
    return found or {case.index for case in cases if case.otherwise}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story of an instance."""

    seq: int
    at: datetime
    type: str
    actor: str
    step: str | None
    label: str | None
    opinion: str
    payload: Mapping[str, Any]


def story(work: Work, instance: Row[Any], after: int = 0, limit: int = 100) -> list[Line]:
    """What happened, in order; `after` is the number of the last line already seen."""
    flow = versions.program(work, instance.version_id)
    found = (
        select(events)
        .where(events.c.instance_id == instance.id, events.c.seq > after)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [
        Line(
            row.seq, row.at, row.type, row.actor, row.step,
            flow.label_of(row.step) if row.step == START or row.step in flow.steps else row.step,
            str(row.payload.get("opinion") or row.payload.get("reason") or ""), row.payload,
        )
        for row in work.execute(found)
    ]  # fmt: skip
