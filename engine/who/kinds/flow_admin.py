"""Flow admin: who may change the app, and so puts right what its flows cannot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from engine import people
from engine.who.kind import Ask, Chosen, Kind, all_of, who_kinds

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.who.place import Place
    from engine.work import Work

POWER = "publish"


@who_kinds.register("flow_admin")
class FlowAdmin(Kind):
    """Everybody with a role that may publish the app.

    who: flow_admin
    """

    schema: ClassVar[dict[str, Any]] = {"const": True, "description": "Who may publish the app (流程管理员)"}

    @classmethod
    def read(cls, value: Any, place: Place) -> Kind | None:
        return cls()

    def choose(self, ask: Ask) -> Iterable[Chosen]:
        return flow_admins(ask.work)

    def describe(self, catalog: Catalog, locale: str | None) -> str:
        return catalog.label("流程管理员", locale)


def flow_admins(work: Work) -> list[Chosen]:
    """Everybody with a role that may publish the app, for whoever has to turn to them."""
    roles = [role.id for role in work.catalog.roles.values() if POWER in role.can]
    return [one for role in roles for one in all_of(people.with_role(work, role), "流程管理员")]
