"""Declared settings: `settings.yaml`, typed knobs that an admin turns without publishing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any

from engine.errors import Problems, SchemaError
from engine.expressions.types import Type
from engine.settings.kinds import BadSetting, setting_kinds
from engine.source import Document

COMMON: dict[str, Any] = {
    "label": {"type": "string", "minLength": 1, "description": "What people read."},
    "help": {"type": "string", "description": "One sentence that says what turning it does."},
    "group": {"type": "string", "description": "The heading on the settings page under which it stands."},
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One knob: its kind, the typed value it starts with, and its bounds."""

    id: str
    label: str
    kind: str
    default: Any = None
    min: Decimal | int | None = None
    max: Decimal | int | None = None
    unit: str = ""
    total: Decimal | int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    help: str = ""
    group: str = ""
    roles: frozenset[str] = frozenset()

    @property
    def type(self) -> Type:
        """What the setting is in an expression."""
        return setting_kinds[self.kind]().type(self)

    @property
    def parts(self) -> Mapping[str, Type]:
        """The types of the names below it, such as the parts of weights."""
        return setting_kinds[self.kind]().parts(self)

    def parse(self, value: Any) -> Any:
        """The typed value of what was declared, stored or typed in; raises BadSetting."""
        return setting_kinds[self.kind]().parse(value, self)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of settings.yaml."""
    setting_kinds.plug_in()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "settings.yaml",
        "description": "Knobs (设置) by id; an admin turns them without publishing.",
        "type": "object",
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": {
            "type": "object",
            "required": ["label", "type"],
            "properties": {"type": {"enum": list(setting_kinds), "description": "What kind of value it is (类型)."}},
            "oneOf": [
                {
                    "required": ["type", *kind.requires],
                    "additionalProperties": False,
                    "properties": {
                        "type": {"const": name},
                        **COMMON,
                        "default": {**kind.default, "description": "The value until an admin changes it."},
                        **kind.options,
                    },
                }
                for name, kind in setting_kinds.items()
            ],
        },
    }


def compile_settings(document: Document, roles: Collection[str], problems: Problems) -> dict[str, Setting]:
    """The settings of a document whose shape is right; a default that breaks its own bounds is told."""
    found = {}
    for id, given in document.value.items():
        keys = {key: value for key, value in given.items() if key not in ("type", "default")}
        setting = Setting(id=id, kind=given["type"], roles=frozenset(roles), **keys)
        if "default" in given:
            try:
                setting = replace(setting, default=setting.parse(given["default"]))
            except BadSetting as bad:
                mark = document.mark(id, "default")
                problems.add(
                    SchemaError(f"the default of '{id}' is not a value it accepts", mark, f"its own check says {bad}")
                )
        found[id] = setting
    return found
