"""Gate: holds one write to the guards it may break: lock and measure before it, measure and judge after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import audit
from engine.errors import GuardRefused, InputError
from engine.expressions.sql import SqlCompiler
from engine.expressions.tree import Computed
from forms import access, plan, prepared, rows
from forms.env import MEMO, RecordEnv
from forms.form import Form
from forms.guards import Guard, Standing, Watch, watching
from forms.messages import say
from forms.prepared import Prepared
from forms.scope import find_form
from forms.sqlenv import FormSql

if TYPE_CHECKING:
    from engine.work import Work

Path = tuple[str, ...]
Values = Mapping[str, Any]


@dataclass
class Touched:
    """The owners of one guard that a write touches: whether each gains or keeps the record, or only loses it.

    `new` says that records are written which are owners themselves and have no id yet.
    """

    guard: Guard
    gains: dict[int, bool] = field(default_factory=dict)
    before: dict[int, Standing] = field(default_factory=dict)
    new: bool = False


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
                touched = found.setdefault((guard.form.id, guard.id), Touched(guard))
                touched.new = touched.new or (not watch.up and new is not None and "id" not in new)
                for values, gains in ((old, False), (new, True)):
                    owner = _owner(self.work, watch, values) if values is not None else None
                    if owner is not None:
                        touched.gains[owner] = gains or touched.gains.get(owner, False)
        self._touched = [found[key] for key in sorted(found) if found[key].gains or found[key].new]
        owners: dict[str, set[int]] = {}
        for touched in self._touched:
            owners.setdefault(touched.guard.form.id, set()).update(touched.gains)
        for form_id in sorted(owners):
            lock(self.work, self.work.catalog["form"][form_id], owners[form_id])
        for touched in self._touched:
            touched.before = measure(self.work, touched.guard, touched.gains)

    def after(self, written: Sequence[int] = ()) -> None:
        """Judge what stands now, with the ids of new records.

        Raises GuardRefused; a guard that only warns adds its words to `warnings`.
        """
        for touched in self._touched:
            gains = {**dict.fromkeys(written if touched.new else (), True), **touched.gains}
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
    if not owners:
        return {}

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


def forget(work: Work) -> None:
    """Drop what this unit of work has read of records; after a write it may be wrong."""
    work.cache.pop(MEMO, None)
