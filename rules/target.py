"""Target: the record that an action writes, and the values it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.expressions import Expression, Type, compile_expression
from engine.names import unknown

if TYPE_CHECKING:
    from forms.form import Form
    from rules.actions import Occasion
    from rules.place import Place


@dataclass(frozen=True)
class Target:
    """The record itself (`path` is empty) or one that it refers to."""

    form: Form
    path: tuple[str, ...]

    @classmethod
    def of(cls, place: Place) -> Target | None:
        """Read `record:` at this place; it must lead along references to one record."""
        if not place.has("record"):
            return cls(place.form, ())
        spot = place.at("record")
        path = tuple(spot.value.split("."))
        form = place.form
        for name in path:
            field = form.fields.get(name)
            if field is None:
                spot.refuse(unknown("field", name, list(form.fields), spot.mark))
                return None
            if field.value_type.kind != "reference" or field.value_type.form is None:
                spot.refuse(ConfigError(f"'{name}' does not lead to a record", spot.mark, "name a reference field"))
                return None
            form = place.catalog["form"][field.value_type.form]
        return cls(form, path)

    def values(self, place: Place) -> dict[str, Expression]:
        """Compile the map of fields at this place; each value is an expression over the rule's own record."""
        compiled = {}
        for name in place.value:
            value = value_of(place.at(name), self.form)
            if value is not None:
                compiled[name] = value
        return compiled

    def id_of(self, occasion: Occasion) -> int | None:
        """The row id of the target for this record, None where a reference is empty."""
        if not self.path:
            return occasion.record.id
        found = occasion.env.value(self.path)
        return int(found) if found is not None else None


def value_of(place: Place, form: Form) -> Expression | None:
    """Compile one value for the field named by the last key of this place.

    A choice takes the bare id of one of its options; everything else is an expression.
    """
    name = str(place.path[-1])
    field = form.fields.get(name)
    if field is None:
        place.refuse(unknown("field", name, list(form.fields), place.document.key_mark(*place.path)))
        return None
    if field.computed:
        place.refuse(ConfigError(f"'{name}' is computed and cannot be set", place.document.key_mark(*place.path)))
        return None
    if isinstance(place.value, str) and field.value_type.options and place.value in field.value_type.options:
        return compile_expression(repr(place.value), place.scope, expect=field.value_type, mark=place.mark)
    if place.value == "id" and field.value_type.form == place.form.id:
        return place.expression(expect=Type("integer", False))  # a reference to the record that fired
    return place.expression(expect=field.value_type)
