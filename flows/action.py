"""Action: one transaction's worth of change to one instance, from the lock to the story and the notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine import notices
from engine.errors import Conflict, EvaluationError, NotFound
from engine.events import Event
from flows import versions
from flows.run import Run
from flows.state import State, Task
from flows.store import Store
from flows.world import World

if TYPE_CHECKING:
    from engine.work import Work


@contextmanager
def on_instance(work: Work, instance_id: int) -> Iterator[Run]:
    """Lock an instance, hand out its interpreter, and write what became of it; NotFound when there is none."""
    store = Store(work)
    state = store.load(instance_id)
    if state is None:
        raise NotFound("没有这个流程实例")
    run = _open(work, store, state)
    yield run
    finish(work, run)


@contextmanager
def on_task(work: Work, task_id: int) -> Iterator[tuple[Run, Task | None]]:
    """The same, found by one of its tasks; the task is None when it is no longer open."""
    store = Store(work)
    state = store.load_by_task(task_id)
    if state is None:
        raise NotFound("没有这个待办")
    run = _open(work, store, state)
    yield run, state.task(task_id)
    finish(work, run)


def _open(work: Work, store: Store, state: State) -> Run:
    try:
        flow = versions.program(work, state.instance.version_id)
    except EvaluationError as error:
        raise Conflict(str(error)) from error
    return Run(flow, state, World(work, flow, state.instance), store)


def finish(work: Work, run: Run) -> None:
    """Move on as far as it goes, write, tell people and the rooms above."""
    run.drain()
    run.world.follow_status()
    facts = list(run.state.facts)
    run.store.save(run.state)
    _notify(work, run.state)
    for fact in facts:
        _publish(work, run.state, fact.type, fact.task, fact.payload)


def _notify(work: Work, state: State) -> None:
    for message in state.messages:
        todo = message.task is not None and message.task.status == "open"
        link = f"/tasks/{message.task.id}" if message.task is not None else f"/instances/{state.instance.id}"
        notices.send(work, message.people, message.title, body=message.body, link=link, kind="todo" if todo else "info")
    state.messages.clear()


# What the rooms above hear of the story, and under which name.
_TOLD = {
    "started": "flow.started",
    "returned": "flow.returned",
    "entered": "flow.step_entered",
    "decided": "task.decided",
    "overdue": "task.overdue",
    "incident": "flow.incident",
}


def _publish(work: Work, state: State, type: str, task: Task | None, payload: dict[str, object]) -> None:
    instance = state.instance
    name = f"flow.{payload['outcome']}" if type == "ended" else _TOLD.get(type)
    if name is None:
        return
    data = {
        "flow": instance.flow,
        "instance": instance.id,
        "task": task.id if task else None,
        "step": task.step if task else None,
    }
    work.acting(work.principal, work.cause.then("flow", instance.flow)).publish(
        Event(name, form=instance.form, record_id=instance.record_id, data=data)
    )


def stand(run: Run) -> str:
    """Where the instance stands, in words for a conflict."""
    words = {
        "running": "审批中",
        "returned": "已退回",
        "approved": "已通过",
        "rejected": "已拒绝",
        "withdrawn": "已撤回",
        "terminated": "已终止",
    }
    return words[run.state.instance.status]


def need_live(run: Run) -> None:
    """Refuse to act on what has ended."""
    if not run.state.instance.live:
        raise Conflict(f"流程{stand(run)}, 不能再操作", run.state.instance.status)
