"""What a field type is: it reads what people and programs send, and knows how a value is kept and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.types import TypeEngine

from engine.errors import Mark, Problems
from engine.expressions import Type
from engine.registry import Registry
from forms.messages import say

if TYPE_CHECKING:
    from engine.catalog import Catalog


class BadValue(ValueError):
    """A value cannot be taken; the words tell the person at the form what to do."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(say("zh-CN", text, **values))
        self.text, self.values = text, values

    def words(self, locale: str) -> str:
        return say(locale, self.text, **self.values)


@dataclass(frozen=True)
class Place:
    """Where a field is declared: the app around it and the marks for its mistakes."""

    catalog: Catalog
    form: str
    field: str
    marks: Mapping[str, Mark]  # option name to place; "" is the field itself
    problems: Problems

    def mark(self, option: str = "") -> Mark | None:
        return self.marks.get(option) or self.marks.get("")


class FieldType:
    """One kind of value. `options` is the JSON Schema properties table of its own YAML keys.

    `parse` reads what a person typed, `accept` what a program sent (JSON or a typed Python value);
    both answer the typed value or raise BadValue. The empty text and None never reach them.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    required_options: ClassVar[tuple[str, ...]] = ()
    stored: ClassVar[bool] = True  # kept in a column of the form's own table
    sortable: ClassVar[bool] = True

    def __init__(self, options: Mapping[str, Any], place: Place) -> None:
        self.given, self.place = options, place

    def type(self, nullable: bool = True) -> Type:
        """The type of the value in expressions."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def accept(self, value: Any) -> Any:
        raise NotImplementedError

    def format(self, value: Any, locale: str) -> str:
        """The value as people read it; None never reaches it."""
        return str(value)

    def json(self, value: Any) -> Any:
        """The value as the API shows it and history keeps it."""
        return value

    def column(self) -> TypeEngine[Any]:
        """The column that holds the physical form."""
        raise NotImplementedError

    def to_db(self, value: Any) -> Any:
        """The physical form of a value; None never reaches it."""
        return value

    def from_db(self, value: Any) -> Any:
        """The value of a physical form; None never reaches it."""
        return value

    def search_text(self, value: Any) -> str:
        """What a search for words should find."""
        return self.format(value, "zh-CN")


field_types: Registry[FieldType] = Registry("field type", "guiju.fields")
