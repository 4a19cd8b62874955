"""The shape of a flow's file, as JSON Schema; the keys of each step come from its kind."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.who import schema as who_schema
from flows.steps import built_in, step_types
from flows.steps.approve import NAMES, SHARED

STATUSES = ("running", "returned", "approved", "rejected", "withdrawn", "terminated")
WITHDRAW = ("never", "before_first_decision", "before_end")
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}

START: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "发起 / who may start it, and what they may change when it comes back",
    "properties": {
        "who": {**who_schema(), "description": "谁可以发起 / who may start it; who may create the record if not given"},
        "edit": {**NAMES, "description": "退回后可修改的字段 / fields the starter may change; all if not given"},
        "set": {
            "type": "object",
            "minProperties": 1,
            "description": "发起时写入的值 / values the record gets when the flow starts",
        },
        "auto": {"type": "boolean", "description": "新建记录后自动发起 / start by itself when a record is created"},
    },
}
STATUS: dict[str, Any] = {
    "description": "跟随流程状态的选项字段 / the choice field that follows the flow",
    "anyOf": [
        TEXT,
        {
            "type": "object",
            "required": ["field"],
            "additionalProperties": False,
            "properties": {
                "field": {**TEXT, "description": "字段 / the field"},
                **{status: {**TEXT, "description": f"{status} 时的选项 / its option then"} for status in STATUSES},
            },
        },
    ],
}


def steps_schema(kinds: list[str]) -> dict[str, Any]:
    """The schema of a list of steps; an unknown kind is told when the list is compiled."""
    rules = [{"if": {"required": [name]}, "then": step_types[name].schema()} for name in kinds]
    return {"type": "array", "items": {"type": "object", "minProperties": 1, "allOf": rules}}


def nested(schema: Any) -> Any:
    """The schema with the steps inside cases pointing at the schema of all steps."""
    if isinstance(schema, dict):
        return {
            key: {**value, "$ref": "#/$defs/steps"}
            if key == "steps" and value.get("type") == "array"
            else nested(value)
            for key, value in schema.items()
        }
    return [nested(item) for item in schema] if isinstance(schema, list) else schema


@cache
def flow_schema() -> dict[str, Any]:
    """The JSON Schema of flows/*.yaml."""
    built_in()
    step_types.plug_in()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"steps": nested(steps_schema(list(step_types)))},
        "title": "flows/*.yaml",
        "description": "An approval flow: a list of steps with branches on one form.",
        "type": "object",
        "required": ["label", "form", "steps"],
        "additionalProperties": False,
        "properties": {
            "label": {**TEXT, "description": "流程名称 / what people call the flow"},
            "form": {**TEXT, "description": "表单 / the form it decides about"},
            "title": {**TEXT, "description": "待办标题 / what one instance is called, with {{ field }}"},
            "enabled": {
                "type": ["string", "boolean"],
                "description": "启用条件 / a condition on settings; always if not given",
            },
            "lock": {
                "type": "boolean",
                "description": "审批中锁定记录 / close a submitted record to changes; true if not given",
            },
            "start": START,
            "status": STATUS,
            "defaults": {
                "type": "object",
                "additionalProperties": False,
                "description": "缺省 / written once, may be repeated at a step",
                "properties": {
                    "withdraw": {"enum": list(WITHDRAW), "description": "撤回 / until when the starter may withdraw"},
                    **SHARED,
                },
            },
            "steps": {"$ref": "#/$defs/steps", "description": "步骤 / what happens, in order"},
            "finally": {"$ref": "#/$defs/steps", "description": "结束后总是执行 / runs however it ends"},
        },
    }
