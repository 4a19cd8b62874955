"""The built-in ways of naming people, in the order in which they are explained."""

from engine.who.kinds import (
    department,
    department_head,
    email,
    expression,
    field,
    flow_admin,
    owner,
    person,
    role,
    starter,
    superior,
    superiors,
)

__all__ = [
    "department",
    "department_head",
    "email",
    "expression",
    "field",
    "flow_admin",
    "owner",
    "person",
    "role",
    "starter",
    "superior",
    "superiors",
]
