"""FormSql: a form's records as a set, for the SQL back end of expressions; references become joins."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, true
from sqlalchemy.sql.selectable import NamedFromClause

from engine.expressions import Related
from engine.people import tables as people
from engine.principal import Principal
from forms import storage
from forms.form import Form
from forms.scope import find_form

if TYPE_CHECKING:
    from engine.work import Work

Path = tuple[str, ...]
PERSON = {"name": "name", "login": "login", "email": "email", "mobile": "mobile"}
_aliases: WeakKeyDictionary[Table, dict[int, NamedFromClause]] = WeakKeyDictionary()
PERSON |= {"department": "department", "superior": "superior_id", "active": "active"}


class FormSql:
    """The columns of one form under an alias of its own.

    It sees everything that is declared; which rows a reader gets is the business of `forms.query`. A reference
    that is empty or whose record was deleted makes every column behind it NULL. With `as_of` a past day is today,
    and records whose form says since when they count are left out where that is later, in every relation, too.
    """

    def __init__(
        self,
        work: Work,
        form: Form,
        principal: Principal | None = None,
        numbers: Any = None,
        as_of: date | None = None,
    ) -> None:
        self.work, self.form, self.as_of = work, form, as_of
        self.user: Principal | None = principal or work.principal
        self.today, self.now = as_of or work.today, work.now
        self.timezone: ZoneInfo = work.catalog.timezone
        self.calendar: Any = work.catalog.calendar()
        self.dialect = work.dialect
        self._numbers = numbers or count()
        self.alias = self._fresh(storage.of(work, form).table)
        self._joins: dict[Path, tuple[NamedFromClause, Form | None]] = {}
        self._from: FromClause = self.alias

    @property
    def from_(self) -> FromClause:
        """The form's table with the joins that were needed; read it after all columns were asked for."""
        return self._from

    @property
    def alive(self) -> ColumnElement[bool]:
        """The condition that leaves out deleted records, and those that did not count yet."""
        alive = self.alias.c.deleted_at.is_(None) if "deleted_at" in self.alias.c else true()
        if self.as_of is None or self.form.dated is None:
            return alive
        return and_(alive, self.column((self.form.dated,)) <= self.as_of)

    def column(self, path: Path) -> ColumnElement[Any]:
        alias, form = self._at(path[:-1])
        return self._own(alias, form, path[-1])

    def value(self, path: Path) -> Any:
        return self.work.settings.at(path[1:])

    def related(self, path: Path) -> Rows:
        """The rows of a relation or of a table inside the record."""
        alias, form = self._at(path[:-1])
        assert form is not None
        field = form.fields[path[-1]]
        child = field.lines or find_form(self.work.catalog["form"], field.type.form)  # type: ignore[attr-defined]
        assert child is not None
        env = FormSql(self.work, child, self.user, self._numbers, self.as_of)
        via = "parent" if field.lines else field.type.via  # type: ignore[attr-defined]
        tie = env.column((via,)) == alias.c.id
        return Rows(env, and_(tie, env.alive))

    def behind(self, path: Path) -> Behind:
        """The records that a path of references leads to, as an env of their own."""
        return Behind(self, path)

    def _at(self, path: Path) -> tuple[NamedFromClause, Form | None]:
        """The alias and the form at the end of a path of references; people have no form."""
        if not path:
            return self.alias, self.form
        if path not in self._joins:
            alias, form = self._at(path[:-1])
            key = self._own(alias, form, path[-1])
            target = self._target(form, path[-1])
            if target is None:
                joined = self._fresh(people.persons)
                self._from = self._from.outerjoin(joined, joined.c.id == key)
            else:
                joined = self._fresh(storage.of(self.work, target).table)
                alive = joined.c.deleted_at.is_(None) if "deleted_at" in joined.c else true()
                self._from = self._from.outerjoin(joined, and_(joined.c.id == key, alive))
            self._joins[path] = (joined, target)
        return self._joins[path]

    def _target(self, form: Form | None, name: str) -> Form | None:
        if form is None:
            return None
        found = form.scope.find(name)
        return find_form(self.work.catalog["form"], found.form) if found and found.form else None

    def _own(self, alias: NamedFromClause, form: Form | None, name: str) -> ColumnElement[Any]:
        if form is None:
            return alias.c[PERSON[name]]
        column: Column[Any] = storage.of(self.work, form).columns[name]
        return alias.c[column.name]

    def _fresh(self, table: Table) -> NamedFromClause:
        number = next(self._numbers)
        kept = _aliases.setdefault(table, {})
        if number not in kept:  # making one copies every column, and it never changes
            kept[number] = table.alias(f"t{number}")
        return kept[number]


class Rows(Related):
    """The rows of a relation as the SQL back end wants them; joins may still be added while columns are asked for."""

    def __init__(self, env: FormSql, where: ColumnElement[bool]) -> None:
        self.env, self.where, self._rows = env, where, env

    @property
    def from_(self) -> FromClause:  # type: ignore[override]
        return self._rows.from_


class Behind:
    """The records behind a reference, seen from there: every path begins at them."""

    def __init__(self, env: FormSql, path: Path) -> None:
        self._env, self._path = env, path
        self.today, self.now, self.user = env.today, env.now, env.user
        self.timezone, self.calendar, self.dialect = env.timezone, env.calendar, env.dialect

    def column(self, path: Path) -> ColumnElement[Any]:
        return self._env.column(self._path + path)

    def related(self, path: Path) -> Rows:
        return self._env.related(self._path + path)

    def value(self, path: Path) -> Any:
        return self._env.value(path)
