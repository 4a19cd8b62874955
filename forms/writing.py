"""Writing: the hops of one save, in order: values, checks, guards, row, lines, history, event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from engine import history, people
from engine.errors import AccessDenied, Conflict, InputError, NotFound
from engine.events import Event
from engine.expressions import Expression
from engine.principal import SYSTEM
from forms import access, blobs, checking, lines, plan, query, search, serials, values
from forms.env import RecordEnv
from forms.fields.file import FileField
from forms.form import Field, Form
from forms.gate import Gate, forget
from forms.messages import say
from forms.record import Record
from forms.storage import SEARCH

if TYPE_CHECKING:
    from engine.work import Work

Values = dict[str, Any]
Changes = dict[str, tuple[Any, Any]]


def create(work: Work, form: Form, given: Mapping[str, Any], override: Mapping[str, str]) -> Record:
    """Write a new record."""
    made = plan.of(work, form)
    mistakes: values.Mistakes = {}
    full: Values = {**made.empty, **values.accept(work, form, given, mistakes)}
    env = RecordEnv(work, form, full)
    defaults(form, env, full, given)
    values.resolve(work, form, full, given, mistakes, None)
    tables = lines.accept(work, form, full, given, mistakes)
    checking.of(form).run(work, env, full.keys(), mistakes, new=True)
    if mistakes:
        raise InputError(mistakes)
    for field in form.stored:
        if field.type.name == "serial" and full[field.id] is None:
            full[field.id] = serials.numbers(work, form, field)[0]
    for name in tables:
        full.pop(name)
    gate = Gate(work, form, override)
    gate.before(None, full, full.keys() | tables.keys())
    with undone_when_refused(work, gate):
        full = _insert(work, form, made, full)
        kept = lines.write(work, form, full["id"], tables, {})
        forget(work)
        gate.after([full["id"]])
    changes: Changes = {name: (None, full[name]) for name in made.empty if full[name] is not None} | kept
    return _told(work, form, full, "created", changes, gate)


def defaults(form: Form, env: RecordEnv, full: Values, given: Mapping[str, Any]) -> None:
    """Fill what was not given, in the order of the file, so that a default can use what stands before it."""
    for field in form.stored:
        if field.default is not None and field.id not in given:
            full[field.id] = field.default.evaluate(env) if isinstance(field.default, Expression) else field.default


def _insert(work: Work, form: Form, made: plan.Plan, full: Values) -> Values:
    now, who = work.now, work.principal.id
    row = made.encode(full)
    at = work.stamp["at"]
    row.update(version=1, created_at=at, created_by=who, updated_at=at, updated_by=who)
    if made.storage.searchable:
        row[SEARCH] = search.text(form, full)
    found = work.driver(made.insert, row).fetchone()
    if found is None:
        raise InputError(_taken(work, form, made, full, None) or {"": say(work.principal.locale, "不能与已有记录重复")})
    for field in _files(form):
        if full[field.id]:
            blobs.attach(work, found[0], full[field.id])
    return {
        "id": found[0],
        "version": 1,
        "created_at": now,
        "created_by": who,
        "updated_at": now,
        "updated_by": who,
        **full,
    }


def _files(form: Form) -> Sequence[Field]:
    found = form.compiled.get("files")
    if found is None:
        found = form.compiled["files"] = [field for field in form.stored if isinstance(field.type, FileField)]
    return found  # type: ignore[return-value]


def update(
    work: Work, form: Form, id: int, given: Mapping[str, Any], version: int | None, override: Mapping[str, str]
) -> Record:
    """Change a record, if it is still what the writer looked at; a write that changes nothing leaves no trace."""
    made = plan.of(work, form)
    mistakes: values.Mistakes = {}
    old = _locked(work, form, made, id, "update", "没有修改这条记录的权限")
    _same_version(work, form, old, version)
    accepted = values.accept(work, form, given, mistakes)
    new: Values = {**old, **accepted}
    env = RecordEnv(work, form, new)
    _frozen(work, form, RecordEnv(work, form, old), new, mistakes)
    changed = {name for name in accepted if name in made.empty and new[name] != old[name]}
    values.resolve(work, form, new, dict.fromkeys(changed), mistakes, id)
    tables = lines.accept(work, form, new, given, mistakes)
    checking.of(form).run(work, env, changed | tables.keys(), mistakes, new=False)
    mistakes = mistakes or _taken(work, form, made, new, id, changed)
    if mistakes:
        raise InputError(mistakes)
    for name in tables:
        new.pop(name)
    before = lines.stored(work, form, id, tables)
    gate = Gate(work, form, override)
    gate.before(old, new, changed | tables.keys())
    with undone_when_refused(work, gate):
        kept = lines.write(work, form, id, tables, before)
        if not changed and not kept:
            return Record(work, form, old)
        _update(work, form, made, old, new, changed)
        forget(work)
        gate.after()
    new.update(version=old["version"] + 1, updated_at=work.now, updated_by=work.principal.id)
    changes: Changes = {name: (old[name], new[name]) for name in made.empty if name in changed} | kept
    return _told(work, form, new, "updated", changes, gate)


def _update(work: Work, form: Form, made: plan.Plan, old: Values, new: Values, changed: set[str]) -> None:
    names = [name for name in made.empty if name in changed]
    row = made.encode({name: new[name] for name in names})
    row.update(id=old["id"], version=old["version"], updated_at=work.stamp["at"], updated_by=work.principal.id)
    if made.storage.searchable and any(form.fields[name].search for name in names):
        names.append(SEARCH)
        row[SEARCH] = search.text(form, new)
    try:
        done = work.driver(made.update(names), row).rowcount
    except IntegrityError as error:
        raise InputError({"": say(work.principal.locale, "不能与已有记录重复")}) from error
    if done != 1:
        raise conflict(work, form, old)
    for field in _files(form):
        if field.id in changed and new[field.id]:
            blobs.attach(work, old["id"], new[field.id])


def _frozen(work: Work, form: Form, env: RecordEnv, new: Values, mistakes: values.Mistakes) -> None:
    """Fields that are read-only as the record stands cannot be changed by a person."""
    for field in checking.of(form).frozen:
        readonly = field.readonly
        touched = not work.principal.system and new[field.id] != env.values[field.id]
        if touched and isinstance(readonly, Expression) and readonly.holds(env):
            mistakes[field.id] = [say(work.principal.locale, "不可填写")]


def _locked(work: Work, form: Form, made: plan.Plan, id: int, verb: str, refusal: str) -> Values:
    """The stored record under its row lock; NotFound when it is not to be seen, AccessDenied when not to be changed."""
    row = work.driver(made.lock, {"id": id}).fetchone() if 0 < id < 2**63 else None
    found = made.decode(row) if row else None
    env = RecordEnv(work, form, found) if found else None
    if found is None or env is None or not query.sees(work, form, env):
        raise NotFound(say(work.principal.locale, "记录不存在"))
    if not access.may(work.principal, form, verb) or not query.sees(work, form, env, verb):
        raise AccessDenied(say(work.principal.locale, refusal))
    return found


def _same_version(work: Work, form: Form, old: Values, version: int | None) -> None:
    if version is not None and version != old["version"]:
        raise conflict(work, form, old)


def conflict(work: Work, form: Form, current: Values) -> Conflict:
    """Someone was faster: who it was, and the record as it stands now."""
    locale, who = work.principal.locale, say(work.principal.locale, "系统")
    if current["updated_by"] is not None:
        who = next((person.name for person in people.many(work, [current["updated_by"]])), who)
    return Conflict(say(locale, "记录已被 {who} 修改, 请重新载入", who=who), Record(work, form, current))


def _taken(
    work: Work, form: Form, made: plan.Plan, row: Values, id: int | None, changed: set[str] | None = None
) -> values.Mistakes:
    """Words beside each field whose value another record already has."""
    mistakes: values.Mistakes = {}
    for names in ((field.id,) for field in form.stored if field.unique), form.unique:
        for group in names:
            if any(row[name] is None for name in group) or (changed is not None and changed.isdisjoint(group)):
                continue
            wheres = " AND ".join(f"{made.column(name)} = :{name}" for name in group)
            sql = f"SELECT 1 FROM {made.table} WHERE {wheres} AND deleted_at IS NULL AND id <> :id LIMIT 1"
            if work.driver(sql, {**made.encode({name: row[name] for name in group}), "id": id or 0}).fetchone():
                mistakes[group[0]] = [say(work.principal.locale, "不能与已有记录重复")]
    return mistakes


@contextmanager
def undone_when_refused(work: Work, gate: Gate) -> Iterator[None]:
    """Put a write that a guard may still refuse into a savepoint, so that the unit of work can go on without it."""
    if not gate.closed:
        yield
        return
    try:
        with work.part():
            yield
    except InputError:
        forget(work)
        raise


def _told(work: Work, form: Form, full: Values, kind: str, changes: Changes, gate: Gate) -> Record:
    """Keep the history of a write and tell the rooms above."""
    kept = {name: [plain(form, name, before), plain(form, name, after)] for name, (before, after) in changes.items()}
    history.write(work, form.id, full["id"], full["version"], kind, kept)
    work.publish(Event(f"record.{kind}", form.id, full["id"], changes))
    return Record(work, form, full, tuple(gate.warnings))


def plain(form: Form, name: str, value: Any) -> Any:
    """A value as history keeps it."""
    field = form.fields[name]
    return field.type.json(value) if value is not None and isinstance(field.type, FileField) else value


def delete(work: Work, form: Form, id: int, version: int | None) -> None:
    """Mark a record deleted; what refers to it refuses that or lets go, as its field says."""
    made = plan.of(work, form)
    old = _locked(work, form, made, id, "delete", "没有删除这条记录的权限")
    _same_version(work, form, old, version)
    _let_go(work, form, id)
    gate = Gate(work, form, {})
    gate.before(old, None, form.fields.keys())
    with undone_when_refused(work, gate):
        _mark(work, made, id, ":at")
        forget(work)
        gate.after()
    changes: Changes = {name: (old[name], None) for name in made.empty if old[name] is not None}
    _told(work, form, {**old, "version": old["version"] + 1}, "deleted", changes, gate)


def _mark(work: Work, made: plan.Plan, id: int, deleted: str) -> None:
    sets = f"deleted_at = {deleted}, version = version + 1, updated_at = :at, updated_by = :by"
    at = {"at": work.stamp["at"], "by": work.principal.id, "id": id}
    work.driver(f"UPDATE {made.table} SET {sets} WHERE id = :id", at)


def _let_go(work: Work, form: Form, id: int) -> None:
    for other in work.catalog["form"].values():
        for field in other.stored:
            if field.type.name != "reference" or field.given["form"] != form.id:
                continue
            made = plan.of(work, other)
            sql = f"SELECT id FROM {made.table} WHERE {made.column(field.id)} = :id AND deleted_at IS NULL"
            if field.given.get("on_delete") == "clear":
                system = work.acting(SYSTEM, work.cause.then("system", f"delete {form.id}"))
                for (one,) in work.driver(sql, {"id": id}).fetchall():
                    update(system, other, one, {field.id: None}, None, {})
            elif work.driver(sql + " LIMIT 1", {"id": id}).fetchone():
                raise InputError({"": say(work.principal.locale, "有记录引用它, 不能删除")})


def restore(work: Work, form: Form, id: int) -> Record:
    """Undo a deletion, if what was unique still is and the guards still hold."""
    made = plan.of(work, form)
    if not access.may(work.principal, form, "delete"):
        raise AccessDenied(say(work.principal.locale, "没有删除这条记录的权限"))
    sql = f"SELECT {made.columns} FROM {made.table} WHERE id = :id AND deleted_at IS NOT NULL"
    row = work.driver(sql, {"id": id}).fetchone()
    old = made.decode(row) if row else None
    if old is None or not query.sees(work, form, RecordEnv(work, form, old), "delete"):
        raise NotFound(say(work.principal.locale, "记录不存在"))
    mistakes = _taken(work, form, made, old, id)
    if mistakes:
        raise InputError(mistakes)
    gate = Gate(work, form, {})
    gate.before(None, old, form.fields.keys())
    with undone_when_refused(work, gate):
        _mark(work, made, id, "NULL")
        forget(work)
        gate.after([id])
    changes: Changes = {name: (None, old[name]) for name in made.empty if old[name] is not None}
    full = {**old, "version": old["version"] + 1, "updated_at": work.now, "updated_by": work.principal.id}
    return _told(work, form, full, "restored", changes, gate)
