"""Guards: conditions on a record and what belongs to it that no write may break, however many write at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError, Mark, Problems
from engine.expressions import Expression
from engine.expressions.tree import Compare
from engine.names import unknown
from engine.texts import Text
from forms.form import Form
from forms.prepared import Needs
from forms.scope import find_form

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work
    from forms.linking import Linker

Path = tuple[str, ...]
Values = Mapping[str, Any]
ORDERED = (">=", ">", "<=", "<")


@dataclass(frozen=True)
class Watch:
    """Writes of a form that may break a guard: which fields, and the references that lead up to the guard's owner."""

    form: str
    fields: frozenset[str]
    up: tuple[tuple[str, str], ...]  # (form, its reference to the next one up), nearest first; empty for the owner


@dataclass(frozen=True)
class Guard:
    """One guard. `margin` is how far a comparison of numbers is from breaking, None for other conditions.

    A write that leaves a broken guard no worse goes through, so that an order can be cancelled while its customer
    is over the limit.
    """

    id: str
    form: Form
    require: Expression
    message: Text
    watches: tuple[Watch, ...]
    refuses: bool = True
    flow: str | None = None
    mode: str | None = None
    override: frozenset[str] = frozenset()
    mark: Mark | None = None

    @cached_property
    def needs(self) -> Needs:
        return Needs.of([self.require])

    @cached_property
    def margin(self) -> Compare | None:
        tree = self.require.tree
        numeric = (
            isinstance(tree, Compare) and tree.op in ORDERED and tree.left.type.numeric and tree.right.type.numeric
        )
        return tree if numeric and isinstance(tree, Compare) else None

    def standing(self, told: Any) -> Standing:
        """What the database answered: the margin of a comparison of numbers, or whether the condition holds."""
        if self.margin is None:
            return Standing(bool(told), None)
        if told is None:
            return Standing(False, None)
        return Standing(told >= 0 if self.margin.op in (">=", "<=") else told > 0, int(told))

    def blocks(self, work: Work) -> bool:
        """Whether breaking it refuses the write, or only warns; a setting may say."""
        return self.refuses if self.mode is None else work.settings[self.mode] != "warn"


@dataclass(frozen=True)
class Standing:
    """How a guard stands for one owner: does it hold, and by how much in units."""

    holds: bool
    margin: int | None

    def worse_than(self, before: Standing | None, gains: bool) -> bool:
        """Whether a write that ended here has to be refused, given how it stood before."""
        if self.holds:
            return False
        if before is None:
            return True
        if self.margin is not None and before.margin is not None:
            return self.margin < before.margin
        return gains or before.holds


def watching(forms: Mapping[str, Form], form_id: str) -> list[tuple[Guard, Watch]]:
    """The guards that a write of this form may break."""
    form = find_form(forms, form_id)
    assert form is not None
    found = form.compiled.get("watching")
    if found is None:
        found = form.compiled["watching"] = [
            (guard, watch)
            for owner in forms.values()
            for guard in owner.guards.values()
            for watch in guard.watches
            if watch.form == form_id
        ]
    return found  # type: ignore[return-value]


def link_guards(linker: Linker) -> None:
    """Compile the guards of one form."""
    form, document = linker.form, linker.document
    for id, told in document.get("guards", default={}).items():
        here = ("guards", id)
        require = linker.expression(form, (*here, "require"), sql=True)
        message = linker.text(form, (*here, "message"))
        watches = _watches(linker, id, told)
        mode = _mode(linker, id, told)
        override = frozenset(told.get("override", {}).get("roles", ()))
        for number, role in enumerate(told.get("override", {}).get("roles", ())):
            linker.role(role, (*here, "override", "roles", number))
        otherwise = told.get("otherwise", "refuse")
        flow = otherwise["start"] if isinstance(otherwise, dict) else None
        if require and message:
            refuses, mark = otherwise != "warn", document.mark(*here, "otherwise", "start")
            form.guards[id] = Guard(id, form, require, message, watches, refuses, flow, mode, override, mark)


def link_flows(catalog: Catalog, problems: Problems) -> None:
    """Check that the flows that guards lead to exist, in an app that has flows."""
    if "flow" not in catalog:
        return
    for form in catalog["form"].values():
        for guard in form.guards.values():
            if guard.flow is not None and guard.flow not in catalog["flow"]:
                problems.add(unknown("flow", guard.flow, catalog["flow"], guard.mark))


def _mode(linker: Linker, id: str, told: Mapping[str, Any]) -> str | None:
    given = told.get("mode")
    if given is None:
        return None
    name = str(given).removeprefix("settings.")
    setting = linker.catalog.settings.get(name)
    if setting is None or not given.startswith("settings."):
        known = [f"settings.{known}" for known in linker.catalog.settings]
        linker.problems.add(unknown("setting", given, known, linker.document.mark("guards", id, "mode")))
        return None
    if set(setting.options) != {"warn", "block"}:
        mark = linker.document.mark("guards", id, "mode")
        linker.problems.add(ConfigError(f"'{given}' does not choose between warn and block", mark))
        return None
    return name


def _watches(linker: Linker, id: str, told: Mapping[str, Any]) -> tuple[Watch, ...]:
    """What `changes` names, by form; without it every write of the form itself."""
    if "changes" not in told:
        own = (field.id for field in linker.form.fields.values() if field.stored or field.lines)
        return (Watch(linker.form.id, frozenset(own), ()),)
    gathered: dict[tuple[str, tuple[tuple[str, str], ...]], set[str]] = {}
    for number, text in enumerate(told["changes"]):
        found = _follow(linker, ("guards", id, "changes", number), tuple(text.split(".")))
        if found:
            form, up, name = found
            gathered.setdefault((form, up), set()).add(name)
    return tuple(Watch(form, frozenset(names), up) for (form, up), names in gathered.items())


def _follow(
    linker: Linker, place: tuple[str | int, ...], path: Path
) -> tuple[str, tuple[tuple[str, str], ...], str] | None:
    form = linker.form
    up: tuple[tuple[str, str], ...] = ()
    for name in path[:-1]:
        step = form.fields.get(name)
        if step is None:
            linker.unknown("field", name, form.fields, place)
            return None
        if step.type.name not in ("related", "lines"):
            message = f"'{name}' leads to no records that belong to a '{form.id}'"
            linker.problems.add(
                ConfigError(message, linker.document.mark(*place), "name a related field, then a field of it")
            )
            return None
        child = step.lines or linker.forms[step.given["form"]]
        up = ((child.id, "parent" if step.lines else step.given["via"]), *up)
        form = child
    last = form.fields.get(path[-1])
    if last is None or not (last.stored or last.lines):
        written = [field.id for field in form.fields.values() if field.stored or field.lines]
        linker.unknown(f"stored field in form '{form.id}' called", path[-1], written, place)
        return None
    if form.parent:  # rows of a table are written with their record
        return form.parent.id, up[1:], form.id.partition(".")[2]
    return form.id, up, path[-1]
