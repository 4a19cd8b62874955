"""Person: somebody named by login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, all_of, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("person")
class NamedPerson(Kind):
    """One person by login. People live in the database, so a login that nobody has is found when it is looked for.

    who: {person: wang}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "One person by login (指定人员)",
    }

    def __init__(self, login: str) -> None:
        self.login = login

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        return cls(value)

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        person = people.find(ask.work, self.login)
        return all_of([person], "指定人员") if person else ()

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return self.login
