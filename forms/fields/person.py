"""Person: someone who uses the app."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.expressions import Type
from engine.names import unknown
from engine.tables import Id
from forms.fields.base import BadValue, FieldType, Place, field_types
from forms.fields.reference import accept_id


@field_types.register("person")
class PersonField(FieldType):
    """One active person, if wished of one role.

    ```yaml
    sales_owner: {type: person, label: 销售负责人, role: sales}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "role": {"type": "string", "description": "Only people of this role are offered 限定角色"},
    }

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.role: str | None = options.get("role")
        if self.role and self.role not in place.catalog.roles:
            place.problems.add(unknown("role", self.role, place.catalog.roles, place.mark("role")))

    def type(self, nullable: bool = True) -> Type:
        return Type("person", nullable)

    def parse(self, text: str) -> Any:
        word = text.strip()
        if not word.isascii() or not word.isdigit() or len(word) > 18:
            raise BadValue("请选择人员")
        return self.accept(int(word))

    def accept(self, value: Any) -> Any:
        return accept_id(value, "请选择人员")

    def column(self) -> Any:
        return Id
