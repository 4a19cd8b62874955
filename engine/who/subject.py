"""Subject: the person whose superior or department is asked for: the starter, or a person in a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import people
from engine.people import Person

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.kind import Ask
    from engine.who.place import Place

STARTER = "starter"
OF = {"type": "string", "description": "Whose: starter, or a field that holds a person (谁的)"}


@dataclass(frozen=True, slots=True)
class Subject:
    """The starter when there is no `field`."""

    field: Expression | None
    label: str

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return (self.field,) if self.field else ()

    @classmethod
    def read(cls, text: str, place: Place) -> Subject | None:
        """The person named by `starter` or a path; None after telling why there is none."""
        if text == STARTER and place.scope.find(STARTER) is None:
            if place.starter:
                return cls(None, "发起人")
            place.refuse("nobody starts this, so there is no starter", "name a field that holds a person")
            return None
        field = place.expression(text, ("person",), "a person")
        return cls(field, place.label(text)) if field else None

    def find(self, ask: Ask) -> Person | None:
        id = ask.starter if self.field is None else self.field.evaluate(ask.env)
        return people.get(ask.work, id) if id is not None else None

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label(self.label, locale)
