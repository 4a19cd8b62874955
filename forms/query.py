"""Query: the one place that knows which rows and fields a reader gets; every list, search, sum and report asks here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy import select as sql_select

from engine.errors import AccessDenied, ExpressionError, InputError
from engine.expressions import Expression, compile_expression, types
from engine.principal import Principal
from forms import access, prepared, rows, search
from forms.env import RecordEnv
from forms.form import SYSTEM_FIELDS, Field, Form
from forms.prepared import Needs, Prepared
from forms.scope import find_form
from forms.sqlenv import FormSql

if TYPE_CHECKING:
    from engine.work import Work

Path = tuple[str, ...]


class Query:
    """The records of a form that a principal may see.

    `env` answers columns to expressions; `where` narrows; `select` answers the statement over all of it. Ask for
    every column before `select`, because columns behind references bring their joins.
    """

    def __init__(
        self, work: Work, form: Form, principal: Principal, verb: str = "read", as_of: date | None = None
    ) -> None:
        self.work, self.form, self.principal = work, form, principal
        self.env = FormSql(work, form, principal, as_of=as_of)
        self._conditions: list[ColumnElement[bool]] = [
            self.env.alive,
            *_scope(work, form, principal, verb, self.env, ()),
        ]

    @property
    def id(self) -> ColumnElement[int]:
        return self.env.alias.c.id

    def column(self, name: str) -> ColumnElement[Any]:
        """A field in its physical form, a computed one as what it is made of; AccessDenied for a hidden one."""
        field = self.form.fields.get(name)
        if field is not None and not access.readable(self.principal, field):
            raise hidden(field)
        if field is not None and field.compute is not None:
            return field.compute.sql(self.env)
        return self.env.column((name,))

    def where(self, condition: Expression | ColumnElement[bool]) -> Query:
        """Narrow by a declared condition, or by a column of this query's env."""
        self._conditions.append(condition.sql(self.env) if isinstance(condition, Expression) else condition)
        return self

    def typed(self, text: str) -> Query:
        """Narrow by a condition that the reader wrote; it reaches no further than the reader's sight.

        Raises InputError with what is wrong in it, AccessDenied for what is hidden.
        """
        try:
            condition = compile_expression(text, self.form.scope, expect=types.boolean(), sql=True)
        except ExpressionError as error:
            raise InputError({"where": error.message + (f" ({error.hint})" if error.hint else "")}) from None
        self._conditions += sight(self.work, self.form, self.principal, condition, self.env)
        return self.where(condition)

    def search(self, words: str) -> Query:
        """Narrow to records in whose search fields all of these words stand."""
        self._conditions += search.conditions(self.form, self.principal, self.env, words)
        return self

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """The statement that answers these columns for the rows of this query."""
        return sql_select(*columns).select_from(self.env.from_).where(*self._conditions)

    @property
    def statement(self) -> Select[Any]:
        """The statement that answers the ids."""
        return self.select(self.id)


def select(
    work: Work,
    form: Form | str,
    principal: Principal | None = None,
    verb: str = "read",
    as_of: date | None = None,
) -> Query:
    """Begin a query on the records that the principal may read, update or delete; `as_of` a past day, if wished."""
    found = form if isinstance(form, Form) else form_of(work, form)
    return Query(work, found, principal or work.principal, verb, as_of)


def form_of(work: Work, id: str) -> Form:
    """The form with this id, or the table `form.field` inside one; NotFound when there is none."""
    from engine.errors import NotFound

    form = find_form(work.catalog["form"], id)
    if form is None:
        raise NotFound(f"没有表单 {id}")
    return form


def _scope(
    work: Work, form: Form, principal: Principal, verb: str, env: FormSql, path: Path
) -> list[ColumnElement[bool]]:
    """The condition on rows that a reader's roles put on a form; `path` leads from the env to the form's record."""
    if form.parent:
        return _scope(work, form.parent, principal, verb, env, (*path, "parent"))
    found = access.conditions(principal, form, verb)
    if found is None:
        return []
    if not found:
        return [false()]
    seen = env.behind(path) if path else env
    return [or_(*(condition.sql(seen) for condition in found))]


def hidden(field: Field) -> AccessDenied:
    return AccessDenied(f"没有查看“{field.label}”的权限")


def sight(
    work: Work, form: Form, principal: Principal, condition: Expression, env: FormSql
) -> list[ColumnElement[bool]]:
    """What a condition that the reader wrote must bring along so that it tells nothing hidden.

    Fields must be readable; a record behind a reference must be visible, else the row drops out; related records
    may be counted and summed only by those who see all of them.
    """
    extra: dict[Path, list[ColumnElement[bool]]] = {}
    for path in condition.mentions:
        if path[0] == "settings":
            continue
        here: Form | None = form
        for step, name in enumerate(path):
            field = here.fields.get(name) if here else None
            if field is not None and not access.readable(principal, field):
                raise hidden(field)
            kind = here.scope.find(name) if here else None
            target = find_form(work.catalog["form"], kind.form) if kind and kind.form else None
            if target is not None and kind is not None:
                last = step == len(path) - 1
                if kind.kind == "related" and access.conditions(principal, target.parent or target) is not None:
                    if not (field and field.lines):
                        raise AccessDenied(f"没有查看全部“{target.label}”的权限")
                elif kind.kind == "reference" and not last and path[: step + 1] not in extra:
                    if any(node_is_related(form, path[: index + 1]) for index in range(step)):
                        if access.conditions(principal, target) is not None:
                            raise AccessDenied(f"没有查看全部“{target.label}”的权限")
                    else:
                        extra[path[: step + 1]] = _scope(work, target, principal, "read", env, path[: step + 1])
            here = target
    return [condition for part in extra.values() for condition in part]


def node_is_related(form: Form, path: Path) -> bool:
    """Whether this path from the form leads over a to-many relation."""
    here: Form | None = form
    for name in path:
        kind = here.scope.find(name) if here else None
        if kind is not None and kind.kind == "related":
            return True
        here = find_form(form.scope.forms, kind.form) if kind and kind.form else None
    return False


def visible(work: Work, form_id: str, id: int) -> bool:
    """Whether the record exists and this actor may see it."""
    return seen(work, form_of(work, form_id), id) is not None


def seen(work: Work, form: Form, id: int) -> RecordEnv | None:
    """The record, if it exists and this actor may see it."""
    found = rows.load(work, form, [id]).get(id)
    env = RecordEnv(work, form, found) if found is not None else None
    return env if env is not None and sees(work, form, env) else None


def visible_many(work: Work, form_id: str, ids: Collection[int]) -> set[int]:
    """Those of these records that exist and that this actor may see."""
    if not ids:
        return set()
    form = form_of(work, form_id)

    def build() -> Prepared:
        asked = select(work, form)
        asked.where(prepared.among(asked.id, work.dialect))
        return prepared.prepare(asked.statement, work.dialect)

    needs = Needs(now=True, settings=tuple(work.settings))
    statement: Prepared = prepared.kept(work, form, ("visible", work.principal), needs, build)
    return {row[0] for row in statement.rows(work, ids=prepared.ids(work, ids))}


def sees(work: Work, form: Form, env: RecordEnv, verb: str = "read") -> bool:
    """Whether this actor may see (or update, or delete) this one record."""
    found = access.conditions(work.principal, form, verb)
    return found is None or any(condition.holds(env) for condition in found)


def field_or_system(form: Form, principal: Principal, name: str) -> Field | None:
    """The field to list or sort by; None for a system field. Raises InputError and AccessDenied."""
    field = form.fields.get(name)
    if field is None:
        if name in SYSTEM_FIELDS:
            return None
        raise InputError({name: "没有这个字段"})
    if not access.readable(principal, field):
        raise hidden(field)
    return field
