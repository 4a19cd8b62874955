"""Admins: who puts right what a flow cannot, and gets what nobody else would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import people
from engine.who import Chosen
from engine.who.kinds.flow_admin import POWER

if TYPE_CHECKING:
    from engine.work import Work


def flow_admins(work: Work) -> list[Chosen]:
    """The active people with a role that may publish the app, each once."""
    roles = [role.id for role in work.catalog.roles.values() if POWER in role.can]
    found = {one.id: Chosen(one.id, "流程管理员") for role in roles for one in people.with_role(work, role)}
    return list(found.values())
