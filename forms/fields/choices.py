"""Choices: several of a declared list."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import orjson
from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, field_types
from forms.fields.choice import OPTIONS_SCHEMA, ChoiceField

SEPARATORS = re.compile(r"[,，、;；\n]")


@field_types.register("choices")
class ChoicesField(ChoiceField):
    """Several of a declared list, kept in the order of the list.

    ```yaml
    payment_method: {type: choices, label: 付款方式, options: {bank: 银行转账, draft: 承兑汇票, cash: 现金}}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "options": OPTIONS_SCHEMA,
        "max_count": {"type": "integer", "minimum": 1, "description": "Most that may be chosen 最多选几项"},
    }
    sortable = False

    def type(self, nullable: bool = True) -> Type:
        return Type("choices", nullable, options=tuple(self.choices))

    def parse(self, text: str) -> Any:
        words = [word.strip() for word in SEPARATORS.split(text) if word.strip()]
        return self.accept([self._by_label.get(word, word) for word in words])

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or len(value) > 1000:
            raise BadValue("请填写列表")
        chosen = set()
        for one in value:
            super().accept(one)
            if one in chosen:
                raise BadValue("“{value}”重复", value=one)
            chosen.add(one)
        most = self.given.get("max_count")
        if most and len(chosen) > most:
            raise BadValue("最多选择 {max} 项", max=most)
        return tuple(id for id in self.choices if id in chosen) or None

    def format(self, value: Any, locale: str) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(self.label(id, locale) for id in value)

    def json(self, value: Any) -> Any:
        return list(value)

    def column(self) -> TypeEngine[Any]:
        return Text()

    def to_db(self, value: Any) -> Any:
        return orjson.dumps(value).decode()

    def from_db(self, value: Any) -> Any:
        return tuple(orjson.loads(value))
