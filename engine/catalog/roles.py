"""Roles: `roles.yaml`, who there is in the app, and which of them may run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

POWERS = {
    "settings": "Turn settings.",
    "sandbox": "Move the clock of a sandbox.",
    "publish": "Change and publish the app.",
    "people": "Add people and give them roles.",
    "audit": "Read the audit log and the state of all jobs.",
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "roles.yaml",
    "description": "The roles (角色) that people hold, by id.",
    "type": "object",
    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
    "additionalProperties": {
        "type": "object",
        "required": ["label"],
        "additionalProperties": False,
        "properties": {
            "label": {"type": "string", "minLength": 1, "description": "What people read."},
            "can": {
                "type": "array",
                "items": {"enum": list(POWERS)},
                "uniqueItems": True,
                "description": "What this role may do besides the app itself: "
                + " ".join(f"{power}: {what}" for power, what in POWERS.items()),
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `can` names what it may do besides the app itself."""

    id: str
    label: str
    can: frozenset[str] = frozenset()


def compile_roles(value: Mapping[str, Any]) -> dict[str, Role]:
    return {id: Role(id, role["label"], frozenset(role.get("can", ()))) for id, role in value.items()}
