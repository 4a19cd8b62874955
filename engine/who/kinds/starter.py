"""Starter: who started the flow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine.who.kind import Ask, Chosen, Kind, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place


@who_kinds.register("starter")
class Starter(Kind):
    """Who started the flow.

    to: starter
    """

    schema: ClassVar[dict[str, Any]] = {"const": True, "description": "Who started the flow (发起人)"}

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        if place.starter:
            return cls()
        place.refuse("nobody starts this, so there is no starter", "name a role, or a field that holds a person")
        return None

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return (Chosen(ask.starter, "发起人"),) if ask.starter is not None else ()

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label("发起人", locale)
