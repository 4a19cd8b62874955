"""People: persons, roles, departments and superiors."""

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
from engine.people.seed import load

__all__ = [
    "Department",
    "Person",
    "department",
    "department_head",
    "departments",
    "everyone",
    "find",
    "get",
    "load",
    "many",
    "members",
    "principal",
    "search",
    "superior",
    "superiors",
    "superiors_until",
    "with_role",
]
