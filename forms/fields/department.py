"""Department: a part of the organisation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types


@field_types.register("department")
class DepartmentField(FieldType):
    """One department, by its id.

    ```yaml
    team: {type: department, label: 所属部门}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("department", nullable)

    def parse(self, text: str) -> Any:
        return self.accept(text.strip())

    def accept(self, value: Any) -> Any:
        if not isinstance(value, str) or not value or len(value) > 60:
            raise BadValue("部门不存在")
        return value

    def column(self) -> TypeEngine[Any]:
        return Text()
