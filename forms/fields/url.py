"""Url: a web address."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from forms.fields.base import BadValue, field_types
from forms.fields.text import TextField

HINT = "请填写网址, 以 http:// 或 https:// 开头"


@field_types.register("url")
class UrlField(TextField):
    """A web address; only http and https, so that a click on it runs nothing.

    ```yaml
    website: {type: url, label: 网站}
    ```
    """

    options: ClassVar[dict[str, Any]] = {}
    longest = 2000

    def accept(self, value: Any) -> Any:
        address = super().accept(value)
        if address is None:
            return None
        try:
            parts = urlsplit(address)
        except ValueError:
            raise BadValue(HINT) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in address or "\\" in address:
            raise BadValue(HINT)
        return address
