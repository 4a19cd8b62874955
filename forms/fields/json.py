"""Json: structured data that programs send."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types


@field_types.register("json")
class JsonField(FieldType):
    """Structured data kept as it came, up to 64 kB.

    ```yaml
    answer: {type: json, label: 征信接口返回}
    ```
    """

    sortable = False

    def type(self, nullable: bool = True) -> Type:
        return Type("json", nullable)

    def parse(self, text: str) -> Any:
        try:
            return self.accept(orjson.loads(text))
        except orjson.JSONDecodeError:
            raise BadValue("请填写 JSON") from None

    def accept(self, value: Any) -> Any:
        try:
            written = orjson.dumps(value)
        except (orjson.JSONEncodeError, TypeError):
            raise BadValue("请填写 JSON") from None
        if len(written) > 65536:
            raise BadValue("内容太大")
        return orjson.loads(written)

    def format(self, value: Any, locale: str) -> str:
        return orjson.dumps(value).decode()

    def column(self) -> TypeEngine[Any]:
        return Text()

    def to_db(self, value: Any) -> Any:
        return orjson.dumps(value).decode()

    def from_db(self, value: Any) -> Any:
        return orjson.loads(value)
