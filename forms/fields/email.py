"""E-mail: one address."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from forms.fields.base import BadValue, field_types
from forms.fields.text import TextField

ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[\w](?:[\w-]*[\w])?(?:\.[\w](?:[\w-]*[\w])?)+")


@field_types.register("email")
class EmailField(TextField):
    """One e-mail address; never a line break, so never a second header.

    ```yaml
    contact_email: {type: email, label: 联系人邮箱}
    ```
    """

    options: ClassVar[dict[str, Any]] = {}
    longest = 254

    def accept(self, value: Any) -> Any:
        address = super().accept(value)
        if address is not None and not ADDRESS.fullmatch(address):
            raise BadValue("请填写电子邮箱, 例如 name@example.com")
        return address
