"""Boolean: yes or no."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types
from forms.messages import say

YES = {"true", "yes", "1", "on", "y", "是", "√", "对"}
NO = {"false", "no", "0", "off", "n", "否", "×", "错"}


@field_types.register("boolean")
class BooleanField(FieldType):
    """Yes or no.

    ```yaml
    disputed: {type: boolean, label: 有争议, default: false}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("boolean", nullable)

    def parse(self, text: str) -> Any:
        word = text.strip().lower()
        if word not in YES | NO:
            raise BadValue("请选择是或否")
        return word in YES

    def accept(self, value: Any) -> Any:
        if value is not True and value is not False:
            raise BadValue("请选择是或否")
        return value

    def format(self, value: Any, locale: str) -> str:
        return say(locale, "是" if value else "否")

    def column(self) -> TypeEngine[Any]:
        return Boolean(create_constraint=False)

    def from_db(self, value: Any) -> Any:
        return bool(value)

    def search_text(self, value: Any) -> str:
        return ""
