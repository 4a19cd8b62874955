"""Owner: whom the record belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine.who.kind import Ask, Chosen, Kind, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.place import Place

FIELDS = ("owner", "created_by")


@who_kinds.register("owner")
class Owner(Kind):
    """Whom the record belongs to: its field `owner` where it has one, else who created it.

    to: owner
    """

    schema: ClassVar[dict[str, Any]] = {"const": True, "description": "Whom the record belongs to (记录负责人)"}

    def __init__(self, field: Expression) -> None:
        self.field, self.expressions = field, (field,)

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        name = next((name for name in FIELDS if place.scope.find(name) is not None), None)
        if name is None:
            place.refuse("these records have no owner", "name a field that holds a person")
            return None
        field = place.expression(name, ("person",), "a person")
        return cls(field) if field else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        id = self.field.evaluate(ask.env)
        return (Chosen(id, "记录负责人"),) if id is not None else ()

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label("记录负责人", locale)
