"""Linking: from the fields of all forms to their conditions, access and pages; every name must lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalog import Catalog
from engine.errors import ConfigError, Mark, Problems
from engine.expressions import Expression, Type, compile_expression, types
from engine.names import unknown
from engine.source import Document
from engine.texts import Text, compile_text
from forms.access import Access
from forms.fields import BadValue
from forms.fields.choice import ChoiceField
from forms.form import SYSTEM_FIELDS, Check, Field, Form, ListPage, View
from forms.reading import EVERYONE, Reader
from forms.scope import FormScope, find_form

YES = types.boolean()
Path = tuple[str | int, ...]


def say(value: Any) -> str:
    """The text of an expression that YAML may have read as a number or a yes."""
    return value if isinstance(value, str) else str(value)


@dataclass
class Linker:
    """Links one form. Forms are linked field by field, because computed fields of several forms lean on each other."""

    catalog: Catalog
    forms: Mapping[str, Form]
    form: Form
    document: Document
    problems: Problems

    def expression(self, form: Form, path: Path, expect: Type | None = YES, sql: bool = False) -> Expression | None:
        """The expression at this path of the file; None when it is wrong, which is told."""
        try:
            text = say(self.document.get(*path))
            found = compile_expression(text, form.scope, expect=expect, mark=self.document.mark(*path), sql=sql)
        except ConfigError as error:
            self.problems.add(error)
            return None
        for warning in found.warnings:
            self.problems.warn(warning)
        return found

    def text(self, form: Form, path: Path) -> Text | None:
        """The text with holes at this path; None when it is wrong, which is told."""
        try:
            return compile_text(self.document.get(*path), form.scope, self.document.mark(*path))
        except ConfigError as error:
            self.problems.add(error)
            return None

    def targets(self) -> None:
        """Check what references and relations point at."""
        for _form, field, path in self.every_field():
            if field.type.name == "reference" and field.type.form not in self.forms:  # type: ignore[attr-defined]
                self.unknown("form", field.type.form, self.forms, (*path, "form"))  # type: ignore[attr-defined]
            if field.type.name == "related":
                self._relation(field, path)
        self.known(self.form, self.document.get("header", default=()), ("header",))
        self._dated()

    def _dated(self) -> None:
        name = self.document.get("dated")
        field = self.form.fields.get(name)
        if name is not None and field is None:
            self.unknown("field", name, self.form.fields, ("dated",))
        elif field is not None and not (field.stored and field.value_type.kind == "date"):
            mark = self.document.mark("dated")
            self.problems.add(ConfigError(f"'{name}' is not a date that is kept", mark, "name a date field"))

    def _relation(self, field: Field, path: Path) -> None:
        form, via = field.given["form"], field.given["via"]
        if form not in self.forms:
            self.unknown("form", form, self.forms, (*path, "form"))
            return
        pointing = {
            other.id for other in self.forms[form].fields.values()
            if other.type.name == "reference" and other.given["form"] == self.form.id
        }  # fmt: skip
        if via not in pointing:
            self.unknown(f"reference to '{self.form.id}' in form '{form}' called", via, pointing, (*path, "via"))

    def every_field(self) -> Iterable[tuple[Form, Field, Path]]:
        """Every field of the form and of the tables in it, with its place in the file."""
        for field in self.form.fields.values():
            yield self.form, field, ("fields", field.id)
            if field.lines:
                for inner in field.lines.fields.values():
                    yield field.lines, inner, ("fields", field.id, "fields", inner.id)

    def scopes(self) -> None:
        """Give the form and its tables their scopes; computed fields are compiled when first asked for."""
        for form in (self.form, *(field.lines for field in self.form.lines)):
            if form is not None:
                form.scope = FormScope(form, self.forms, self.catalog)
        for form, field, path in self.every_field():
            if field.computed:
                form.scope.pending[field.id] = self._computing(form, field, (*path, "compute"))

    def _computing(self, form: Form, field: Field, path: Path) -> Any:
        return lambda: self.expression(form, path, field.type.type(), sql=True)

    def conditions(self) -> None:
        """Compile everything on fields and between them."""
        for form, field, path in self.every_field():
            if field.computed:
                form.scope.expand(field.id)
            for key in ("required", "visible", "readonly"):
                if key in field.given and not isinstance(field.given[key], bool):
                    setattr(field, key, self.expression(form, (*path, key)) or False)
            self._check(form, field, path)
            self._default(form, field, path)
            if "where" in field.given and field.type.name == "reference":
                target = find_form(self.forms, field.given["form"])
                field.offered = self.expression(target, (*path, "where"), sql=True) if target else None
        self._between()

    def _check(self, form: Form, field: Field, path: Path) -> None:
        given = field.given.get("check")
        if given is None:
            return
        inner: Path = () if isinstance(given, str) else ("require",)
        require = self.expression(form, (*path, "check", *inner))
        message = None if isinstance(given, str) else self.text(form, (*path, "check", "message"))
        if require:
            field.check = Check(require, message, field.id)

    def _default(self, form: Form, field: Field, path: Path) -> None:
        """A default is a value of the field where it reads as one, else an expression."""
        if "default" not in field.given or field.computed or not field.type.stored:
            return
        given = field.given["default"]
        try:
            plain = isinstance(given, str) and field.value_type.kind in (
                "integer",
                "number",
                "money",
                "percent",
                "date",
            )
            field.default = (
                None if given is None else field.type.accept(given) if not plain else field.type.parse(given)
            )
        except BadValue as bad:
            if (
                isinstance(given, str)
                and isinstance(field.type, ChoiceField)
                and given.split(".")[0] not in form.scope.names()
            ):
                self.unknown("choice", given, field.type.choices, (*path, "default"))
            elif isinstance(given, str):
                field.default = self.expression(form, (*path, "default"), field.type.type())
            else:
                mark = self.document.mark(*path, "default")
                self.problems.add(ConfigError(f"the default is not a value of the field: {bad.words('en')}", mark))

    def _between(self) -> None:
        checks = []
        for number, given in enumerate(self.document.get("checks", default=())):
            path: Path = ("checks", number)
            require, message = self.expression(self.form, (*path, "require")), self.text(self.form, (*path, "message"))
            if "field" in given:
                self.known(self.form, [given["field"]], path, "field")
            if require:
                checks.append(Check(require, message, given.get("field", "")))
        self.form.checks = tuple(checks)
        for number, names in enumerate(self.form.unique):
            self.known(self.form, names, ("unique", number))

    def access(self) -> None:
        """Compile who may do what."""
        given = self.document.get("access", default={})
        rows: dict[str, Expression | None] = {}
        for role, told in given.get("rows", {}).items():
            self.role(role, ("access", "rows", role), key=True)
            found = None if told == "all" else self.expression(self.form, ("access", "rows", role), sql=True)
            if told == "all" or found:
                rows[role] = found
        verbs = {}
        for verb in ("create", "update", "delete", "export", "import"):
            for number, role in enumerate(given.get(verb, ())):
                self.role(role, ("access", verb, number))
            absent = rows if verb in ("create", "update") else ()
            verbs[verb] = frozenset(given.get(verb, absent))
        importing = verbs.pop("import")
        self.form.access = Access(rows, importing=importing, **verbs)
        for name, rights in given.get("fields", {}).items():
            self._field_rights(name, rights)

    def _field_rights(self, name: str, rights: Mapping[str, list[str]]) -> None:
        path: Path = ("access", "fields", name)
        field = self.form.fields.get(name)
        if field is None:
            self.unknown("field", name, self.form.fields, path, key=True)
            return
        for verb, roles in rights.items():
            for number, role in enumerate(roles):
                self.role(role, (*path, verb, number))
            setattr(field, verb, frozenset(roles))

    def pages(self) -> None:
        """Compile the title, the layout and the list."""
        form, get = self.form, self.document.get
        form.title = self.text(form, ("title",)) if get("title") else None
        form.header = tuple(get("header", default=()))
        form.dated = get("dated")
        form.layout = {
            section: tuple(tuple(row) for row in rows) for section, rows in get("layout", default={}).items()
        }
        for section, rows in form.layout.items():
            for number, row in enumerate(rows):
                self.known(form, row, ("layout", section, number))
        plain = [field.id for field in form.fields.values() if field.type.name not in ("related", "lines", "long_text")]
        columns = get("list", "columns", default=plain[:7])
        self.known(form, columns, ("list", "columns"))
        totals = get("list", "totals", default=())
        self.known(form, totals, ("list", "totals"))
        for number, name in enumerate(totals):
            if name in form.fields and not form.fields[name].value_type.numeric:
                self.problems.add(
                    ConfigError(f"'{name}' cannot be added up", self.document.mark("list", "totals", number))
                )
        views = {id: self._view(id, told) for id, told in get("list", "views", default={}).items()}
        form.list = ListPage(tuple(columns), views, self.sort(("list", "sort")), tuple(totals))

    def _view(self, id: str, told: Mapping[str, Any]) -> View:
        path: Path = ("list", "views", id)
        where = self.expression(self.form, (*path, "where"), sql=True) if "where" in told else None
        return View(id, told["label"], where, self.sort((*path, "sort")))

    def sort(self, path: Path) -> tuple[str, ...]:
        """The sort at this path: field names, with a leading - for descending."""
        given = self.document.get(*path, default=())
        names = (given,) if isinstance(given, str) else tuple(given)
        for number, name in enumerate(names):
            field = self.form.fields.get(name.lstrip("-"))
            place = path if isinstance(given, str) else (*path, number)
            if field is None and name.lstrip("-") not in SYSTEM_FIELDS:
                self.unknown("field", name.lstrip("-"), self.form.fields, place)
            elif field is not None and not field.type.sortable:
                self.problems.add(ConfigError(f"a list cannot be sorted by '{name}'", self.document.mark(*place)))
        return names

    def known(self, form: Form, names: Iterable[str], path: Path, *inside: str) -> None:
        """Tell each name that is no field of the form."""
        for number, name in enumerate(names):
            if name not in form.fields and name not in SYSTEM_FIELDS:
                self.unknown("field", name, form.fields, (*path, *(inside or (number,))))

    def role(self, name: str, path: Path, key: bool = False) -> None:
        if name not in self.catalog.roles and name != EVERYONE:
            self.unknown("role", name, (*self.catalog.roles, EVERYONE), path, key=key)

    def unknown(self, noun: str, name: str, known: Iterable[str], path: Path, key: bool = False) -> None:
        mark: Mark = self.document.key_mark(*path) if key else self.document.mark(*path)
        self.problems.add(unknown(noun, name, known, mark))


def compile_forms(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> Mapping[str, Form]:
    """Compile all forms of an app; mistakes are told to `problems`."""
    from forms.guards import link_guards

    forms = {id: Reader(catalog, id, document, problems).form() for id, document in documents.items()}
    linkers = [Linker(catalog, forms, form, documents[id], problems) for id, form in forms.items()]
    before = len(problems.errors)
    for linker in linkers:
        linker.targets()
        linker.scopes()
    if len(problems.errors) > before:
        return forms
    for linker in linkers:
        linker.conditions()
        linker.access()
        linker.pages()
    for linker in linkers:
        link_guards(linker)
    return forms
