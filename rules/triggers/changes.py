"""Changes: when one of the named fields changes, in the same transaction."""

from __future__ import annotations

from rules.triggers import Trigger, trigger_types


@trigger_types.register("changes")
class Changes(Trigger):
    """React to a change of the record, of what it refers to, or of what refers to it.

    trigger: {changes: [credit_limit, receivables.outstanding]}
    """

    schema = {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "description": "字段路径 / paths of fields; a computed field stands for all it is made of",
    }

    def describe(self) -> str:
        return "字段变化时: " + "、".join(self.value)
