"""Superiors: the whole chain above somebody, up to a role, a level or the top."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.kinds.superior import why
from engine.who.subject import OF, STARTER, Subject

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("superiors")
class Superiors(Kind):
    """The chain of superiors, nearest first, up to and with the first holder of a role, or so many levels.

    who: {superiors: {of: starter, until: {role: sales_director}}}
    who: {superiors: {of: starter, until: {level: 2}}}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "description": "The chain of superiors, nearest first (逐级上级)",
        "additionalProperties": False,
        "properties": {
            "of": OF,
            "until": {
                "type": "object",
                "description": "Where the chain ends; else at the top (直到)",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {"role": {"type": "string"}, "level": {"type": "integer", "minimum": 1, "maximum": 20}},
            },
        },
    }

    def __init__(self, subject: Subject, role: str | None, level: int | None, until: str) -> None:
        self.subject, self.last, self.level, self.until = subject, role, level, until
        self.expressions = subject.expressions

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        subject = Subject.read(value.get("of", STARTER), place.at("of") if "of" in value else place)
        until = value.get("until", {})
        role = until.get("role")
        if role is not None and place.at("until", "role").role(role) is None:
            return None
        label = place.catalog.roles[role].label if role else str(until.get("level", ""))
        return cls(subject, role, until.get("level"), label) if subject else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        of = self.subject.find(ask)
        if of is None:
            return ()
        if self.last is not None:
            chain = people.superiors_until(ask.work, of.id, self.last)
        else:
            chain = people.superiors(ask.work, of.id, self.level)
        return [Chosen(person.id, why(of.name, level)) for level, person in enumerate(chain, start=1)]

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        until = f" ≤ {catalog.label(self.until, locale)}" if self.until else ""
        return f"{self.subject.describe(catalog, locale)} {catalog.label('的逐级上级', locale)}{until}"
