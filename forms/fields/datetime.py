"""Datetime: an instant, read and shown in the app's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from engine.tables import Instant
from forms.fields.base import BadValue, FieldType, field_types

TYPED = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?")
HINT = "请填写日期和时间, 例如 2026-03-01 09:30"


@field_types.register("datetime")
class DatetimeField(FieldType):
    """An instant; people see it in the app's zone, programs send ISO text with an offset.

    ```yaml
    visited_at: {type: datetime, label: 拜访时间}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("datetime", nullable)

    def parse(self, text: str) -> Any:
        found = TYPED.fullmatch(text.strip())
        if not found:
            raise BadValue(HINT)
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=self.place.catalog.timezone)
        except ValueError:
            raise BadValue(HINT) from None
        return self.accept(local)

    def accept(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise BadValue(HINT) from None
        if not isinstance(value, datetime) or value.tzinfo is None or not 1900 < value.year <= 2200:
            raise BadValue(HINT)
        return value.astimezone(UTC)

    def format(self, value: Any, locale: str) -> str:
        return f"{value.astimezone(self.place.catalog.timezone):%Y-%m-%d %H:%M}"

    def json(self, value: Any) -> Any:
        return value.isoformat().replace("+00:00", "Z")

    def column(self) -> TypeEngine[Any]:
        return Instant()
