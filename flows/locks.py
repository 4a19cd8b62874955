"""Locks: what somebody submitted is changed only by the steps that decide; and records that start a flow themselves.

A flow that the system started, on a receivable for instance, leaves its record open to everyday work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import AccessDenied
from flows import instances, versions
from flows.flow import Flow

if TYPE_CHECKING:
    from engine.events import Event
    from engine.work import Work

_LIVE = """SELECT version_id, status, starter_id FROM g_instance
WHERE starter_id IS NOT NULL AND form = :form AND record_id = :record AND status IN ('running', 'returned')"""


def on_record(work: Work, event: Event) -> None:
    """Start what starts by itself; refuse changes to what is being decided about."""
    if event.form is None or event.record_id is None:
        return
    if event.name == "record.created":
        _start(work, event.form, event.record_id)
    elif event.name in ("record.updated", "record.deleted") and work.cause.kind not in ("flow", "rule"):
        _refuse(work, event)


def _start(work: Work, form: str, record_id: int) -> None:
    for flow in work.catalog["flow"].values():
        if flow.form.id == form and flow.start.auto and instances.enabled(work, flow, record_id):
            instances.start(work, flow.id, record_id)


def _refuse(work: Work, event: Event) -> None:
    live = work.driver(_LIVE, {"form": event.form, "record": event.record_id}).fetchall()
    for version_id, status, starter_id in live:
        flow = versions.program(work, version_id)
        if flow.lock:
            _refuse_in(work, event, flow, status, starter_id)


def _refuse_in(work: Work, event: Event, flow: Flow, status: str, starter_id: int) -> None:
    if event.name == "record.deleted":
        raise AccessDenied(f"「{flow.label}」审批中, 不能删除")
    if status == "running":
        raise AccessDenied(f"「{flow.label}」审批中, 不能修改; 需要修改请撤回, 或由审批人退回")
    allowed = flow.start.edit
    foreign = [name for name in event.changes if allowed is not None and name not in allowed]
    if work.principal.id != starter_id or foreign:
        raise AccessDenied(f"「{flow.label}」已退回, 只有发起人可以修改退回的内容")
