"""Rights over people: who may manage whom, so that nobody climbs by giving or taking roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import AccessDenied
from engine.people.person import Person

if TYPE_CHECKING:
    from engine.work import Work


def may_manage(work: Work) -> None:
    """AccessDenied unless the acting person may manage people at all."""
    if not work.catalog.may(work.principal, "people"):
        raise AccessDenied("需要可以管理人员的角色")


def may_touch(work: Work, person: Person) -> None:
    """AccessDenied when the person holds powers that the acting one lacks: changing him could take them over."""
    may_manage(work)
    if beyond := _powers(work, person.roles) - _own(work):
        raise AccessDenied(f"{person.name} 拥有你没有的权限 ({', '.join(sorted(beyond))}), 不能由你修改")


def may_grant(work: Work, roles: Iterable[str]) -> None:
    """AccessDenied when a role would give, or take away, powers that the acting person lacks."""
    may_manage(work)
    for role in sorted(roles):
        if beyond := _powers(work, [role]) - _own(work):
            label = work.catalog.roles[role].label
            raise AccessDenied(f"角色 {label} 带有你没有的权限 ({', '.join(sorted(beyond))}), 不能由你授予或收回")


def _own(work: Work) -> frozenset[str]:
    held = work.catalog.roles if work.principal.system else work.principal.roles
    return _powers(work, held)


def _powers(work: Work, roles: Iterable[str]) -> frozenset[str]:
    known = work.catalog.roles
    return frozenset(power for role in roles if role in known for power in known[role].can)
