"""Role: everybody who holds a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, all_of, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("role")
class Role(Kind):
    """Everybody who holds the role.

    who: {role: finance}
    """

    schema: ClassVar[dict[str, Any]] = {"type": "string", "description": "Everybody who holds this role (角色)"}

    def __init__(self, role: str, label: str) -> None:
        self.role, self.label = role, label

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        role = place.role(value)
        return cls(role, place.catalog.roles[role].label) if role else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return all_of(people.with_role(ask.work, str(self.role)), f"角色 {self.label}")

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label(self.label, locale)
