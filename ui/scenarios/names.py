"""Names: checks what a scenario names against the app and against what the story has made before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError, Problems
from engine.names import unknown
from engine.source import Document
from forms.form import SYSTEM_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.catalog import Catalog
    from forms.form import Form
    from ui.scenarios.scenario import Path


class Names:
    """What is known at one place of a scenario; records are known from the step on that makes them."""

    def __init__(self, catalog: Catalog, document: Document, problems: Problems, people: Iterable[str] | None) -> None:
        self.catalog, self.document, self.problems = catalog, document, problems
        self.people = None if people is None else list(people)  # None: they stand in a file
        self._made: dict[str, list[str]] = {}

    def form(self, id: str, path: Path) -> Form | None:
        forms: Mapping[str, Form] = self.catalog["form"]
        if id not in forms:
            self._unknown("form", id, forms, path)
        return forms.get(id)

    def flow(self, id: str, path: Path) -> Form | None:
        """The form that a flow is about."""
        flows = self.catalog["flow"]
        if id not in flows:
            self._unknown("flow", id, flows, path)
            return None
        form: Form = flows[id].form
        return form

    def flow_step(self, id: str, path: Path) -> None:
        steps = [step.id for flow in self.catalog["flow"].values() for step in flow.steps.values() if step.human]
        if id not in steps:
            self._unknown("step at which people decide called", id, steps, path)

    def task_kind(self, kind: str, path: Path) -> None:
        known = list(kinds([rule.source for rule in self.catalog["rule"].values()]))
        if kind not in known:
            self._unknown("kind of task", kind, known, path)

    def rule(self, id: str, path: Path) -> None:
        if id not in self.catalog["rule"]:
            self._unknown("rule", id, self.catalog["rule"], path)

    def role(self, id: str, path: Path) -> None:
        if id not in self.catalog.roles:
            self._unknown("role", id, self.catalog.roles, path)

    def setting(self, id: str, path: Path) -> None:
        if id not in self.catalog.settings:
            self._unknown("setting", id, self.catalog.settings, path)

    def widget(self, text: str, path: Path) -> None:
        report, _, widget = text.partition(".")
        reports = self.catalog["report"]
        if report not in reports:
            self._unknown("report", report, reports, path)
        elif widget not in reports[report].widgets:
            self._unknown(f"widget in report '{report}' called", widget, reports[report].widgets, path)

    def person(self, login: str, path: Path) -> None:
        if self.people is not None and login not in self.people:
            self._unknown("person in this scenario called", login, self.people, path)

    def made(self, form: str, key: str) -> None:
        """Take note of a record that stands from here on."""
        self._made.setdefault(form, []).append(key)

    def records(self, given: Mapping[str, Any], path: Path, *, new: bool) -> None:
        """Check records by form and name, with their fields."""
        for id, named in given.items():
            form = self.form(id, (*path, id))
            for key, values in named.items() if form else ():
                assert form is not None
                self.fields(form, values, (*path, id, key))
                if new:
                    self._new(id, key, (*path, id, key))

    def _new(self, form: str, key: str, path: Path) -> None:
        if key in self._made.get(form, ()):
            mark = self.document.key_mark(*path)
            self.problems.add(ConfigError(f"{form}.{key} is there already", mark, "give the new record its own name"))
        self.made(form, key)

    def record(self, text: str, path: Path) -> Form | None:
        """The form of a record that is named as form.name."""
        id, _, key = text.partition(".")
        form = self.form(id, path)
        if form and key not in self._made.get(id, ()):
            self._unknown(f"record of form '{id}' called", key, self._made.get(id, ()), path)
        return form

    def field(self, text: str, path: Path) -> None:
        """A field of a record, as form.name.field; what lies behind a reference is looked at when it is played."""
        id, key, name = (*text.split("."), "", "")[:3]
        form = self.record(f"{id}.{key}", path)
        if form and name not in form.fields and name not in SYSTEM_FIELDS:
            self._unknown(f"field in form '{id}' called", name, form.fields, path)

    def fields(self, form: Form, values: Mapping[str, Any], path: Path) -> None:
        """Check the fields of one record, and the people and records they refer to."""
        for name, value in values.items():
            field = form.fields.get(name)
            if field is None:
                self._unknown(f"field in form '{form.id}' called", name, form.fields, (*path, name))
            elif field.type.name == "person" and isinstance(value, str):
                self.person(value, (*path, name))
            elif field.type.name == "reference" and isinstance(value, str):
                self.record(f"{field.given['form']}.{value}", (*path, name))
            elif field.lines and isinstance(value, list):
                for number, row in enumerate(value):
                    self.fields(field.lines, row, (*path, name, number))

    def values(self, step: str, values: Mapping[str, Any], path: Path) -> None:
        """Check the fields that a decision at a step of a flow fills in."""
        flows = [flow for flow in self.catalog["flow"].values() if step == "start" or step in flow.steps]
        if len({flow.form.id for flow in flows}) == 1:
            self.fields(flows[0].form, values, path)

    def _unknown(self, noun: str, name: str, known: Iterable[str], path: Path) -> None:
        in_key = bool(path) and name in str(path[-1]).split(".")
        mark = self.document.key_mark(*path) if in_key else self.document.mark(*path)
        self.problems.add(unknown(noun, name, known, mark))


def kinds(value: Any) -> Iterator[str]:
    """Every kind of task in what rules do."""
    if isinstance(value, Mapping):
        task = value.get("task")
        if isinstance(task, Mapping) and "kind" in task:
            yield task["kind"]
        for inner in value.values():
            yield from kinds(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from kinds(inner)
