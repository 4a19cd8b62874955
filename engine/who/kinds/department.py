"""Department: everybody in a department and those below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, all_of, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("department")
class WholeDepartment(Kind):
    """Everybody in the department and in those below it.

    who: {department: legal}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "Everybody in this department (部门成员)",
    }

    def __init__(self, id: str) -> None:
        self.id = id

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        return cls(value)

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return members(ask, self.id)

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return f"{catalog.label('部门', locale)} {self.id}"


def members(ask: Ask, id: str) -> list[Chosen]:
    """The people of a department, each because of it; nobody when there is no such department."""
    if id not in {department.id for department in people.departments(ask.work)}:
        return []
    return all_of(people.members(ask.work, id), f"部门 {people.department(ask.work, id).label}")
