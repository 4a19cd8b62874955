"""Integer: a whole number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from forms.fields.base import BadValue, Place, field_types
from forms.fields.number import NumberField


@field_types.register("integer")
class IntegerField(NumberField):
    """A whole number.

    ```yaml
    credit_term: {type: integer, label: 批准账期, min: 0, max: 365, unit: 天}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "min": {"type": "integer", "description": "Smallest value accepted 最小值"},
        "max": {"type": "integer", "description": "Largest value accepted 最大值"},
        "unit": {"type": "string", "description": "Shown after the number 单位"},
    }
    kind = "integer"
    decimals = 0

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.min = None if self.min is None else int(self.min)  # type: ignore[assignment]
        self.max = None if self.max is None else int(self.max)  # type: ignore[assignment]

    def accept(self, value: Any) -> Any:
        if type(value) is not int:
            if type(value) is not Decimal or not value.is_finite() or value != value.to_integral_value():
                raise BadValue("请填写整数")
            value = int(value)
        if not -(10**15) < value < 10**15:
            raise BadValue("数字太大")
        self.within(value)
        return value

    def format(self, value: Any, locale: str) -> str:
        return f"{value:,}" if abs(value) >= 10000 else str(value)

    def json(self, value: Any) -> Any:
        return value

    def to_db(self, value: Any) -> Any:
        return value

    def from_db(self, value: Any) -> Any:
        return value
