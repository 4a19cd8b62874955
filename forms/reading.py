"""Reading: from a form's file to its fields, before anything that refers to other names is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError, Problems
from engine.names import hint
from engine.source import Document
from forms.fields import Place, field_types
from forms.form import Field, Form
from forms.storage import RESERVED, SEARCH

if TYPE_CHECKING:
    from engine.catalog import Catalog

Path = tuple[str, ...]
EVERYONE = "everyone"  # in place of a role: whoever is logged in
NAMES_TAKEN = RESERVED | {"settings", "user", "this", "title"} - {SEARCH}


class Reader:
    """Reads one form's file; mistakes go to `problems` with their places."""

    def __init__(self, catalog: Catalog, id: str, document: Document, problems: Problems) -> None:
        self.catalog, self.id, self.document, self.problems = catalog, id, document, problems

    def form(self) -> Form:
        """The form with its fields; conditions, access and pages are linked later."""
        value = self.document.value
        form = Form(self.id, value["label"], self.document.mark("label"))
        form.help, form.was = value.get("help", ""), value.get("was")
        form.removed = value.get("removed", {})
        form.unique = tuple(tuple(names) for names in value.get("unique", ()))
        if self.id.startswith("g_"):
            self.tell("a form cannot be called 'g_...': those are Guiju's own tables", ())
        self.fields(form, ("fields",))
        return form

    def fields(self, form: Form, path: Path) -> None:
        """Read the map of fields at this path into the form."""
        given: Mapping[str, Any] = self.document.get(*path)
        for id, told in given.items():
            here = (*path, id)
            if id in NAMES_TAKEN:
                self.tell(f"a field cannot be called '{id}': every record has that already", here, key=True)
                continue
            form.fields[id] = self.field(form, id, told, here)

    def field(self, form: Form, id: str, told: Mapping[str, Any], path: Path) -> Field:
        """One field with everything that needs no other name."""
        options = {key: told[key] for key in field_types[told["type"]].options if key in told}
        marks = {key: self.document.mark(*path, key) for key in told} | {"": self.document.key_mark(*path)}
        place = Place(self.catalog, form.id, id, marks, self.problems)
        field = Field(id, told.get("label", id), field_types[told["type"]](options, place), marks[""], given=told)
        field.help, field.unique, field.search = (
            told.get("help", ""),
            told.get("unique", False),
            told.get("search", False),
        )
        field.required = told["required"] if isinstance(told.get("required"), bool) else False
        field.readonly = told["readonly"] if isinstance(told.get("readonly"), bool) else False
        field.computed = "compute" in told
        self._rights(field, told, path)
        self._sense(field, told, path)
        if told["type"] == "lines":
            field.lines = Form(f"{form.id}.{id}", field.label, field.mark, parent=form)
            self.fields(field.lines, (*path, "fields"))
        return field

    def _rights(self, field: Field, told: Mapping[str, Any], path: Path) -> None:
        if told.get("write") in ("system", "flow"):
            field.system = True
        elif "write" in told:
            field.write = self.roles(told["write"], (*path, "write"))
        if "read" in told:
            field.read = self.roles(told["read"], (*path, "read"))

    def _sense(self, field: Field, told: Mapping[str, Any], path: Path) -> None:
        """Refuse options that cannot mean anything together."""
        if field.computed:
            for key in ("required", "unique", "check", "default", "readonly", "write", "search"):
                if key in told:
                    self.tell(f"a computed field has no '{key}': nobody writes it", (*path, key), key=True)
        elif not field.type.stored:
            for key in ("required", "unique", "check", "default", "search"):
                if key in told and not (key == "required" and told["type"] == "lines"):
                    self.tell(f"a field of type {told['type']} has no '{key}'", (*path, key), key=True)
        if field.computed and not field.type.stored:
            self.tell(f"a field of type {told['type']} cannot be computed", (*path, "compute"), key=True)

    def roles(self, names: list[str], path: Path) -> frozenset[str]:
        """These roles; unknown ones are told."""
        for number, name in enumerate(names):
            self.role(name, (*path, number))
        return frozenset(names)

    def role(self, name: str, path: tuple[str | int, ...], key: bool = False) -> None:
        """Tell when there is no such role."""
        known = (*self.catalog.roles, EVERYONE)
        if name not in known:
            self.tell(f"there is no role '{name}'", path, hint(name, known), key=key)

    def tell(self, message: str, path: tuple[str | int, ...], advice: str | None = None, key: bool = False) -> None:
        """Note a mistake at this place."""
        mark = self.document.key_mark(*path) if key else self.document.mark(*path)
        self.problems.add(ConfigError(message, mark, advice))
