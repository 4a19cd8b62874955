"""Tags: free words."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types
from forms.fields.choices import SEPARATORS
from forms.fields.text import UNWANTED


@field_types.register("tags")
class TagsField(FieldType):
    """Free words that people add; kept in the order given, each once.

    ```yaml
    tags: {type: tags, label: 客户标签, max_count: 10}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "max_count": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Most tags 最多个数"},
    }
    sortable = False

    def type(self, nullable: bool = True) -> Type:
        return Type("choices", nullable)

    def parse(self, text: str) -> Any:
        return self.accept([word for word in SEPARATORS.split(text) if word.strip()])

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise BadValue("请填写列表")
        found: dict[str, None] = {}
        for word in value:
            if not isinstance(word, str):
                raise BadValue("请填写文字")
            word = word.strip()
            if UNWANTED.search(word) or "\n" in word:
                raise BadValue("不能包含控制字符")
            if len(word) > 30:
                raise BadValue("最多 {max} 个字, 现在有 {length} 个", max=30, length=len(word))
            if word:
                found[word] = None
        most = self.given.get("max_count", 20)
        if len(found) > most:
            raise BadValue("最多选择 {max} 项", max=most)
        return tuple(found) or None

    def format(self, value: Any, locale: str) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(value)

    def json(self, value: Any) -> Any:
        return list(value)

    def column(self) -> TypeEngine[Any]:
        return Text()

    def to_db(self, value: Any) -> Any:
        return orjson.dumps(value).decode()

    def from_db(self, value: Any) -> Any:
        return tuple(orjson.loads(value))
