"""The shape of a form's file, as JSON Schema; the options of each field type come from the type itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from forms.fields import field_types

ID = "^[a-z][a-z0-9_]*$"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
EXPRESSION: dict[str, Any] = {"type": ["string", "boolean", "integer", "number"], "format": "expression"}
NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
ROLES: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "description": "Roles 角色"}

COMMON: dict[str, Any] = {
    "type": {"type": "string", "description": "Kind of the field 字段类型"},
    "label": {**TEXT, "description": "What people read 名称"},
    "help": {**TEXT, "description": "A sentence below the field 说明"},
    "required": {**EXPRESSION, "description": "true, or a condition under which it must be filled 必填"},
    "unique": {"type": "boolean", "description": "No two records have the same value 唯一"},
    "check": {
        "description": "A condition that a value must meet 校验",
        "anyOf": [
            {**EXPRESSION, "type": "string"},
            {
                "type": "object",
                "required": ["require", "message"],
                "additionalProperties": False,
                "properties": {"require": {**EXPRESSION, "type": "string"}, "message": TEXT},
            },
        ],
    },
    "default": {"description": "Value of a new record, or an expression for it 默认值"},
    "visible": {**EXPRESSION, "description": "When the page shows it 显示条件"},
    "readonly": {**EXPRESSION, "description": "true, or when it cannot be changed 只读"},
    "read": {**ROLES, "description": "Only these roles see it 可见角色"},
    "write": {
        "description": "Only these roles; `system`: only flows and rules; `flow`: only steps of a flow 可写角色",
        "anyOf": [{"enum": ["system", "flow"]}, ROLES],
    },
    "search": {"type": "boolean", "description": "Found by the search box 可搜索"},
    "compute": {**EXPRESSION, "description": "Its value follows from others and is never stored 计算公式"},
    "bands": {"type": ["string", "array"], "description": "Bands in which lists and reports show it 区间"},
    "was": {"type": "string", "pattern": ID, "description": "Its id before a rename 原名"},
}

GUARD: dict[str, Any] = {
    "type": "object",
    "required": ["require", "message"],
    "additionalProperties": False,
    "properties": {
        "require": {**EXPRESSION, "type": "string", "description": "What no write may break 约束"},
        "changes": {**NAMES, "description": "Which changes could break it, such as orders.amount 相关变更"},
        "message": {**TEXT, "description": "Words of the refusal 提示"},
        "mode": {"type": "string", "description": "A setting that says warn or block 方式"},
        "otherwise": {
            "description": "refuse, warn, or the flow that leads on 否则",
            "anyOf": [
                {"enum": ["refuse", "warn"]},
                {
                    "type": "object",
                    "required": ["start"],
                    "additionalProperties": False,
                    "properties": {"start": {"type": "string"}},
                },
            ],
        },
        "override": {
            "type": "object",
            "required": ["roles"],
            "additionalProperties": False,
            "properties": {"roles": ROLES},
            "description": "Who may go past it, with a reason 可越过的角色",
        },
    },
}

ACCESS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "Who may see and do what; nobody, unless it is said here 权限",
    "properties": {
        "rows": {
            "type": "object",
            "description": "Role to the rows it sees: `all` or a condition 行权限",
            "additionalProperties": {**EXPRESSION, "type": "string"},
        },
        **dict.fromkeys(("create", "update", "delete", "export", "import"), ROLES),
        "fields": {
            "type": "object",
            "description": "Field to the roles that read and write it 字段权限",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"read": ROLES, "write": ROLES},
            },
        },
    },
}

SORT: dict[str, Any] = {"anyOf": [{"type": "string"}, NAMES], "description": "Field, with - for descending 排序"}
LIST: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "The list page 列表",
    "properties": {
        "columns": {**NAMES, "description": "Fields shown 列"},
        "sort": SORT,
        "totals": {**NAMES, "description": "Columns with a sum below 合计"},
        "views": {
            "type": "object",
            "propertyNames": {"pattern": ID},
            "additionalProperties": {
                "type": "object",
                "required": ["label"],
                "additionalProperties": False,
                "properties": {"label": TEXT, "where": {**EXPRESSION, "type": "string"}, "sort": SORT},
            },
        },
    },
}


def field_schema(name: str) -> dict[str, Any]:
    """The schema of one field of the named type."""
    kind = field_types[name]
    options = {key: dict(told) for key, told in kind.options.items()}
    if name == "lines":
        options["fields"] = fields_schema(nested=True)
    return {
        "type": "object",
        "required": ["type", *kind.required_options],
        "additionalProperties": False,
        "properties": {**COMMON, **options},
    }


def fields_schema(nested: bool = False) -> dict[str, Any]:
    """The schema of a map of fields; rows of a sub-table hold plain fields only."""
    names = [name for name in sorted(field_types) if not (nested and name in ("lines", "related", "serial"))]
    return {
        "type": "object",
        "propertyNames": {"pattern": ID},
        "additionalProperties": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"enum": names}},
            "allOf": [
                {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": field_schema(name)}
                for name in names
            ],
        },
        "description": "The fields, in the order of the page 字段",
    }


@cache
def form_schema() -> dict[str, Any]:
    """The JSON Schema of forms/*.yaml."""
    field_types.plug_in()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "forms/*.yaml",
        "description": "One kind of record: its fields, who may see and change it, and what must always hold.",
        "type": "object",
        "required": ["label", "fields"],
        "additionalProperties": False,
        "properties": {
            "label": {**TEXT, "description": "What people call the form 表单名称"},
            "help": {**TEXT, "description": "A sentence about it 说明"},
            "title": {**TEXT, "description": "What one record is called, with {{ field }} 记录标题"},
            "fields": fields_schema(),
            "unique": {
                "type": "array",
                "items": {**NAMES, "minItems": 2},
                "description": "Fields that together are unique 联合唯一",
            },
            "checks": {
                "type": "array",
                "description": "What must hold between fields 表单校验",
                "items": {
                    "type": "object",
                    "required": ["require", "message"],
                    "additionalProperties": False,
                    "properties": {
                        "require": {**EXPRESSION, "type": "string"},
                        "message": TEXT,
                        "field": {"type": "string", "description": "Where the words appear 提示位置"},
                    },
                },
            },
            "guards": {
                "type": "object",
                "propertyNames": {"pattern": ID},
                "additionalProperties": GUARD,
                "description": "Conditions that no write may break 约束",
            },
            "access": ACCESS,
            "dated": {
                "type": "string",
                "description": "Date field since when a record counts, for reports as of a past day 计入日期",
            },
            "header": {**NAMES, "description": "Fields in large type at the top of a record 页头"},
            "layout": {
                "type": "object",
                "description": "Sections, each a list of rows of fields 布局",
                "additionalProperties": {"type": "array", "items": {**NAMES, "minItems": 1}},
            },
            "list": LIST,
            "removed": {
                "type": "object",
                "description": "Fields that were taken out, and what becomes of their data 已移除",
                "additionalProperties": {
                    "type": "object",
                    "required": ["data"],
                    "additionalProperties": False,
                    "properties": {"data": {"enum": ["keep"]}},
                },
            },
            "was": {"type": "string", "pattern": ID, "description": "The form's id before a rename 原名"},
        },
    }
