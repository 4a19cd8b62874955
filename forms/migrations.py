"""Migrations: what must change in the database so that it fits the forms, planned first and then applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, MetaData, Table, func, inspect, select
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.errors import ConfigError, ConfigErrors
from engine.names import hint
from forms import lock, storage
from forms.form import Form
from forms.lock import Lock, Names

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.work import Work

# A field may become another type where every old value is a value of the new one.
WIDENING = {
    ("text", "long_text"), ("email", "text"), ("phone", "text"), ("url", "text"), ("serial", "text"),
    ("choice", "text"), ("email", "long_text"), ("phone", "long_text"), ("text", "email"), ("text", "phone"),
    ("text", "url"), ("text", "serial"), ("choices", "tags"), ("image", "file"), ("signature", "image"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing to do to the database: add table, add column, rename, keep or add index; `sql` may be empty."""

    kind: str
    subject: str
    sql: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


@dataclass(frozen=True)
class Migration:
    """All changes in order, and the lock as it will be afterwards."""

    changes: tuple[Change, ...]
    lock: Lock


def plan(work: Work, catalog: Catalog) -> Migration:
    """What publishing this catalog would change. Raises ConfigErrors for what it must not do."""
    planner = Planner(work, lock.read(work))
    errors: list[ConfigError] = []
    forms: Mapping[str, Form] = catalog["form"]
    for form in forms.values():
        for one in with_tables(form):
            errors += planner.names(one, forms)
    errors += planner.vanished(forms)
    if errors:
        raise ConfigErrors(errors)
    for form in forms.values():
        for one in with_tables(form):
            planner.table(one)
    return Migration(tuple(planner.changes), planner.lock)


def apply(work: Work, catalog: Catalog) -> Migration:
    """Bring the database in line with the catalog and bind its forms to their tables."""
    migration = plan(work, catalog)
    for change in migration.changes:
        for sql in change.sql:
            work.connection.exec_driver_sql(sql)
    lock.write(work, migration.lock)
    for form in catalog["form"].values():
        for one in with_tables(form):
            one.storage = None
            one.compiled.clear()
    storage.bind(catalog["form"], migration.lock)
    return migration


def with_tables(form: Form) -> Iterable[Form]:
    """The form and the tables inside its records."""
    yield form
    for field in form.lines:
        if field.lines:
            yield field.lines


class Planner:
    """Compares forms with the lock and the tables there are."""

    def __init__(self, work: Work, kept: Lock) -> None:
        self.work, self.lock = work, kept
        self.changes: list[Change] = []
        self._new: set[tuple[str, str]] = set()
        inspector = inspect(work.connection)
        self._columns = {
            name: {one["name"] for one in told} for (_, name), told in inspector.get_multi_columns().items()
        }
        self._indexes = {
            name: {str(one["name"]) for one in told} for (_, name), told in inspector.get_multi_indexes().items()
        }
        self._metadata = MetaData()

    def names(self, form: Form, forms: Mapping[str, Form]) -> list[ConfigError]:
        """Find or choose the names of a form's table and columns; renames change the lock alone."""
        kept = self.lock.forms.get(form.id)
        if kept is None and form.was and form.was in self.lock.forms and form.was not in forms:
            kept = self.lock.forms[form.id] = self.lock.forms.pop(form.was)
            for part in [id for id in self.lock.forms if id.startswith(f"{form.was}.")]:
                self.lock.forms[form.id + part[len(form.was) :]] = self.lock.forms.pop(part)
            self.changes.append(Change("rename", f"{form.was} to {form.id}"))
        if kept is None:
            kept = self.lock.forms[form.id] = Names(self.lock.free(form.id))
        return [error for field in form.stored for error in self._field(form, kept, field)]

    def _field(self, form: Form, kept: Names, field: Any) -> list[ConfigError]:
        was, kind = field.given.get("was"), field.type.name
        if field.id not in kept.columns and was in kept.columns and was not in form.fields:
            kept.columns[field.id] = kept.past[was] = kept.columns.pop(was)
            kept.kinds[field.id] = kept.kinds.pop(was, kind)
            self.changes.append(Change("rename", f"{form.id}.{was} to {field.id}"))
        if field.id in kept.removed:  # it comes back to the data that was kept
            kept.columns[field.id] = kept.removed.pop(field.id)
        if field.id not in kept.columns:
            kept.columns[field.id] = kept.free(field.id)
            self._new.add((form.id, field.id))
        before = kept.kinds.get(field.id, kind)
        if before != kind and (before, kind) not in WIDENING and not _same_column(before, kind):
            advice = "add a new field and carry the values over, or keep the type"
            message = f"field '{field.id}' was {before} and cannot become {kind}"
            return [ConfigError(message, field.mark, advice)]
        kept.kinds[field.id] = kind
        return []

    def vanished(self, forms: Mapping[str, Form]) -> list[ConfigError]:
        """Fields and forms that are gone without a word."""
        errors = []
        every = {one.id: one for form in forms.values() for one in with_tables(form)}
        for id, kept in self.lock.forms.items():
            form = every.get(id)
            if form is None:
                continue  # the table stays as it is; the form can come back to it
            stored = {field.id for field in form.stored}
            for name in [name for name in kept.columns if name not in stored]:
                if name in form.removed:
                    kept.removed[name] = kept.columns.pop(name)
                    self.changes.append(Change("keep", f"{id}.{name}: the data stays, the field is gone"))
                elif name in form.fields and form.fields[name].computed:
                    kept.removed[name] = kept.columns.pop(name)
                    self.changes.append(Change("keep", f"{id}.{name}: computed from now on, the old data stays"))
                else:
                    errors.append(_gone(form, name, {field for owner, field in self._new if owner == id}))
        return errors

    def table(self, form: Form) -> None:
        """Plan the form's table, its columns and its indexes."""
        built = storage.build(form, self.lock, self._metadata)
        table, dialect = built.table, self.work.connection.dialect
        there = self._columns.get(table.name)
        if there is None:
            create = str(CreateTable(table).compile(dialect=dialect)).strip()
            self.changes.append(Change("add table", form.id, (create,)))
            present: set[str] = set()
        else:
            present = self._indexes.get(table.name, set())
            for column in table.columns:
                if column.name not in there:
                    self.changes.append(Change("add column", f"{form.id}.{column.name}", (self._add(table, column),)))
        wanted = {str(index.name): index for index in indexes(form, built, dialect.name)}
        for name in sorted(name for name in present - wanted.keys() if name.startswith(("ix_", "uq_"))):
            self.changes.append(Change("drop index", f"{form.id}: {name}", (f"DROP INDEX {name}",)))
        for name, index in wanted.items():
            if name not in present:
                if index.unique and there is not None:
                    self._look_for_doubles(form, index)
                sql = str(CreateIndex(index).compile(dialect=dialect)).strip()
                self.changes.append(Change("add index", f"{form.id}: {name}", (sql,)))

    def _look_for_doubles(self, form: Form, index: Index) -> None:
        """What is to be unique from now on must be so already."""
        columns = list(index.columns)
        if not all(column.name in self._columns[columns[0].table.name] for column in columns):
            return
        alive = [column.is_not(None) for column in columns]
        if not form.parent:
            alive.append(columns[0].table.c.deleted_at.is_(None))
        doubles = select(*columns).where(*alive).group_by(*columns).having(func.count() > 1).limit(1)
        row = self.work.execute(doubles).first()
        if row is not None:
            told = ", ".join(str(value) for value in row)
            message = f"{' and '.join(column.name for column in columns)} cannot be unique: several records have {told}"
            raise ConfigErrors([ConfigError(message, form.mark, "make the records differ first, then publish again")])

    def _add(self, table: Table, column: Column[Any]) -> str:
        quote = self.work.connection.dialect.identifier_preparer.quote
        kind = column.type.compile(dialect=self.work.connection.dialect)
        return f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"


def _gone(form: Form, name: str, new: set[str]) -> ConfigError:
    advice = f"write `removed: {{{name}: {{data: keep}}}}`, or `was: {name}` at the field that it became"
    if new and (guess := hint(name, new)) and guess.startswith("did you mean"):
        advice += f"; {guess}"
    return ConfigError(f"field '{name}' of form '{form.id}' is gone", form.mark, advice)


def _same_column(before: str, after: str) -> bool:
    numbers = {"integer", "duration"}
    return before in numbers and after in numbers


def indexes(form: Form, built: storage.Storage, dialect: str) -> list[Index]:
    """The indexes that the declarations ask for: references, what is unique, and what lists filter and sort by."""
    columns = built.columns
    found: dict[tuple[str, bool], Index] = {}

    def add(names: tuple[str, ...], unique: bool = False) -> None:
        if (names[0], False) in found and len(names) == 1 and not unique:
            return
        alive = None if form.parent else columns["deleted_at"].is_(None)
        where: dict[str, Any] = (
            {"sqlite_where": alive, "postgresql_where": alive} if unique and alive is not None else {}
        )
        name = _name("uq" if unique else "ix", built, *names)
        found[(" ".join(names), unique)] = Index(name, *(columns[n] for n in names), unique=unique, **where)

    if form.parent:
        add(("parent",))
    for field in form.stored:
        if field.unique:
            add((field.id,), unique=True)
        elif field.type.name in ("reference", "person", "date", "datetime"):
            add((field.id,))
    for names in form.unique:
        add(names, unique=True)
    for name in _asked(form):
        if name in columns and not (name in form.fields and form.fields[name].unique):
            add((name,))
    return list(found.values()) + _descending(form, built, dialect)


def _descending(form: Form, built: storage.Storage, dialect: str) -> list[Index]:
    """On PostgreSQL a list that is sorted downwards with empty values last needs an index of just that order."""
    if dialect != "postgresql":
        return []
    sorts = {
        name[1:]
        for sort in (form.list.sort, *(view.sort for view in form.views.values()))
        for name in sort
        if name[0] == "-"
    }
    fields = [field for field in form.stored if field.id in sorts and field.nullable and field.type.sortable]
    return [
        Index(_name("ix", built, field.id, "down"), built.columns[field.id].desc().nulls_last()) for field in fields
    ]


def _name(kind: str, built: storage.Storage, *parts: str) -> str:
    """A name that fits both databases and is the same whenever it stands for the same."""
    return f"{kind}_{built.table.name[:40]}_{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:8]}"


def _asked(form: Form) -> set[str]:
    """The stored fields that the list and its views filter and sort by."""
    asked = {
        name.lstrip("-") for sort in (form.list.sort, *(view.sort for view in form.views.values())) for name in sort
    }
    for view in form.views.values():
        if view.where:
            asked |= {path[0] for path in view.where.reads if len(path) == 1}
    stored = {field.id for field in form.stored if field.type.sortable}
    return asked & stored
