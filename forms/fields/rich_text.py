"""Rich text: a small, safe part of HTML."""

from __future__ import annotations

from typing import Any

import nh3

from forms.fields.base import BadValue, field_types
from forms.fields.long_text import LongTextField

TAGS = {
    "p", "br", "strong", "b", "em", "i", "u", "s", "ul", "ol", "li", "blockquote", "h3", "h4", "code", "pre", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@field_types.register("rich_text")
class RichTextField(LongTextField):
    """Formatted text; whatever is not plain formatting is taken out before it is kept.

    ```yaml
    clause: {type: rich_text, label: 合同条款}
    ```
    """

    longest = 50000

    def accept(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > self.max_length:
            raise BadValue("最多 {max} 个字, 现在有 {length} 个", max=self.max_length, length=len(value))
        text = super().accept(value)
        if text is None:
            return None
        clean = nh3.clean(text, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
        return clean or None

    def search_text(self, value: Any) -> str:
        return nh3.clean(value, tags=set())
