"""Target: the record that an action writes, and the values it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expressions import Expression
from engine.names import unknown

if TYPE_CHECKING:
    from forms.form import Form
    from forms.place import Place
    from rules.actions import Occasion


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
                spot.problems.add(unknown("field", name, list(form.fields), spot.mark))
                return None
            if field.value_type.kind != "reference" or field.value_type.form is None:
                spot.refuse(f"'{name}' does not lead to a record", "name a reference field")
                return None
            form = place.catalog["form"][field.value_type.form]
        return cls(form, path)

    def values(self, place: Place) -> dict[str, Expression]:
        """Compile the map of fields at this place; each value is an expression over the rule's own record."""
        compiled = {}
        for name in place.value:
            value = place.at(name).new_value(self.form)
            if value is not None:
                compiled[name] = value
        return compiled

    def id_of(self, occasion: Occasion) -> int | None:
        """The row id of the target for this record, None where a reference is empty."""
        if not self.path:
            return occasion.record.id
        found = occasion.env.value(self.path)
        return int(found) if found is not None else None
