"""The shapes of the files in datasets/ and reports/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.period import PRESETS
from reports.widgets import COMMON, built_in, widget_types

LABEL = {"type": "string", "minLength": 1, "description": "名称 / what people call it"}
CONDITION = {"type": ["string", "boolean"], "description": "条件表达式 / condition"}
FORMATS = ["money", "percent", "integer", "number", "days"]
VALUE = {"type": "string", "description": "表达式 / expression over the record"}


def dataset_schema() -> Mapping[str, Any]:
    dimension = _object(
        {
            "label": LABEL,
            "field": {"type": "string", "description": "字段路径 / field, along references"},
            "band": _object(
                {
                    "of": VALUE,
                    "edges": {
                        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}],
                        "description": "分界, 或保存分界的设置 / edges, or the setting that holds them",
                    },
                    "below": {"type": "string", "description": "最低一段的名称 / name of the lowest band"},
                },
                ["of", "edges"],
            ),
        },
        [],
    )
    measure = _object(
        {
            "label": LABEL,
            "sum": VALUE,
            "count": {"const": True, "description": "计数 / count of records"},
            "distinct": VALUE,
            "min": VALUE,
            "max": VALUE,
            "avg": VALUE,
            "ratio": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 2,
                "maxItems": 2,
                "description": "[分子, 分母] / two measures of this dataset",
            },
            "where": CONDITION,
            "format": {"enum": FORMATS, "description": "数字格式 / how it is written"},
            "good": {"enum": ["up", "down"], "description": "哪个方向是好的 / which way is welcome"},
        },
        ["label"],
    )
    return _object(
        {
            "label": LABEL,
            "of": {"type": "string", "description": "表单 / form whose records are measured"},
            "time": {"type": "string", "description": "时间字段 / its own date field"},
            "dimensions": {"type": "object", "additionalProperties": dimension},
            "measures": {"type": "object", "minProperties": 1, "additionalProperties": measure},
        },
        ["label", "of", "measures"],
    )


def report_schema() -> Mapping[str, Any]:
    found = _object(
        {
            "type": {"enum": ["date_range", "choice"], "description": "筛选类型 / kind of filter"},
            "label": LABEL,
            "default": {"type": "string", "description": "缺省, 如 " + "、".join(PRESETS)},
            "binds": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"type": "string"},
                "description": "数据集: 字段或维度 / dataset: date field or dimension",
            },
        },
        ["type", "binds"],
    )
    layout = _object(
        {
            "columns": {"type": "integer", "minimum": 1, "maximum": 60},
            "rows": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "string", "pattern": "^[a-z][a-z0-9_]* [0-9]+$"},
                },
                "description": "每行的组件与宽度, 如 [balance 3, rate 3] / rows of widget and width",
            },
        },
        ["columns", "rows"],
    )
    return _object(
        {
            "label": LABEL,
            "roles": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "description": "谁可以打开 / who may open it",
            },
            "filters": {"type": "object", "additionalProperties": found},
            "widgets": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "object",
                    "properties": {"type": {"type": "string"}},
                    "required": ["type", "show"],
                },
            },
            "layout": layout,
        },
        ["label", "roles", "widgets", "layout"],
    )


def widget_schema(kind: str) -> Mapping[str, Any]:
    """The shape of one widget of a kind."""
    return _object({**COMMON, **widget_types[kind].options}, ["type", "show"])


def load_widgets() -> None:
    """Register the built-in widgets and those that are plugged in."""
    list(built_in())
    widget_types.plug_in()


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
