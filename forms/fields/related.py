"""Related: the records of another form that refer to this one."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.expressions import Type
from forms.fields.base import FieldType, Place, field_types


@field_types.register("related")
class RelatedField(FieldType):
    """Records of another form whose reference `via` names this record; a view on them, never stored here.

    ```yaml
    receivables: {type: related, label: 应收账款, form: receivable, via: customer}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "form": {"type": "string", "description": "Form of the related records 关联表单"},
        "via": {"type": "string", "description": "Their reference field that names this record 关联字段"},
    }
    required_options = ("form", "via")
    stored = False
    sortable = False

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.form: str = options.get("form", "")
        self.via: str = options.get("via", "")

    def type(self, nullable: bool = True) -> Type:
        return Type("related", False, form=self.form)
