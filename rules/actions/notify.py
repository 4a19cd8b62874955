"""Notify: an in-app notice to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import notices
from rules.actions import Action, Occasion, action_types

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("notify")
class Notify(Action):
    """Tell people inside the product; each gets one notice that leads to the record.

    - notify: {to: [sales_owner, {role: finance}], text: "{{ name }} 已逾期"}
    """

    options = {
        "to": {"description": "通知谁 / recipients"},
        "text": {"type": "string", "description": "内容 / text with holes"},
        "title": {"type": "string", "description": "标题, 缺省为规则名称 / heading with holes"},
    }
    required = ("to", "text")
    outside = True

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.to = place.at("to").who()
        self.text = place.at("text").text()
        self.title = place.at("title").text() if place.has("title") else None

    def run(self, work: Work, occasion: Occasion) -> str:
        assert self.to and self.text
        found = self.to.resolve(work, occasion.env)
        people = [chosen.person_id for chosen in found if chosen.person_id is not None]
        notices.send(
            work,
            people,
            self.title.render(occasion.env) if self.title else occasion.label,
            body=self.text.render(occasion.env),
            link=f"/records/{occasion.record.form.id}/{occasion.record.id}",
            kind="warning",
            key=occasion.key,
        )
        return f"已通知 {len(people)} 人"
