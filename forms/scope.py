"""FormScope: the names that an expression about a form's records may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine import settings
from engine.errors import ConfigError
from engine.expressions import Expression, Scope, Type, types
from forms.form import SYSTEM_FIELDS, Form

if TYPE_CHECKING:
    from engine.catalog import Catalog

PERSON: Mapping[str, tuple[str, Type]] = {
    "name": ("姓名", types.text(nullable=False)),
    "login": ("账号", types.text(nullable=False)),
    "email": ("邮箱", types.text()),
    "mobile": ("手机", types.text()),
    "department": ("部门", types.department()),
    "superior": ("上级", types.person()),
    "active": ("在用", types.boolean(nullable=False)),
}


USER = {name: PERSON[name] for name in ("name", "login", "department", "superior")}


class PersonScope:
    """What may be asked of a person, at any distance up the line; of the person who looks only what comes with them."""

    def __init__(self, told: Mapping[str, tuple[str, Type]]) -> None:
        self._told = told

    def find(self, name: str) -> Type | None:
        return self._told[name][1] if name in self._told else None

    def into(self, name: str) -> Scope | None:
        return self if name == "superior" and self._told is PERSON else None

    def names(self) -> Mapping[str, str]:
        return {name: label for name, (label, _) in self._told.items()}

    def expand(self, name: str) -> Expression | None:
        return None


_PEOPLE, _USER = PersonScope(PERSON), PersonScope(USER)


class FormScope:
    """The fields of a form, its system fields, `user` and `settings`."""

    def __init__(self, form: Form, forms: Mapping[str, Form], catalog: Catalog) -> None:
        self.form, self.forms = form, forms
        self.pending: dict[str, Callable[[], Expression | None]] = {}  # computed fields that are not compiled yet
        self._compiling: list[str] = []
        self._settings = settings.scope(catalog.settings)
        itself = (SYSTEM_FIELDS["id"][0], Type("reference", False, form=form.id))  # so that a rule can refer to it
        self._own: dict[str, tuple[str, Type]] = {**SYSTEM_FIELDS, "id": itself}
        if form.parent:
            parent = (form.parent.label, Type("reference", False, form=form.parent.id))
            self._own = {"id": itself, "parent": parent, "position": ("行号", Type("integer", False))}

    def find(self, name: str) -> Type | None:
        field = self.form.fields.get(name)
        if field is not None:
            return field.value_type
        if name in self._own:
            return self._own[name][1]
        return {"settings": types.record(), "user": types.person(nullable=False)}.get(name)

    def into(self, name: str) -> Scope | None:
        if name == "settings":
            return self._settings
        found = self.find(name)
        if found is None:
            return None
        if found.kind == "person":
            return _USER if name == "user" else _PEOPLE
        return scope_of(self.forms, found.form) if found.form else None

    def names(self) -> Mapping[str, str]:
        labels = {id: field.label for id, field in self.form.fields.items()}
        return (
            labels | {name: label for name, (label, _) in self._own.items()} | {"user": "当前用户", "settings": "设置"}
        )

    def expand(self, name: str) -> Expression | None:
        field = self.form.fields.get(name)
        if field is None or not field.computed:
            return None
        if name in self._compiling:
            circle = " -> ".join([*self._compiling[self._compiling.index(name) :], name])
            raise ConfigError(f"computed fields lead back to themselves: {circle}", field.mark)
        if name in self.pending:
            self._compiling.append(name)
            try:
                field.compute = self.pending[name]()
            finally:
                self._compiling.pop()
            self.pending.pop(name, None)
        return field.compute


def scope_of(forms: Mapping[str, Form], id: str) -> FormScope | None:
    """The scope of a form, or of a sub-table named `form.field`."""
    form = find_form(forms, id)
    return form.scope if form else None


def find_form(forms: Mapping[str, Form], id: str) -> Form | None:
    """The form with this id; `order.lines` is the sub-table `lines` of `order`."""
    id, _, part = id.partition(".")
    form = forms.get(id)
    if form is None or not part:
        return form
    field = form.fields.get(part)
    return field.lines if field else None
