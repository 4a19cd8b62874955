"""Serial: a number the system gives."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.errors import SchemaError
from engine.expressions import Type
from forms.fields.base import FieldType, Place, field_types
from forms.fields.text import TextField

HOLE = re.compile(r"\{(year|month|date|0+)\}")


@field_types.register("serial")
class SerialField(TextField):
    """A number given at the first save. Gapless ones line up behind each other; fast ones may skip.

    ```yaml
    number: {type: serial, label: 订单编号, format: "SO-{year}{month}-{0000}", mode: gapless}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "format": {
            "type": "string",
            "description": "Text with {year}, {month}, {date} and {0000} for the count 编号格式",
        },
        "mode": {"enum": ["gapless", "fast"], "description": "gapless: no number is missing; fast: no waiting 方式"},
    }
    required_options = ("format",)

    def __init__(self, options: Any, place: Place) -> None:
        FieldType.__init__(self, options, place)
        self.max_length, self.min_length, self.pattern = 100, 0, None
        self.template: str = options.get("format", "{0000}")
        self.gapless = options.get("mode", "gapless") == "gapless"
        holes = HOLE.findall(self.template)
        if sum(1 for hole in holes if hole.startswith("0")) != 1 or "{" in HOLE.sub("", self.template):
            message = "a format has one count such as {0000}, and besides it only {year}, {month} and {date}"
            place.problems.add(SchemaError(message, place.mark("format")))

    def type(self, nullable: bool = True) -> Type:
        return Type("text", nullable)

    def period(self, day: date) -> str:
        """The part of the number that stays while the count runs; a new one starts at 1."""
        return HOLE.sub(lambda hole: hole[0] if hole[1].startswith("0") else self._part(hole[1], day), self.template)

    def number(self, period: str, count: int) -> str:
        """The number with this count, in this period."""
        return HOLE.sub(lambda hole: f"{count:0{len(hole[1])}d}", period)

    @staticmethod
    def _part(name: str, day: date) -> str:
        return {"year": f"{day:%Y}", "month": f"{day:%m}", "date": f"{day:%Y%m%d}"}[name]

    def column(self) -> TypeEngine[Any]:
        return Text()
