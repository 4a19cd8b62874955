"""People: persons, roles, departments and superiors."""

from engine.people.change import activate, change, create, deactivate
from engine.people.find import (
    department,
    department_head,
    departments,
    everyone,
    find,
    get,
    many,
    members,
    principal,
    search,
    superior,
    superiors,
    superiors_until,
    with_role,
)
from engine.people.person import Department, Person
from engine.people.rights import may_manage, may_touch
from engine.people.seed import load

__all__ = [
    "Department",
    "Person",
    "activate",
    "change",
    "create",
    "deactivate",
    "department",
    "department_head",
    "departments",
    "everyone",
    "find",
    "get",
    "load",
    "many",
    "may_manage",
    "may_touch",
    "members",
    "principal",
    "search",
    "superior",
    "superiors",
    "superiors_until",
    "with_role",
]
