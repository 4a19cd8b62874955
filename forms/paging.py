"""Paging: a page of records by keyset, with a capped or exact count and sums over all that was found."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ColumnElement, and_, func, literal, or_
from sqlalchemy import select as sql_select

from engine import jsontext
from engine.errors import InputError
from engine.expressions import Expression
from forms import access, plan, query, titles
from forms.form import Field, Form
from forms.record import Record

if TYPE_CHECKING:
    from engine.work import Work

READERS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat, "datetime": datetime.fromisoformat, "Decimal": Decimal
}  # fmt: skip
CAP = 10_000
MOST = 500


@dataclass(frozen=True)
class Page:
    """Some of the records found. `next` goes on behind them, None at the end; `total` is capped unless exact."""

    rows: Sequence[Record]
    next: str | None = None
    total: int | None = None
    total_is_exact: bool = True
    sums: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Key:
    """One sort key: its column, direction, and whether it can be empty (empty ones come last)."""

    name: str
    column: ColumnElement[Any]
    down: bool
    nullable: bool

    @property
    def order(self) -> ColumnElement[Any]:
        ordered = self.column.desc() if self.down else self.column.asc()
        return ordered.nulls_last() if self.nullable else ordered

    def past(self, value: Any) -> ColumnElement[bool] | None:
        """The condition for rows behind this value; None when no other value can be."""
        if value is None:
            return None
        beyond = self.column < value if self.down else self.column > value
        return or_(beyond, self.column.is_(None)) if self.nullable else beyond

    def same(self, value: Any) -> ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == value


def find(
    work: Work,
    form_id: str,
    where: Expression | str | Sequence[Expression | str] | None = None,
    sort: str | Sequence[str] | None = None,
    fields: Sequence[str] | None = None,
    limit: int = 50,
    after: str | None = None,
    count: str = "capped",
    search: str | None = None,
    sums: Sequence[str] = (),
) -> Page:
    """Find records that the reader may see.

    `where` is a declared Expression, or a text that the reader typed, or several of both. `sort` names fields, a
    leading - for descending. `count` is "capped", "exact" or "none". Raises InputError for what cannot be asked,
    AccessDenied for what is hidden.
    """
    form = query.form_of(work, form_id)
    asked = query.select(work, form)
    for condition in (where,) if where is None or isinstance(where, (str, Expression)) else where:
        if isinstance(condition, str):
            asked.typed(condition)
        elif condition is not None:
            asked.where(condition)
    if search:
        asked.search(search)
    wanted = _wanted(work, form, fields)
    keys = _keys(form, asked, (sort,) if isinstance(sort, str) else sort if sort is not None else form.list.sort)
    limit = max(1, min(limit, MOST))
    total, exact = _count(work, asked, count)
    added = _sums(work, form, asked, sums)
    records, following = _page(work, form, asked, wanted, keys, limit, after)
    return Page(records, following, total, exact, added)


def _wanted(work: Work, form: Form, names: Sequence[str] | None) -> list[Field]:
    """The computed fields that the page shows; stored ones always come along."""
    if names is None:
        return [one for one in form.computed if access.readable(work.principal, one)]
    found = [query.field_or_system(form, work.principal, name) for name in names]
    return [one for one in found if one is not None and one.computed]


def _keys(form: Form, asked: query.Query, sort: Sequence[str]) -> list[Key]:
    keys = []
    for told in sort:
        name = told.lstrip("-")
        found = query.field_or_system(form, asked.principal, name)
        if found is not None and not (found.type.sortable and (found.stored or found.computed)):
            raise InputError({"sort": f"不能按“{found.label}”排序"})
        nullable = found.nullable or found.computed if found else False
        keys.append(Key(name, asked.column(name), told.startswith("-"), nullable))
    if not any(key.name == "id" for key in keys):
        keys.append(Key("id", asked.id, bool(keys and keys[-1].down), False))
    return keys


def _count(work: Work, asked: query.Query, how: str) -> tuple[int | None, bool]:
    if how == "none":
        return None, False
    if how == "exact":
        return work.execute(asked.select(func.count())).scalar_one(), True
    if how != "capped":
        raise InputError({"count": "capped, exact, none"})
    some = asked.select(literal(1)).limit(CAP + 1).subquery()
    found = work.execute(sql_select(func.count()).select_from(some)).scalar_one()
    return min(found, CAP), found <= CAP


def _sums(work: Work, form: Form, asked: query.Query, names: Sequence[str]) -> dict[str, Any]:
    if not names:
        return {}
    added = [form.fields[name] for name in names if query.field_or_system(form, asked.principal, name)]
    for one in added:
        if not one.value_type.numeric:
            raise InputError({"sums": f"“{one.label}”不能求和"})
    columns = [func.coalesce(func.sum(asked.column(one.id)), 0) for one in added]
    row = work.execute(asked.select(*columns)).one()
    return {one.id: one.type.from_db(int(value)) for one, value in zip(added, row, strict=True)}


def _page(
    work: Work, form: Form, asked: query.Query, wanted: list[Field], keys: list[Key], limit: int, after: str | None
) -> tuple[list[Record], str | None]:
    made = plan.of(work, form)
    stored = [asked.env.column((name,)) for name in made.names]
    computed = [one.compute.sql(asked.env) for one in wanted if one.compute]
    spec = _spec(form, keys)
    if after is not None:
        asked.where(_behind(keys, _read_cursor(after, spec, len(keys))))
    statement = asked.select(*stored, *computed, *(key.column for key in keys))
    statement = statement.order_by(*(key.order for key in keys)).limit(limit + 1)
    found = work.execute(statement).all()
    records = []
    for row in found[:limit]:
        values = made.decode(row[: len(stored)])
        extra = row[len(stored) : len(stored) + len(wanted)]
        shown = {
            one.id: None if value is None else one.type.from_db(value) for one, value in zip(wanted, extra, strict=True)
        }
        records.append(Record(work, form, values, computed=shown))
    following = _cursor(spec, found[limit - 1][-len(keys) :]) if len(found) > limit else None
    _name(work, form, records)
    return records, following


def _name(work: Work, form: Form, records: list[Record]) -> None:
    """Let the records of a page load together what their titles and references need."""
    family = [record.env() for record in records]
    for record, env in zip(records, family, strict=True):
        env.siblings = family
        record.use(env)
    for one in form.stored:
        if one.type.name == "reference":
            ids = {record.stored[one.id] for record in records} - {None}
            if ids:
                titles.of(work, one.type.form, ids)  # type: ignore[attr-defined]


def _spec(form: Form, keys: list[Key]) -> str:
    told = f"{form.id} {[(key.name, key.down) for key in keys]}"
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _cursor(spec: str, row: Sequence[Any]) -> str:
    text = jsontext.dump([spec, *(_plain(value) for value in row)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, str)) else {type(value).__name__: str(value)}


def _read_cursor(text: str, spec: str, count: int) -> list[Any]:
    """The values at which a page goes on. Raises InputError for what is no cursor of this list."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(parts, list) or len(parts) != count + 1 or parts[0] != spec:
            raise ValueError
        return [
            READERS[next(iter(one))](next(iter(one.values()))) if isinstance(one, dict) else one for one in parts[1:]
        ]
    except (ValueError, KeyError, TypeError, ArithmeticError, StopIteration, binascii.Error):
        raise InputError({"after": "翻页位置无效, 请从第一页开始"}) from None


def _behind(keys: list[Key], values: list[Any]) -> ColumnElement[bool]:
    """Rows that come after these values in the order of the keys."""
    ways = []
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        beyond = key.past(value)
        if beyond is not None:
            same = [before.same(given) for before, given in zip(keys[:index], values[:index], strict=True)]
            ways.append(and_(*same, beyond))
    return or_(*ways)
