"""Signing: how `sign:` is written, and the rule of counting it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forms.place import Place

MODES = {"any": "或签", "all": "会签", "sequence": "依次审批", "vote": "票签"}

SIGN: dict[str, Any] = {
    "anyOf": [
        {"enum": ["any", "all", "sequence"]},
        {
            "type": "object",
            "properties": {
                "vote": {
                    "type": "object",
                    "properties": {
                        "percent": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 100,
                            "description": "同意比例 / share that must agree",
                        },
                        "count": {"type": "integer", "minimum": 1, "description": "同意人数 / how many must agree"},
                    },
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                }
            },
            "required": ["vote"],
            "additionalProperties": False,
        },
    ],
    "description": "签署方式 / any: 或签, all: 会签, sequence: 依次, vote: 票签; any if not given",
}


def compile_sign(place: Place) -> dict[str, Any]:
    """The rule of a step as votes reads it."""
    sign = place.value.get("sign", "any")
    rule: dict[str, Any] = {"mode": "vote", **sign["vote"]} if isinstance(sign, dict) else {"mode": sign}
    for key, modes in (("reject_needs", ("any",)), ("on_refusal", ("all", "sequence"))):
        if not place.has(key):
            continue
        if rule["mode"] not in modes:
            place.refuse(
                f"`{key}` has no meaning with `sign: {rule['mode']}`",
                f"it belongs to {' or '.join(modes)}",
                place.key_mark(key),
            )
        rule[key] = place.value[key]
    return rule
