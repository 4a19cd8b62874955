"""Field: the person, department or role that stands in a field of the record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, all_of, who_kinds
from engine.who.kinds.department import members

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.place import Place

HOLDS = ("person", "department", "role")


@who_kinds.register("field")
class FieldOfRecord(Kind):
    """The person in a field, everybody in the department in it, or everybody with the role in it.

    to: customer.sales_owner
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "A field that holds a person, department or role (字段)",
    }

    def __init__(self, field: Expression, label: str) -> None:
        self.field, self.label, self.expressions = field, label, (field,)

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        field = place.expression(value, HOLDS, "a person, a department or a role")
        return cls(field, place.label(value)) if field else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return held(ask, self.field, f"字段 {self.label}")

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label(self.label, locale)


def held(ask: Ask, field: Expression, why: str) -> Iterable[Chosen]:
    """The people that the value of an expression names; nobody when it is empty."""
    value = field.evaluate(ask.env)
    if value is None:
        return ()
    if field.type.kind == "person":
        return (Chosen(value, why),)
    return members(ask, value) if field.type.kind == "department" else all_of(people.with_role(ask.work, value), why)
