"""Close tasks: end the to-dos whose reason is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import tasks
from rules.actions import Action, Occasion, action_types

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("close_tasks")
class CloseTasks(Action):
    """Close the open to-dos of the record, all or of one kind, and say why.

    - close_tasks: {reason: paid}
    """

    options = {
        "reason": {"type": "string", "description": "原因 / why they are closed"},
        "kind": {"type": "string", "description": "任务类型, 缺省为全部 / only this kind"},
    }
    required = ("reason",)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.reason: str = place.value["reason"]
        self.kind: str | None = place.value.get("kind")

    def run(self, work: Work, occasion: Occasion) -> str:
        record = (occasion.record.form.id, occasion.record.id)
        closed = tasks.close(work, record=record, kind=self.kind, reason=self.reason)
        return f"关闭 {closed} 个待办"
