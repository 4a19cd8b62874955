"""Access: which rows a role sees, and what it may do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expressions import Expression
from engine.principal import Principal
from forms.form import Field, Form
from forms.reading import EVERYONE

Rows = Expression | None  # None stands for all rows


@dataclass(frozen=True)
class Access:
    """What is declared under `access`; nobody may do what is not said.

    `rows` maps a role to the condition on the rows it sees. A role acts on a row only where it sees it, so
    somebody with two roles does not carry the wider sight of one into the wider rights of the other.
    """

    rows: Mapping[str, Rows] = field(default_factory=dict)
    create: frozenset[str] = frozenset()
    update: frozenset[str] = frozenset()
    delete: frozenset[str] = frozenset()
    export: frozenset[str] = frozenset()
    importing: frozenset[str] = frozenset()


def roles_of(principal: Principal) -> frozenset[str]:
    """The actor's roles, with the one that everybody has."""
    return principal.roles | {EVERYONE}


def may(principal: Principal, form: Form, verb: str) -> bool:
    """Whether the actor may do this at all: create, update, delete, export, import, or read."""
    if principal.system:
        return True
    access = form.parent.access if form.parent else form.access
    if verb == "read":
        return not roles_of(principal).isdisjoint(access.rows)
    roles = access.importing if verb == "import" else getattr(access, verb)
    return not roles_of(principal).isdisjoint(roles)


def conditions(principal: Principal, form: Form, verb: str = "read") -> list[Expression] | None:
    """The conditions of which a row must meet one; None when all rows are open, empty when none is."""
    if principal.system:
        return None
    access = form.access
    roles = roles_of(principal) & access.rows.keys()
    if verb in ("update", "delete"):
        roles &= access.update if verb == "update" else access.delete
    found = [access.rows[role] for role in sorted(roles)]
    if any(rows is None for rows in found):
        return None
    return list(dict.fromkeys(rows for rows in found if rows is not None))


def readable(principal: Principal, field: Field) -> bool:
    """Whether the actor may see this field on the rows that are open to them."""
    return field.read is None or principal.system or not roles_of(principal).isdisjoint(field.read)


def writable(principal: Principal, field: Field) -> bool:
    """Whether the actor may give this field a value, as far as roles say; what is not seen is not written."""
    if field.computed or not (field.type.stored or field.lines):
        return False
    if principal.system:
        return True
    if field.system or field.readonly is True or not readable(principal, field) or field.type.name == "serial":
        return False
    return field.write is None or not roles_of(principal).isdisjoint(field.write)
