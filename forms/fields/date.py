"""Date: a business date without a time."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Date
from sqlalchemy.types import TypeEngine

from engine.errors import SchemaError
from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, Place, field_types

TYPED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HINT = "请填写日期, 例如 2026-03-01"


@field_types.register("date")
class DateField(FieldType):
    """A day of the calendar.

    ```yaml
    due_date: {type: date, label: 到期日, min: 2000-01-01}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "min": {"type": "string", "description": "Earliest date accepted, 2000-01-01 最早日期"},
        "max": {"type": "string", "description": "Latest date accepted 最晚日期"},
    }

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.min, self.max = self._bound("min"), self._bound("max")

    def _bound(self, name: str) -> date | None:
        if name not in self.given:
            return None
        try:
            return date.fromisoformat(str(self.given[name]))
        except ValueError:
            self.place.problems.add(SchemaError(f"{name} is not a date", self.place.mark(name), "write 2026-03-01"))
            return None

    def type(self, nullable: bool = True) -> Type:
        return Type("date", nullable)

    def parse(self, text: str) -> Any:
        found = TYPED.fullmatch(text.strip())
        if not found:
            raise BadValue(HINT)
        return self.accept("{}-{:0>2}-{:0>2}".format(*found.groups()))

    def accept(self, value: Any) -> Any:
        if type(value) is not date:
            if not isinstance(value, str) or not WRITTEN.fullmatch(value):
                raise BadValue(HINT)
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise BadValue(HINT) from None
        if value.year < 1900 or (self.min and value < self.min):
            raise BadValue("早于允许的最早日期 {min}", min=self.min or "1900-01-01")
        if value.year > 2200 or (self.max and value > self.max):
            raise BadValue("晚于允许的最晚日期 {max}", max=self.max or "2200-12-31")
        return value

    def format(self, value: Any, locale: str) -> str:
        return str(value)

    def json(self, value: Any) -> Any:
        return value.isoformat()

    def column(self) -> TypeEngine[Any]:
        return Date()
