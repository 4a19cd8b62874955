"""Money: an exact amount in one currency."""

from __future__ import annotations

from typing import Any, ClassVar

from forms.fields.base import Place, field_types
from forms.fields.number import NumberField


@field_types.register("money")
class MoneyField(NumberField):
    """Two decimals: Decimal in Python, integer minor units in the database.

    ```yaml
    credit_limit: {type: money, label: 授信额度, currency: CNY, min: 0, default: 0}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "min": {"type": "number", "description": "Smallest amount accepted, in `currency` 最小金额"},
        "max": {"type": "number", "description": "Largest amount accepted, in `currency` 最大金额"},
        "currency": {
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "description": "Three letters; the app's if left out 币种",
        },
    }
    kind = "money"

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.currency: str = options.get("currency") or place.catalog.currency

    def parse(self, text: str) -> Any:
        return super().parse(text.strip().removeprefix("¥").removeprefix("￥"))
