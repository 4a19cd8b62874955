"""Choice: one of a declared list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.catalog.manifest import CHOICE
from engine.expressions import Type
from engine.names import unknown
from forms.fields.base import BadValue, FieldType, Place, field_types

OPTIONS_SCHEMA: dict[str, Any] = {
    "description": "Id to label, or the name of a list under `options` in app.yaml 选项",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
            "additionalProperties": CHOICE,
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be chosen; a retired one stays readable but cannot be chosen anew."""

    id: str
    label: str
    tone: str = ""
    retired: bool = False


def read_options(given: Any, place: Place) -> dict[str, Option]:
    """Answer the options by id, from the field itself or from the app's shared list of that name."""
    if isinstance(given, str):
        shared = place.catalog.options
        if given not in shared:
            place.problems.add(unknown("list of options", given, shared, place.mark("options")))
            return {}
        given = shared[given]
    found = {}
    for id, told in given.items():
        if isinstance(told, Mapping):
            label = str(told.get("label", id))
            found[str(id)] = Option(str(id), label, str(told.get("tone", "")), told.get("retired", False))
        else:
            found[str(id)] = Option(str(id), str(told))
    return found


@field_types.register("choice")
class ChoiceField(FieldType):
    """One of a declared list; the id is kept, the label is shown.

    ```yaml
    grade: {type: choice, label: 信用等级, options: {a: A, b: B, c: C, d: {label: D, tone: bad}}}
    ```
    """

    options: ClassVar[dict[str, Any]] = {"options": OPTIONS_SCHEMA}
    required_options = ("options",)

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.choices = read_options(options.get("options", {}), place)
        self._by_label = {option.label: option.id for option in self.choices.values()}

    def type(self, nullable: bool = True) -> Type:
        return Type("choice", nullable, options=tuple(self.choices))

    def label(self, id: str, locale: str) -> str:
        """The label of an option in the reader's language."""
        option = self.choices.get(id)
        return self.place.catalog.label(option.label, locale) if option else id

    def parse(self, text: str) -> Any:
        word = text.strip()
        return self.accept(self._by_label.get(word, word))

    def accept(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise BadValue("请从列表中选择")
        if value not in self.choices:
            raise BadValue("“{value}”不在可选值中", value=value[:40])
        return value

    def format(self, value: Any, locale: str) -> str:
        return self.label(value, locale)

    def column(self) -> TypeEngine[Any]:
        return Text()
