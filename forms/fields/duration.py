"""Duration: a length of time."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types

TYPED = re.compile(r"(?:(\d{1,5})\s*(?:d|天))?\s*(?:(\d{1,6})\s*(?:h|小时))?\s*(?:(\d{1,7})\s*(?:m|分|分钟))?")
HINT = "请填写时长, 例如 2d 4h 30m"


@field_types.register("duration")
class DurationField(FieldType):
    """A length of time to the minute; in expressions a number of minutes.

    ```yaml
    spent: {type: duration, label: 用时}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("duration", nullable)

    def parse(self, text: str) -> Any:
        found = TYPED.fullmatch(text.strip().lower())
        if not found or not any(found.groups()):
            raise BadValue(HINT)
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return (days * 24 + hours) * 60 + minutes

    def accept(self, value: Any) -> Any:
        if type(value) is int and 0 <= value < 10**9:
            return value
        if isinstance(value, str) and value:
            return self.parse(value)
        raise BadValue(HINT)

    def format(self, value: Any, locale: str) -> str:
        parts = ((value // 1440, "d"), (value % 1440 // 60, "h"), (value % 60, "m"))
        return " ".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0m"

    def column(self) -> TypeEngine[Any]:
        return BigInteger()
