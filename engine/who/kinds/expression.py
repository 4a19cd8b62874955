"""Expression: people found by a formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.kinds.field import HOLDS, held

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.expressions import Expression
    from engine.who.place import Place


@who_kinds.register("expression")
class Formula(Kind):
    """Whom a formula answers: a person, a department or a role.

    who: {expression: "deputy if amount > 100000 else customer.sales_owner"}
    """

    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "format": "expression",
        "description": "A formula that answers a person, a department or a role (公式)",
    }

    def __init__(self, formula: Expression, text: str) -> None:
        self.formula, self.text, self.expressions = formula, text, (formula,)

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        formula = place.expression(value, HOLDS, "a person, a department or a role")
        return cls(formula, value) if formula else None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return held(ask, self.formula, f"公式 {self.text}")

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return self.text
