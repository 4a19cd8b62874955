"""E-mail: a message to an address, through the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import outbox
from engine.errors import ConfigError
from engine.names import unknown
from engine.source import Document
from engine.texts import Text, compile_text
from rules.actions import Action, Occasion, action_types

if TYPE_CHECKING:
    from engine.work import Work
    from forms.place import Place


@action_types.register("email")
class Email(Action):
    """Send a mail to an e-mail field, from a template of the app or with its own words.

    - email: {to: customer.contact_email, template: overdue_notice}
    """

    options = {
        "to": {"type": "string", "description": "收件地址 / path to an e-mail field"},
        "template": {"type": "string", "description": "邮件模板 / id of a file in templates"},
        "subject": {"type": "string", "description": "主题 / subject with holes"},
        "body": {"type": "string", "description": "正文 / body with holes"},
    }
    required = ("to",)
    outside = True

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.to = place.at("to").expression()
        if place.has("template"):
            self.subject, self.body = self._template(place.at("template"))
        elif place.has("subject") and place.has("body"):
            self.subject, self.body = place.at("subject").text(), place.at("body").text()
        else:
            place.refuse("a mail needs a 'template', or a 'subject' and a 'body'")

    def _template(self, place: Place) -> tuple[Text | None, Text | None]:
        template = place.catalog.templates.get(place.value)
        if template is None:
            place.problems.add(unknown("template", place.value, list(place.catalog.templates), place.mark))
            return None, None
        return _part(place, template.document, "subject"), _part(place, template.document, "body")

    def run(self, work: Work, occasion: Occasion) -> str:
        assert self.to and self.subject and self.body
        address = self.to.evaluate(occasion.env)
        if not address:
            return "没有收件地址"
        subject, body = self.subject.render(occasion.env), self.body.render(occasion.env)
        outbox.send(work, "email", address, subject=subject, body=body, key=occasion.key)
        return f"邮件 {subject} → {address}"


def _part(place: Place, document: Document, key: str) -> Text | None:
    try:
        return compile_text(document.get(key), place.scope, document.mark(key))
    except ConfigError as error:
        place.problems.add(error)
        return None
