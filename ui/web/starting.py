"""Starting: the flows that a person may start on a record, or on a new one."""

from __future__ import annotations

from engine.work import Work
from flows import instances
from flows.flow import Flow
from forms.env import RecordEnv
from forms.form import Form
from forms.records import Record
from ui.web.templating import label


def startable(work: Work, form: Form, record: Record | None) -> list[tuple[str, str]]:
    """Id and label of each; none while the record is in a flow, none that starts by itself."""
    if record is not None and any(
        one.status in ("running", "returned") for one in instances.of(work, form.id, record.id)
    ):
        return []
    flows = [flow for flow in work.catalog["flow"].values() if flow.form.id == form.id]
    return [(flow.id, label(flow.label)) for flow in flows if _may_start(work, flow, form, record)]


def _may_start(work: Work, flow: Flow, form: Form, record: Record | None) -> bool:
    if flow.start.auto and record is None:
        return False
    env = record.env(work) if record is not None else RecordEnv(work, form, {})
    if flow.enabled is not None and not flow.enabled.holds(env):
        return False
    me = work.principal.id
    return flow.start.who is None or any(one.person_id == me for one in flow.start.who.resolve(work, env, starter=me))
