"""Phone: a telephone number."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from forms.fields.base import BadValue, field_types
from forms.fields.text import TextField

NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{3,24}[0-9](?:\s*(?:转|ext\.?|x)\s*\d{1,6})?")


@field_types.register("phone")
class PhoneField(TextField):
    """A telephone number as people write it: 021-6888 8888 转 8001, +86 13800138000.

    ```yaml
    phone: {type: phone, label: 联系电话}
    ```
    """

    options: ClassVar[dict[str, Any]] = {}
    longest = 40

    def accept(self, value: Any) -> Any:
        number = super().accept(value)
        if number is not None and not NUMBER.fullmatch(number):
            raise BadValue("请填写电话号码")
        return number
