"""The shapes of the files in rules/: a rule, a ladder or a decision table, told apart by their leading key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.actions import action_types
from rules.actions import built_in as built_in_actions
from rules.triggers import built_in as built_in_triggers
from rules.triggers import trigger_types
from rules.triggers.daily import CLOCK

LABEL = {"type": "string", "minLength": 1, "description": "名称 / what people call it"}
ENABLED = {
    "type": ["boolean", "string"],
    "description": "是否启用; 可写设置条件 / on or off, or a condition on settings",
}
CONDITION = {"type": ["string", "boolean"], "description": "条件表达式 / condition"}
QUIET = {
    "type": "object",
    "properties": {"from": CLOCK, "to": CLOCK},
    "required": ["from", "to"],
    "additionalProperties": False,
    "description": "免打扰时段, 只影响消息 / hours without messages",
}
DAYS = {"type": "string", "pattern": "^[1-9][0-9]* days?$"}
EXISTING = {"enum": ["baseline", "fire"], "description": "首次启用时已满足条件的记录: baseline 只登记, fire 立即触发"}


def _load() -> None:
    for listed in (built_in_triggers, built_in_actions):
        list(listed())
    trigger_types.plug_in()
    action_types.plug_in()


def trigger_schema() -> dict[str, Any]:
    _load()
    return {
        "type": "object",
        "properties": {name: dict(kind.schema) for name, kind in trigger_types.items()},
        "additionalProperties": False,
        "minProperties": 1,
        "description": "何时检查 / when it is looked at",
    }


def actions_schema() -> dict[str, Any]:
    _load()
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {name: dict(kind.schema()) for name, kind in action_types.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
        "description": "动作, 依次执行 / actions, in order",
    }


def rule_schema() -> dict[str, Any]:
    return _object(
        {
            "label": LABEL,
            "enabled": ENABLED,
            "record": {"type": "string", "description": "表单 / form the rule watches"},
            "trigger": trigger_schema(),
            "when": CONDITION,
            "fire": {
                "anyOf": [
                    {"enum": ["once", "level"]},
                    _object(
                        {"every": DAYS, "most": {"type": "integer", "minimum": 1}},
                        ["every"],
                    ),
                ],
                "description": "once 进入条件时一次; every 按间隔重复; level 每次检查都执行",
            },
            "rearm": {
                "anyOf": [{"type": "string"}, _object({"after": DAYS}, ["after"])],
                "description": "再次触发: on_exit、never、{after: 30 days} 或条件 / when it may fire again",
            },
            "existing": EXISTING,
            "quiet": QUIET,
            "do": actions_schema(),
            "on_exit": actions_schema(),
        },
        ["label", "record", "trigger", "when"],
    )


def ladder_schema() -> dict[str, Any]:
    step = _object(
        {
            "label": LABEL,
            "at": {
                "type": "string",
                "pattern": r"^[+-]?[0-9]+ (days?|workdays?)$",
                "description": "距锚点, 如 -3 days、+1 day / distance from the anchor",
            },
            "roll": {"enum": ["none", "previous", "next"], "description": "落在休息日时 / on a day off"},
            "when": CONDITION,
            "do": actions_schema(),
        },
        ["at", "do"],
    )
    return _object(
        {
            "label": LABEL,
            "enabled": ENABLED,
            "ladder": {"type": "string", "description": "表单 / form the ladder climbs on"},
            "anchor": {"type": "string", "description": "日期字段 / date field"},
            "while": CONDITION,
            "trigger": trigger_schema(),
            "calendar": {"type": "string", "description": "工作日历 / calendar of workdays"},
            "catch_up": {
                "anyOf": [{"enum": ["latest", "each"]}, _object({"skip_after": DAYS}, ["skip_after"])],
                "description": "补发: latest 只发最高一步; each 逐步; skip_after 过期不发",
            },
            "existing": EXISTING,
            "quiet": QUIET,
            "steps": {"type": "object", "minProperties": 1, "additionalProperties": step},
            "on_exit": actions_schema(),
        },
        ["label", "ladder", "anchor", "while", "steps"],
    )


def decision_schema() -> dict[str, Any]:
    row = _object({"if": CONDITION, "then": {}}, ["if", "then"])
    return _object(
        {
            "label": LABEL,
            "enabled": ENABLED,
            "decide": {"type": "string", "description": "表单.字段 / the field it decides"},
            "inputs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "trigger": trigger_schema(),
            "hit": {"enum": ["unique", "first"], "description": "unique 不得重叠; first 取第一行"},
            "rows": {"type": "array", "items": row, "minItems": 1},
            "otherwise": {"description": "没有一行成立时的值 / value where no row holds"},
        },
        ["decide", "inputs", "rows"],
    )


SHAPES = {"record": rule_schema, "ladder": ladder_schema, "decide": decision_schema}


def schema() -> Mapping[str, Any]:
    """The schema of one file: which of the three shapes it is decides the rest."""
    return {"type": "object", "anyOf": [shape() for shape in SHAPES.values()]}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
