"""One task as its page shows it: the record, what may be changed and done, and the way of the instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.errors import AccessDenied, NotFound
from flows import reading, returns, singles, versions
from flows.run import Run
from flows.store import Store
from flows.tables import instance as instances
from flows.tables import task as table
from flows.view import View, view_of
from flows.world import World, flow_hand
from forms import access, records
from forms.record import Record

if TYPE_CHECKING:
    from engine.work import Work
    from flows.flow import Flow
    from flows.steps.approve import Approve
    from forms.form import Field


class Shown(Record):
    """A record of which only these fields can be read."""

    def __init__(self, work: Work, record: Record, fields: Iterable[str]) -> None:
        super().__init__(work, record.form, record.stored)
        self._shown = {id: record.form.fields[id] for id in fields}

    @cached_property
    def _visible(self) -> dict[str, Field]:
        return self._shown


def _shown(work: Work, hand: Work, record: Record, more: Iterable[str] = (), hidden: Iterable[str] = ()) -> Shown:
    """The record as its reader sees it at a step: what roles allow, and what the step gives or hides."""
    given, gone = set(more), set(hidden)
    fields = record.form.fields.values()
    allowed = (one.id for one in fields if one.id in given or access.readable(work.principal, one))
    return Shown(hand, record, [id for id in allowed if id not in gone])


@dataclass(frozen=True, slots=True)
class Detail:
    """One task for one reader. `actions` are the buttons; nobody else gets any."""

    id: int
    kind: str
    title: str
    label: str
    status: str
    decision: str | None
    opinion: str | None
    created_at: datetime
    due_at: datetime | None
    overdue: bool
    assignee_id: int | None
    pool: bool
    form: str | None
    record: Record | None
    hidden: frozenset[str] = frozenset()
    edit: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    opinion_needed: str = "never"
    actions: tuple[str, ...] = ()
    return_to: Mapping[str, str] = field(default_factory=dict)  # step to label
    options: Mapping[str, str] = field(default_factory=dict)  # results of a single task
    needs: Mapping[str, str] | None = None
    instance_id: int | None = None
    view: View | None = None


def get(work: Work, id: int) -> Detail:
    """One task; NotFound when there is none, AccessDenied for those who have no part in it."""
    row = work.execute(select(table).where(table.c.id == id)).first() if reading.is_id(id) else None
    if row is None or row.kind == "wait":
        raise NotFound("没有这个待办")
    return _single(work, row) if row.instance_id is None else _of_flow(work, row)


def _single(work: Work, row: Any) -> Detail:
    mine = singles.may_act(work, row)
    if not mine and not work.principal.system and row.closed_by != work.principal.id:
        raise AccessDenied("这不是你的待办")
    hand = flow_hand(work, "task")
    record = _shown(work, hand, records.get(hand, row.form, row.record_id)) if row.form else None
    acting = mine and row.status == "open"
    return Detail(
        **_common(work, row),
        record=record,
        actions=("finish",) if acting else (),
        options=row.options or {},
        needs=row.needs,
    )


def _of_flow(work: Work, row: Any) -> Detail:
    instance = work.execute(select(instances).where(instances.c.id == row.instance_id)).one()
    if not reading.takes_part(work, instance.id, instance.starter_id) and not reading.copied(work, instance.id):
        raise AccessDenied("这不是你的待办")
    flow = versions.program(work, instance.version_id)
    hand = flow_hand(work, flow.id)
    record = records.get(hand, flow.form.id, instance.record_id)
    common = {**_common(work, row), "instance_id": instance.id, "view": view_of(work, instance)}
    if row.kind == "revise":
        return Detail(**common, record=_shown(work, hand, record), **_revising(work, row, flow))
    step: Approve = flow.steps[row.step]  # type: ignore[assignment]
    hidden = frozenset() if instance.starter_id == work.principal.id else step.rights.hidden
    record = _shown(work, hand, record, step.rights.edit, hidden)
    return Detail(**common, record=record, hidden=hidden, **_deciding(work, row, flow, step))


_TOLD = (
    *("id", "kind", "title", "label", "status", "decision", "opinion"),
    *("created_at", "due_at", "assignee_id", "form"),
)


def _common(work: Work, row: Any) -> dict[str, Any]:
    overdue = bool(row.due_at and row.status == "open" and row.due_at < work.now)
    return {
        "overdue": overdue,
        "pool": row.assignee_id is None,
        **{name: getattr(row, name) for name in _TOLD},
    }


def _revising(work: Work, row: Any, flow: Flow) -> dict[str, Any]:
    if row.status != "open" or row.assignee_id != work.principal.id:
        return {}
    fields = flow.start.edit
    if fields is None:
        fields = tuple(one.id for one in flow.form.fields.values() if one.compute is None and not one.system)
    return {"edit": fields, "actions": ("resubmit", "withdraw")}


def _deciding(work: Work, row: Any, flow: Flow, step: Approve) -> dict[str, Any]:
    store = Store(work)
    pool = store.pool(row.id)
    me = work.principal
    mine = row.assignee_id == me.id
    if row.assignee_id is None and me.id is not None and row.barred_id != me.id:
        mine = any(ref == str(me.id) if kind == "person" else ref in me.roles for kind, ref in pool)
    if row.status != "open" or not mine:
        return {}
    state = store.load(row.instance_id, lock=False)
    assert state is not None
    targets = returns.targets(Run(flow, state, World(work, flow, state.instance), store), step)
    actions = [
        "approve",
        "reject",
        *(["return"] if targets else []),
        *(word for word in ("transfer", "add_signer") if word in step.can),
    ]
    if step.rule["mode"] == "vote":
        actions.append("abstain")
    if pool:
        actions.append("claim" if row.assignee_id is None else "release")
    return {
        "edit": tuple(name for name in flow.form.fields if name in step.rights.edit),
        "require": step.rights.require,
        "opinion_needed": step.opinion,
        "actions": tuple(actions),
        "return_to": {id: flow.label_of(id) for id in targets},
    }
