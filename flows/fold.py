"""Fold: the state of an instance as its story alone tells it; what a checker holds against the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from flows.tables import flow_event as events

if TYPE_CHECKING:
    from engine.work import Work


@dataclass
class Folded:
    """Status of the instance, and every task with its status, holder and decision."""

    status: str = ""
    tasks: dict[int, Mapping[str, Any]] = field(default_factory=dict)


def fold(work: Work, instance_id: int) -> Folded:
    """Read the story from its beginning."""
    folded = Folded()
    for row in work.execute(select(events).where(events.c.instance_id == instance_id).order_by(events.c.seq)):
        folded.tasks.update({task["id"]: task for task in row.payload.get("tasks", ())})
        match row.type:
            case "started":
                folded.status = "running"
            case "returned":
                folded.status = "returned" if row.payload["to"] == "start" else folded.status
            case "left" if row.payload["outcome"] == "resubmit":
                folded.status = "running"
            case "ended":
                folded.status = row.payload["outcome"]
    return folded
