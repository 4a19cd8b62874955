"""E-mail: an address outside, such as that of a customer's contact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine.who.kind import Ask, Chosen, Kind, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.place import Place

ADDRESS = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,190}")


@who_kinds.register("email")
class Address(Kind):
    """The address in a field of the record; only where messages may leave the house.

    to: {email: customer.contact_email}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "A field that holds an e-mail address (外部邮箱)",
    }

    def __init__(self, field: Expression, label: str) -> None:
        self.field, self.label, self.expressions = field, label, (field,)

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        if not place.outside:
            place.refuse("an address outside cannot act here", "name a role, a person or a field that holds a person")
            return None
        field = place.expression(value, ("text",), "an e-mail address")
        return cls(field, place.label(value)) if field else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        value = (self.field.evaluate(ask.env) or "").strip()
        return (Chosen(None, f"字段 {self.label}", value),) if ADDRESS.fullmatch(value) else ()

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label(self.label, locale)
