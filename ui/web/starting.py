"""Starting: the flows that a person may start on a record, or on a new one.

Flows that name no starter are begun by rules, and those that lead on from a refusal are offered there.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.work import Work
from flows import instances
from flows.flow import Flow
from flows.state import RUNNING
from forms.env import RecordEnv
from forms.form import Form
from forms.records import Record
from ui.web.templating import label


@dataclass(frozen=True, slots=True)
class Offer:
    """A flow that may be started; `submits` says that the record is the application itself: its status follows."""

    id: str
    label: str
    submits: bool


def startable(work: Work, form: Form, record: Record | None) -> list[Offer]:
    """The flows that may be started; none while the record is in one."""
    if record is not None and any(one.status in RUNNING for one in instances.of(work, form.id, record.id)):
        return []
    ways_out = {guard.flow for other in work.catalog["form"].values() for guard in other.guards.values()}
    flows = [flow for flow in work.catalog["flow"].values() if flow.form.id == form.id and flow.id not in ways_out]
    offers = [
        Offer(flow.id, label(flow.label), flow.status is not None)
        for flow in flows
        if _may_start(work, flow, form, record)
    ]
    return [one for one in offers if one.submits or record is not None]


def _may_start(work: Work, flow: Flow, form: Form, record: Record | None) -> bool:
    if flow.start.who is None or (flow.start.auto and record is None):
        return False
    env = record.env(work) if record is not None else RecordEnv(work, form, {})
    if flow.enabled is not None and not flow.enabled.holds(env):
        return False
    me = work.principal.id
    return any(one.person_id == me for one in flow.start.who.resolve(work, env, starter=me))
