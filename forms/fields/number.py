"""Number: an exact decimal number."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, Place, field_types

TYPED = re.compile(r"[+-]?(\d+|\d{1,3}([,，]\d{3})+)(\.\d*)?|[+-]?\.\d+")
DIGITS = 15  # so many survive a JSON number of any program


@field_types.register("number")
class NumberField(FieldType):
    """A decimal number, kept exactly as an integer of its smallest unit.

    ```yaml
    nps: {type: number, label: 净推荐值, decimals: 1, min: -100, max: 100}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "min": {"type": "number", "description": "Smallest value accepted 最小值"},
        "max": {"type": "number", "description": "Largest value accepted 最大值"},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 6, "description": "Decimals kept 小数位数"},
        "unit": {"type": "string", "description": "Shown after the number 单位"},
    }
    kind = "number"
    decimals = 2

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.scale: int = options.get("decimals", self.decimals)
        self.step = Decimal(1).scaleb(-self.scale)
        self.limit = Decimal(10) ** (DIGITS - self.scale)
        self.min: Decimal | None = None if options.get("min") is None else Decimal(options["min"])
        self.max: Decimal | None = None if options.get("max") is None else Decimal(options["max"])
        self.unit: str = options.get("unit", "")

    def type(self, nullable: bool = True) -> Type:
        return Type(self.kind, nullable, self.scale)

    def read(self, text: str) -> Decimal:
        """Read a number as people type it, with or without commas between the thousands."""
        text = text.strip().replace(" ", "").replace("，", ",")
        if not TYPED.fullmatch(text):
            raise BadValue("请填写数字")
        return Decimal(text.replace(",", ""))

    def parse(self, text: str) -> Any:
        return self.accept(self.read(text))

    def accept(self, value: Any) -> Any:
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):
                raise BadValue("请填写数字")
            value = Decimal(repr(value))
        elif kind is int:
            value = Decimal(value)
        elif kind is not Decimal or not value.is_finite():
            raise BadValue("请填写数字")
        if not -self.limit < value < self.limit:
            raise BadValue("数字太大")
        exact: Decimal = value.quantize(self.step, ROUND_HALF_UP)
        if exact != value:
            raise BadValue("最多 {scale} 位小数", scale=self.scale)
        self.within(exact)
        return exact

    def within(self, value: Any) -> None:
        """Raise BadValue when the value is outside the declared bounds."""
        if self.min is not None and value < self.min:
            raise BadValue("不能小于 {min}", min=self.format(self.min, "zh-CN"))
        if self.max is not None and value > self.max:
            raise BadValue("不能大于 {max}", max=self.format(self.max, "zh-CN"))

    def format(self, value: Any, locale: str) -> str:
        return f"{value:,.{self.scale}f}"

    def json(self, value: Any) -> Any:
        return float(value) if self.scale else int(value)

    def column(self) -> TypeEngine[Any]:
        return BigInteger()

    def to_db(self, value: Any) -> Any:
        return int(value.scaleb(self.scale))

    def from_db(self, value: Any) -> Any:
        return Decimal(value).scaleb(-self.scale)
