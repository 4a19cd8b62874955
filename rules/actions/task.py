"""Task: a to-do for people, closed when its reason goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import tasks
from rules.actions import Action, Occasion, action_types

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("task")
class Task(Action):
    """Open one to-do for people, or for whoever of a role takes it.

    - task: {kind: first_call, label: 初步催款, to: sales_owner, text: "联系 {{ customer.name }}", due: 2 workdays}
    """

    options = {
        "kind": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "任务类型 / id of the kind"},
        "label": {"type": "string", "description": "类型名称 / what the kind is called"},
        "to": {"description": "交给谁 / who it goes to"},
        "text": {"type": "string", "description": "内容 / text with holes"},
        "due": {"type": "string", "description": "处理时限, 如 2 workdays / time limit"},
    }
    required = ("kind", "to", "text")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.kind: str = place.value["kind"]
        self.label: str = place.value.get("label", self.kind)
        self.to = place.at("to").who()
        self.text = place.at("text").text()
        self.due = place.at("due").duration() if place.has("due") else None

    def run(self, work: Work, occasion: Occasion) -> str:
        assert self.to and self.text
        due = work.catalog.calendar().due_at(work.now, self.due) if self.due else None
        opened = tasks.open(
            work,
            kind=self.kind,
            label=self.label,
            title=self.text.render(occasion.env),
            to=[chosen.person_id for chosen in self.to.resolve(work, occasion.env)],
            record=(occasion.record.form.id, occasion.record.id),
            due=due,
            source=occasion.key,
        )
        return f"待办 {self.label}" if opened else "待办已存在"
