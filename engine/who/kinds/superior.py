"""Superior: who stands so many levels above somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.subject import OF, STARTER, Subject

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("superior")
class Superior(Kind):
    """The superior of the starter or of a person in a field, `level` steps up.

    who: superior
    who: {superior: customer.sales_owner}
    who: {superior: {of: starter, level: 2}}
    """

    schema: ClassVar[dict[str, Any]] = {
        "description": "The superior of: starter, or a field that holds a person (上级)",
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "of": OF,
                    "level": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 20,
                        "description": "How many levels up (级数)",
                    },
                },
            },
        ],
    }

    def __init__(self, subject: Subject, level: int) -> None:
        self.subject, self.level, self.expressions = subject, level, subject.expressions

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        if isinstance(value, str):
            value = {"of": value}
        else:
            place = place.at("of") if "of" in value else place
        subject = Subject.read(value.get("of", STARTER), place)
        return cls(subject, value.get("level", 1)) if subject else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        of = self.subject.find(ask)
        found = people.superior(ask.work, of.id, self.level) if of else None
        return (Chosen(found.id, why(of.name, self.level)),) if of and found else ()

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        level = f" ({self.level})" if self.level > 1 else ""
        return f"{self.subject.describe(catalog, locale)} {catalog.label('的上级', locale)}{level}"


def why(name: str, level: int) -> str:
    return f"{name} 的上级, 第 {level} 级"
