"""Role: one of the app's roles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, field_types


@field_types.register("role")
class RoleField(FieldType):
    """One of the roles declared in roles.yaml.

    ```yaml
    handled_by: {type: role, label: 处理角色}
    ```
    """

    def type(self, nullable: bool = True) -> Type:
        return Type("role", nullable)

    def parse(self, text: str) -> Any:
        return self.accept(text.strip())

    def accept(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.place.catalog.roles:
            raise BadValue("角色不存在")
        return value

    def column(self) -> TypeEngine[Any]:
        return Text()
