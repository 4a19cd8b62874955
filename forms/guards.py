"""Guards: conditions on a record and what belongs to it that no write may break, however many write at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import audit
from engine.errors import ConfigError, GuardRefused, InputError
from engine.expressions import Expression
from engine.expressions.tree import Compare, Computed
from engine.names import unknown
from engine.texts import Text
from forms import access, plan, prepared, rows
from forms.env import MEMO, RecordEnv
from forms.form import Form
from forms.messages import say
from forms.prepared import Needs, Prepared
from forms.scope import find_form
from forms.sqlenv import FormSql

if TYPE_CHECKING:
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


@dataclass
class Touched:
    """The owners that one write touches: whether each gains or keeps the record (or only loses it)."""

    guard: Guard
    gains: dict[int, bool]
    before: dict[int, Standing]


class Gate:
    """Holds one write to the guards it touches: lock and measure before it, measure and judge after it."""

    def __init__(self, work: Work, form: Form, override: Mapping[str, str]) -> None:
        self.work, self.form, self.override = work, form, override
        self.warnings: list[str] = []
        self._touched: list[Touched] = []

    @property
    def closed(self) -> bool:
        """Whether there is anything to hold the write to."""
        return bool(self._touched)

    def before(self, old: Values | None, new: Values | None, changed: Collection[str]) -> None:
        """Lock the owners of every guard that this write may break, in the order of form and id, and measure them."""
        self.before_many([(old, new, changed)])

    def before_many(self, writes: Iterable[tuple[Values | None, Values | None, Collection[str]]]) -> None:
        """The same for many writes: the record before and after each, and the fields that change."""
        found: dict[tuple[str, str], Touched] = {}
        watched = watching(self.work.catalog["form"], self.form.id)
        for old, new, changed in writes if watched else ():
            for guard, watch in watched:
                if old is not None and new is not None and watch.fields.isdisjoint(changed):
                    continue
                for values, gains in ((old, False), (new, True)):
                    owner = _owner(self.work, watch, values) if values is not None else None
                    if owner is not None:
                        touched = found.setdefault((guard.form.id, guard.id), Touched(guard, {}, {}))
                        touched.gains[owner] = gains or touched.gains.get(owner, False)
        self._touched = [found[key] for key in sorted(found)]
        owners: dict[str, set[int]] = {}
        for touched in self._touched:
            owners.setdefault(touched.guard.form.id, set()).update(touched.gains)
        for form_id in sorted(owners):
            lock(self.work, self.work.catalog["form"][form_id], owners[form_id])
        for touched in self._touched:
            touched.before = measure(self.work, touched.guard, touched.gains)

    def after(self, written: int | None) -> None:
        """Judge what stands now. Raises GuardRefused; a guard that only warns adds its words to `warnings`."""
        for touched in self._touched:
            gains = dict(touched.gains)
            if written is not None and touched.guard.form is self.form:
                gains.setdefault(written, True)
            for owner, standing in measure(self.work, touched.guard, gains).items():
                if standing.worse_than(touched.before.get(owner), gains[owner]):
                    self._broken(touched.guard, owner)

    def touches(self, values: Values, guard: str, owner: int) -> bool:
        """Whether a record belongs to this owner of the guard."""
        watched = watching(self.work.catalog["form"], self.form.id)
        return any(one.id == guard and _owner(self.work, watch, values) == owner for one, watch in watched)

    def _broken(self, guard: Guard, owner: int) -> None:
        work = self.work
        values = rows.load(work, guard.form, [owner])[owner]
        env = RecordEnv(work, guard.form, values)
        words = guard.message.render(env, work.principal.locale)
        if not guard.blocks(work):
            self.warnings.append(words)
            return
        reason = self.override.get(guard.id)
        if reason is not None and guard.override and work.principal.has(*guard.override):
            if not reason.strip():
                raise InputError({"": say(work.principal.locale, "需要说明理由")})
            detail = {"guard": guard.id, "reason": reason, "words": words}
            audit.write(work, "guard.override", f"{guard.form.id}:{owner}", detail)
            return
        refused = GuardRefused(guard.id, words, lines=explain(guard, env), flow=guard.flow)
        refused.more["owner"] = owner
        raise refused


def lock(work: Work, form: Form, ids: Iterable[int]) -> None:
    """Take the row locks of these owners, lowest id first, so that two writers never wait for each other in a circle.

    SQLite has one writer at a time and needs none.
    """
    if work.dialect == "postgresql":
        table = plan.of(work, form).table
        work.driver(
            f"SELECT id FROM {table} WHERE id = ANY(:ids) ORDER BY id FOR UPDATE", {"ids": sorted(ids)}
        ).fetchall()


def measure(work: Work, guard: Guard, owners: Collection[int]) -> dict[int, Standing]:
    """How the guard stands for these owners, reckoned in the database."""

    def build() -> Prepared:
        env = FormSql(work, guard.form)
        told = guard.require.sql(env) if guard.margin is None else _units(guard, env)
        wanted = select(env.alias.c.id, told).select_from(env.from_)
        return prepared.prepare(wanted.where(prepared.among(env.alias.c.id, work.dialect)), work.dialect)

    statement: Prepared = prepared.kept(work, guard.form, ("guard", guard.id), guard.needs, build)
    found = statement.rows(work, ids=prepared.ids(work, owners))
    return {id: guard.standing(told) for id, told in found}


def _units(guard: Guard, env: FormSql) -> Any:
    """How far the two sides of the comparison are apart, positive while it holds."""
    from engine.expressions.sql import SqlCompiler

    compare = guard.margin
    assert compare is not None
    compiler = SqlCompiler(env)
    scale = max(compare.left.type.scale, compare.right.type.scale)
    left, right = compiler.units(compare.left, scale), compiler.units(compare.right, scale)
    return left - right if compare.op in (">=", ">") else right - left


def explain(guard: Guard, env: RecordEnv) -> list[tuple[str, Any]]:
    """The sum behind a refusal: each name in the guard's condition with its label and value, and what it is made of."""
    lines: dict[Path, tuple[str, Any]] = {}
    for node in guard.require.tree.walk():
        if isinstance(node, Computed):
            for path in (node.path, *_parts(guard.form, node.path)):
                if path[0] in guard.form.fields and access.readable(env.work.principal, guard.form.fields[path[0]]):
                    lines.setdefault(path, (_label(guard.form, path), env.value(path)))
    for path in sorted(guard.require.mentions - lines.keys()):
        if len(path) == 1 and path[0] in guard.form.fields:
            lines[path] = (_label(guard.form, path), env.value(path))
    return list(lines.values())


def _parts(form: Form, path: Path) -> list[Path]:
    """The plain names that a computed field of the form is made of, one step down, in the order they are written."""
    field = form.fields.get(path[0]) if len(path) == 1 else None
    if field is None or field.compute is None:
        return []
    text = field.compute.text
    named = [part for part in field.compute.mentions if len(part) == 1 and part[0] in form.fields]
    plain = [part for part in named if form.fields[part[0]].type.name not in ("related", "lines")]
    return sorted(plain, key=lambda part: text.find(part[0]))


def _label(form: Form, path: Path) -> str:
    return form.fields[path[0]].label if path[0] in form.fields else ".".join(path)


def _owner(work: Work, watch: Watch, values: Mapping[str, Any]) -> int | None:
    """The id of the guard's owner that a record belongs to, over one or more references; None for none."""
    if not watch.up:
        return values.get("id")
    id = values.get(watch.up[0][1])
    for form_id, via in watch.up[1:]:
        form = find_form(work.catalog["form"], form_id)
        found = rows.load(work, form, [id]).get(id) if form and id is not None else None
        id = found.get(via) if found else None
    return id


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


def forget(work: Work) -> None:
    """Drop what this unit of work has read of records; after a write it may be wrong."""
    work.cache.pop(MEMO, None)


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
            form.guards[id] = Guard(id, form, require, message, watches, otherwise != "warn", flow, mode, override)


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
        return (Watch(linker.form.id, frozenset(field.id for field in linker.form.stored), ()),)
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
        field = form.fields.get(name)
        if field is None:
            linker.unknown("field", name, form.fields, place)
            return None
        if field.type.name not in ("related", "lines"):
            message = f"'{name}' leads to no records that belong to a '{form.id}'"
            linker.problems.add(
                ConfigError(message, linker.document.mark(*place), "name a related field, then a field of it")
            )
            return None
        child = field.lines or linker.forms[field.given["form"]]
        up = ((child.id, "parent" if field.lines else field.given["via"]), *up)
        form = child
    last = form.fields.get(path[-1])
    if last is None or not last.stored:
        stored = [field.id for field in form.stored]
        linker.unknown(f"stored field in form '{form.id}' called", path[-1], stored, place)
        return None
    return form.id, up, path[-1]
