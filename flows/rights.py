"""Rights: which fields a step may change, must fill, or does not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import AccessDenied, InputError

if TYPE_CHECKING:
    from forms.form import Form
    from forms.place import Place


@dataclass(frozen=True, slots=True)
class Rights:
    """The fields of one step by what may be done with them; all others can be read."""

    edit: frozenset[str] = frozenset()
    require: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    def refuse_foreign(self, form: Form, values: Mapping[str, Any]) -> None:
        """Refuse values for fields that this step does not change; AccessDenied names them."""
        foreign = [name for name in values if name not in self.edit]
        if foreign:
            labels = "、".join(form.fields[name].label if name in form.fields else name for name in foreign)
            raise AccessDenied(f"这一步不能修改: {labels}")

    def missing(self, form: Form, values: Mapping[str, Any]) -> None:
        """Refuse to agree while a required field is empty; InputError at each of them."""
        empty = [name for name in self.require if values.get(name) in (None, "", ())]
        if empty:
            raise InputError({name: f"请填写{form.fields[name].label}" for name in empty})


def compile_rights(place: Place | None) -> Rights:
    """Compile `fields:`; what must be filled can also be changed."""
    if place is None:
        return Rights()

    def names(key: str) -> tuple[str, ...]:
        return place.at(key).field_names() if place.has(key) else ()

    edit, require, hidden = names("edit"), names("require"), names("hidden")
    for name in (*edit, *require):
        if place.form.fields[name].compute is not None:
            place.refuse(f"'{name}' is computed and cannot be changed at a step")
        if name in hidden:
            place.refuse(f"'{name}' cannot be hidden and changed at the same step")
    return Rights(frozenset((*edit, *require)), require, frozenset(hidden))
