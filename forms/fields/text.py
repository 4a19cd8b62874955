"""Text: one line."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, ClassVar

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.errors import SchemaError
from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, Place, field_types

# C0 and C1 controls, and the characters that reorder or hide text (bidi overrides, zero width).
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@field_types.register("text")
class TextField(FieldType):
    """One line of text, trimmed, in Unicode's composed form.

    ```yaml
    tax_no: {type: text, label: 纳税人识别号, max_length: 20, pattern: "[0-9A-Z]{15,20}"}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "max_length": {"type": "integer", "minimum": 1, "maximum": 100000, "description": "Most characters 最多字数"},
        "min_length": {"type": "integer", "minimum": 1, "description": "Fewest characters 最少字数"},
        "pattern": {"type": "string", "description": "Regular expression that the whole text must match 格式"},
        "placeholder": {"type": "string", "description": "Shown in the empty field 提示"},
    }
    longest = 200
    lines = False

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.max_length: int = options.get("max_length", self.longest)
        self.min_length: int = options.get("min_length", 0)
        self.pattern: re.Pattern[str] | None = None
        if "pattern" in options:
            try:
                self.pattern = re.compile(options["pattern"])
            except re.error as error:
                place.problems.add(SchemaError(f"pattern does not read: {error}", place.mark("pattern")))

    def type(self, nullable: bool = True) -> Type:
        return Type("text", nullable)

    def parse(self, text: str) -> Any:
        return self.accept(text)

    def accept(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise BadValue("请填写文字")
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if UNWANTED.search(text):
            raise BadValue("不能包含控制字符")
        if not self.lines and ("\n" in text or "\t" in text):
            raise BadValue("不能换行")
        if len(text) > self.max_length:
            raise BadValue("最多 {max} 个字, 现在有 {length} 个", max=self.max_length, length=len(text))
        if not text:
            return None
        if len(text) < self.min_length:
            raise BadValue("至少 {min} 个字, 现在有 {length} 个", min=self.min_length, length=len(text))
        if self.pattern and not self.pattern.fullmatch(text):
            raise BadValue("格式不正确")
        return text

    def column(self) -> TypeEngine[Any]:
        return Text()
