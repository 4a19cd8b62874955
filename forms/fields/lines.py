"""Lines: a table inside the record."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, Place, field_types


@field_types.register("lines")
class LinesField(FieldType):
    """Rows that belong to this record alone and are saved with it, each with fields of its own.

    ```yaml
    contacts:
      type: lines
      label: 联系人
      max_rows: 20
      fields:
        name:   {type: text, label: 姓名, required: true}
        mobile: {type: phone, label: 手机}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "fields": {"type": "object", "minProperties": 1, "description": "Fields of a row 行字段"},
        "min_rows": {"type": "integer", "minimum": 0, "description": "Fewest rows 最少行数"},
        "max_rows": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "Most rows 最多行数"},
    }
    required_options = ("fields",)
    stored = False
    sortable = False

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.form = f"{place.form}.{place.field}"
        self.min_rows: int = options.get("min_rows", 0)
        self.max_rows: int = options.get("max_rows", 200)

    def type(self, nullable: bool = True) -> Type:
        return Type("related", False, form=self.form)

    def accept(self, value: Any) -> Any:
        """Answer the rows as they came; their fields are read when the record is saved."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
            raise BadValue("请填写列表")
        if len(value) > self.max_rows:
            raise BadValue("最多 {max} 行", max=self.max_rows)
        if len(value) < self.min_rows:
            raise BadValue("至少 {min} 行", min=self.min_rows)
        return tuple(value)
