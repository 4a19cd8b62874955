"""Long text: several lines."""

from __future__ import annotations

from forms.fields.base import field_types
from forms.fields.text import TextField


@field_types.register("long_text")
class LongTextField(TextField):
    """Several lines of plain text.

    ```yaml
    reason: {type: long_text, label: 申请理由, max_length: 2000}
    ```
    """

    longest = 10000
    lines = True
