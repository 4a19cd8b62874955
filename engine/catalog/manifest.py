"""Manifest: `app.yaml`, what the app is called, where and when it lives, its menu and its shared lists of choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale as BabelLocale
from babel import UnknownLocaleError

from engine import names
from engine.catalog.old_formats import FORMAT
from engine.errors import ConfigError, Problems
from engine.source import Document

ID = "^[a-z][a-z0-9_]*$"

CHOICE: dict[str, Any] = {
    "description": "One choice: its label, or a map with its label and more.",
    "anyOf": [
        {"type": ["string", "integer", "number"]},
        {
            "type": "object",
            "required": ["label"],
            "additionalProperties": False,
            "properties": {
                "label": {"type": "string", "description": "What people read."},
                "tone": {"enum": ["neutral", "info", "good", "warn", "bad"], "description": "The color of its badge."},
                "retired": {"type": "boolean", "description": "Kept for old records, no longer offered."},
            },
        },
    ],
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "app.yaml",
    "description": "What the app is called, where and when it lives, its menu and its shared lists of choices.",
    "type": "object",
    "required": ["format", "app", "label", "version", "timezone"],
    "additionalProperties": False,
    "properties": {
        "format": {"type": "integer", "minimum": 0, "description": f"The format of these files; now {FORMAT}."},
        "app": {"type": "string", "pattern": ID, "description": "The id of the app; it never changes."},
        "label": {"type": "string", "minLength": 1, "description": "The name of the app (应用名称)."},
        "version": {
            "type": "string",
            "pattern": r"^\d+\.\d+\.\d+$",
            "description": "The version of the app, such as 1.0.0.",
        },
        "locale": {
            "type": "string",
            "description": "The language of all labels; locales/*.yaml translate from it. zh-CN if not given.",
        },
        "timezone": {"type": "string", "description": "Where the business day begins and ends, such as Asia/Shanghai."},
        "currency": {
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "description": "The currency of money without another one. CNY if not given.",
        },
        "calendar": {"type": "string", "pattern": ID, "description": "The working calendar, a file in calendars/."},
        "menu": {
            "type": "array",
            "description": "The menu (菜单): groups of forms, reports and `tasks`.",
            "items": {
                "type": "object",
                "required": ["label", "items"],
                "additionalProperties": False,
                "properties": {
                    "label": {"type": "string", "minLength": 1, "description": "The heading of the group."},
                    "items": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Ids of forms and reports, or tasks.",
                    },
                },
            },
        },
        "options": {
            "type": "object",
            "description": "Lists of choices (选项) that forms, rules and reports share.",
            "propertyNames": {"pattern": ID},
            "additionalProperties": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z0-9_]+$"},
                "additionalProperties": CHOICE,
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """One heading of the menu with the ids of its pages."""

    label: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What app.yaml declares."""

    app: str
    label: str
    version: str
    timezone: ZoneInfo
    locale: str = "zh-CN"
    currency: str = "CNY"
    calendar: str | None = None
    menu: tuple[MenuGroup, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def compile_manifest(document: Document, problems: Problems) -> Manifest | None:
    """The manifest of a document whose shape is right; None when what it says does not exist."""
    value = document.value
    before = len(problems.errors)
    zone, locale = value["timezone"], value.get("locale", "zh-CN")
    if zone not in available_timezones():
        problems.add(names.unknown("timezone", zone, available_timezones(), document.mark("timezone")))
    try:
        BabelLocale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        problems.add(
            ConfigError(f"there is no locale '{locale}'", document.mark("locale"), "write it like zh-CN or en")
        )
    if len(problems.errors) > before:
        return None
    return Manifest(
        app=value["app"],
        label=value["label"],
        version=value["version"],
        timezone=ZoneInfo(zone),
        locale=locale,
        currency=value.get("currency", "CNY"),
        calendar=value.get("calendar"),
        menu=tuple(MenuGroup(group["label"], tuple(group["items"])) for group in value.get("menu", ())),
        options=value.get("options", {}),
    )
