"""Time: a time of day."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types

TYPED = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")


@field_types.register("time")
class TimeField(FieldType):
    """A time of day on a 24-hour clock, to the minute.

    ```yaml
    call_after: {type: time, label: 可致电时间}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("time", nullable)

    def parse(self, text: str) -> Any:
        return self.accept(text.strip())

    def accept(self, value: Any) -> Any:
        found = TYPED.fullmatch(value) if isinstance(value, str) else None
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise BadValue("请填写时间, 例如 09:30")
        return f"{int(found[1]):02}:{found[2]}"

    def column(self) -> TypeEngine[Any]:
        return Text()
