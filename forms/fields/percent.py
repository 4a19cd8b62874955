"""Percent: a share of the whole."""

from __future__ import annotations

from typing import Any, ClassVar

from forms.fields.base import field_types
from forms.fields.number import NumberField


@field_types.register("percent")
class PercentField(NumberField):
    """A share: people type and read 80%, expressions and the API hold 0.8, to four decimals.

    ```yaml
    deposit_rate: {type: percent, label: 保证金比例, min: 0, max: 1}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "min": {"type": "number", "description": "Smallest share accepted, 0.1 for 10% 最小比例"},
        "max": {"type": "number", "description": "Largest share accepted, 1 for 100% 最大比例"},
    }
    kind = "percent"
    decimals = 4

    def parse(self, text: str) -> Any:
        return self.accept(self.read(text.strip().rstrip("%％")) / 100)

    def format(self, value: Any, locale: str) -> str:
        return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
