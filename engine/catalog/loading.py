"""Loading: from the texts of an app's files to its catalog; every mistake is told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import calendar, names, shape
from engine.catalog import Catalog, manifest, old_formats, roles, templates
from engine.catalog.templates import Template
from engine.errors import ConfigError, ConfigErrors, Mark, Problems, UnknownName
from engine.room import DocumentKind
from engine.settings import declared
from engine.source import Document, Node, read_text

LOCALE_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "locales/*.yaml",
    "description": "Translations (翻译): the text in the base language of the app to the text in this one.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}
LOCK_SCHEMA: dict[str, Any] = {"title": "lock.yaml", "description": "Written by machine.", "type": "object"}

# Folders that the engine reads itself: the kind of their documents, and their schema.
FOLDERS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "calendars": ("calendar", calendar.SCHEMA),
    "locales": ("locale", LOCALE_SCHEMA),
    "templates": ("template", templates.SCHEMA),
}
PAGES = ("tasks",)  # what the menu may name beside forms and reports
_ID = re.compile(r"[a-z][a-z0-9_]*")
_LOCALE_ID = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def schemas() -> dict[str, Mapping[str, Any]]:
    """The JSON Schema of each kind of file that the engine reads itself, by the name of the kind."""
    folders = dict(FOLDERS.values())
    return {"app": manifest.SCHEMA, "settings": declared.schema(), "roles": roles.SCHEMA, **folders}


def load(files: Mapping[str, str], kinds: Sequence[DocumentKind], problems: Problems, where: str) -> Catalog:
    """Read, check and compile. Raises ConfigErrors.

    What does not even have the right shape is told for all files at once; then each kind is compiled in turn, and the
    first with mistakes ends it, because what refers to them would only echo.
    """
    documents = _read(files, problems, where)
    if not _convert(documents, problems, where):
        problems.raise_if_any()
    folders = {**FOLDERS, **{kind.folder: (kind.name, kind.schema()) for kind in kinds}}
    by_kind = _sort(documents, folders, problems)
    unread = any(error.mark and error.mark.file == f"{where}app.yaml" for error in problems.errors)
    if "app.yaml" not in files and not unread:
        hint = f"write app.yaml, beginning with 'format: {old_formats.FORMAT}'"
        problems.add(ConfigError("this is not an app: app.yaml is missing", Mark(f"{where}app.yaml", 1, 1), hint))
    compiled = _manifest(documents, problems)
    problems.raise_if_any()
    assert compiled is not None
    catalog = Catalog(files, compiled)
    catalog.documents.update(by_kind)
    _own(catalog, documents, problems)
    problems.raise_if_any()
    for kind in kinds:
        catalog.declared[kind.name] = kind.compile(catalog, catalog.documents[kind.name], problems)
        problems.raise_if_any()
    for kind in kinds:
        if kind.link:
            kind.link(catalog, problems)
    _link_menu(catalog, documents["app.yaml"], [kind.name for kind in kinds if kind.page], problems)
    problems.raise_if_any()
    catalog.warnings = tuple(problems.warnings)
    return catalog


def _read(files: Mapping[str, str], problems: Problems, where: str) -> dict[str, Document]:
    documents = {}
    for name, text in files.items():
        try:
            documents[name] = read_text(text, where + name)
        except ConfigErrors as found:
            problems.errors.extend(found.errors)
    return documents


def _convert(documents: dict[str, Document], problems: Problems, where: str) -> bool:
    """Bring documents of an old format to today's; False when that cannot be done."""
    app = documents.get("app.yaml")
    written = app.get("format") if app else None
    if app is None or not isinstance(written, int) or written == old_formats.FORMAT:
        return True
    if written not in old_formats.CONVERTERS:
        hint = f"this Guiju reads format {old_formats.FORMAT}"
        hint += "; use a newer one" if written > old_formats.FORMAT else " and those before it"
        problems.add(ConfigError(f"the app is written in format {written}", app.mark("format"), hint))
        return False
    values = old_formats.convert({name: document.value for name, document in documents.items()}, written)
    converted = {
        name: replace(documents.get(name) or Document(value, where + name, "", Node.nowhere()), value=value)
        for name, value in values.items()
    }
    documents.clear()
    documents.update(converted)
    return True


def _sort(
    documents: Mapping[str, Document], folders: Mapping[str, tuple[str, Mapping[str, Any]]], problems: Problems
) -> dict[str, dict[str, Document]]:
    """The documents of every folder by kind and id, if their shape is right."""
    found: dict[str, dict[str, Document]] = {kind: {} for kind, _ in folders.values()}
    for name, document in documents.items():
        folder, _, rest = name.rpartition("/")
        if folder not in folders:
            continue
        kind, schema = folders[folder]
        id = rest.removesuffix(".yaml")
        if not (_LOCALE_ID if kind == "locale" else _ID).fullmatch(id):
            hint = "the file name is the id: small letters, digits and _, a letter first"
            problems.add(ConfigError(f"'{id}' cannot be an id", Mark(document.file, 1, 1), hint))
        if shape.check(document, schema, problems):
            found[kind][id] = document
    return found


def _manifest(documents: Mapping[str, Document], problems: Problems) -> manifest.Manifest | None:
    """The compiled app.yaml; tells the mistakes in the shape of its neighbours, too."""
    for name, schema in (
        ("settings.yaml", declared.schema()),
        ("roles.yaml", roles.SCHEMA),
        ("lock.yaml", LOCK_SCHEMA),
    ):
        if name in documents and documents[name].value is not None:
            shape.check(documents[name], schema, problems)
    app = documents.get("app.yaml")
    right = app is not None and shape.check(app, manifest.SCHEMA, problems)
    return manifest.compile_manifest(app, problems) if app and right else None


def _link_menu(catalog: Catalog, app: Document, paged: Sequence[str], problems: Problems) -> None:
    """The menu names pages that exist; an app that is read without its pages is not asked."""
    pages = [id for kind in paged for id in catalog[kind]]
    for number, group in enumerate(catalog.menu if paged else ()):
        for place, item in enumerate(group.items):
            if item not in (*pages, *PAGES):
                problems.add(names.unknown("form or report", item, pages, app.mark("menu", number, "items", place)))


def _own(catalog: Catalog, documents: Mapping[str, Document], problems: Problems) -> None:
    """Compile what the engine itself reads."""

    def value(name: str) -> Any:
        return documents[name].value or {} if name in documents else {}

    catalog.roles, catalog.lock = roles.compile_roles(value("roles.yaml")), value("lock.yaml")
    if value("settings.yaml"):
        catalog.settings = declared.compile_settings(documents["settings.yaml"], catalog.roles, problems)
    catalog.translations = {id: document.value for id, document in catalog.documents["locale"].items()}
    catalog.templates = {
        id: Template(id, document.value["subject"], document.value["body"], document)
        for id, document in catalog.documents["template"].items()
    }
    for id, document in catalog.documents["calendar"].items():
        if compiled := calendar.compile_calendar(document, problems, catalog.timezone, id):
            catalog.calendars[id] = compiled
    chosen = catalog.manifest.calendar
    if chosen and chosen not in catalog.documents["calendar"]:
        hint = names.hint(chosen, catalog.documents["calendar"]) or f"write calendars/{chosen}.yaml"
        problems.add(UnknownName(f"there is no calendar '{chosen}'", documents["app.yaml"].mark("calendar"), hint))
    catalog.calendars.setdefault("default", calendar.default_calendar(catalog.timezone))
