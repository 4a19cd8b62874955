"""Reference: another record."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.expressions import Type
from engine.tables import Id
from forms.fields.base import BadValue, FieldType, Place, field_types

LARGEST = 2**63 - 1


def accept_id(value: Any, hint: str) -> int:
    """Answer a row id, or raise BadValue with the hint."""
    if type(value) is not int or not 0 < value <= LARGEST:
        raise BadValue(hint)
    return value


@field_types.register("reference")
class ReferenceField(FieldType):
    """One record of another form, by its id; it must exist and be visible to the writer.

    ```yaml
    customer: {type: reference, label: 客户, form: customer, where: credit_status != 'frozen'}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "form": {"type": "string", "description": "Form of the record referred to 关联表单"},
        "where": {"type": "string", "format": "expression", "description": "Which records are offered 可选范围"},
        "on_delete": {"enum": ["refuse", "clear"], "description": "What happens when that record is deleted 被删除时"},
    }
    required_options = ("form",)

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.form: str = options.get("form", "")

    def type(self, nullable: bool = True) -> Type:
        return Type("reference", nullable, form=self.form)

    def parse(self, text: str) -> Any:
        word = text.strip()
        if not word.isascii() or not word.isdigit() or len(word) > 18:
            raise BadValue("请选择一条记录")
        return self.accept(int(word))

    def accept(self, value: Any) -> Any:
        return accept_id(value, "请选择一条记录")

    def column(self) -> Any:
        return Id
