"""Paging: a page of records by keyset, with a capped or exact count and sums over all that was found."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal, or_
from sqlalchemy import select as sql_select
from sqlalchemy.exc import DBAPIError

from engine import jsontext
from engine.database import is_busy
from engine.errors import InputError
from engine.expressions import Expression
from forms import access, plan, prepared, query
from forms.env import RecordEnv
from forms.form import Field, Form
from forms.messages import say
from forms.prepared import Needs, Prepared
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

    def past(self, value: ColumnElement[Any] | None) -> ColumnElement[bool] | None:
        """The condition for rows behind this value; None when no other value can be."""
        if value is None:
            return None
        beyond = self.column < value if self.down else self.column > value
        return or_(beyond, self.column.is_(None)) if self.nullable else beyond

    def same(self, value: ColumnElement[Any] | None) -> ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == value


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a form, in a shape that can be compared with what was asked before."""

    where: tuple[Expression | str, ...]
    sort: tuple[str, ...]
    fields: tuple[str, ...] | None
    search: str
    count: str
    sums: tuple[str, ...]
    ends: tuple[bool, ...] | None  # for each key, whether the last page ended at an empty value; None for the first

    @property
    def key(self) -> tuple[Any, ...]:
        conditions = tuple(one if isinstance(one, str) else (one.text, id(one)) for one in self.where)
        return (conditions, self.sort, self.fields, self.search, self.count, self.sums, self.ends)


@dataclass(frozen=True)
class Found:
    """The statements that answer it, and the computed fields of the page; `asked` keeps its conditions alive."""

    asked: Asked
    page: Prepared
    computed: tuple[Field, ...]
    keys: int
    count: Prepared | None
    sums: Prepared | None


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
    conditions = (where,) if isinstance(where, (str, Expression)) else tuple(where or ())
    order = (sort,) if isinstance(sort, str) else form.list.sort if sort is None else tuple(sort)
    ends = None if after is None else _read_cursor(after, form, order)
    shape = None if ends is None else tuple(value is None for value in ends)
    shown = None if fields is None else tuple(fields)
    asked = Asked(conditions, order, shown, search or "", count, tuple(sums), shape)
    found = _statements(work, form, asked)
    limit = max(1, min(limit, MOST))
    given = {
        f"after_{n}": prepared.plain(value, work.dialect) for n, value in enumerate(ends or ()) if value is not None
    }
    typed = any(isinstance(one, str) for one in conditions)
    with _refusing(work, "where" if typed else "after" if ends else ""):
        total, exact = _total(work, found.count, count)
        added = _added(work, form, found.sums, asked.sums)
        rows = found.page.rows(work, page=limit + 1, **given)
    following = _cursor(form, order, rows[limit - 1][-found.keys :]) if len(rows) > limit else None
    return Page(_records(work, form, found, rows[:limit]), following, total, exact, added)


@contextmanager
def _refusing(work: Work, name: str) -> Iterator[None]:
    """Tell the reader when the database cannot work out what was typed, such as a number beyond 64 bits.

    `name` is what was typed; empty when all that is asked was declared. The unit of work can go on.
    """
    if not name:
        yield
        return
    try:
        with work.connection.begin_nested() if work.dialect == "postgresql" else nullcontext():
            yield
    except DBAPIError as error:
        if is_busy(error):
            raise
        raise InputError({name: say(work.principal.locale, "其中的数值无法与数据比较")}) from error


def _statements(work: Work, form: Form, asked: Asked) -> Found:
    """The statements for this question, built once for readers with the same sight."""
    if asked.search:
        return _build(work, form, asked)
    name = ("find", work.principal, work.today, *asked.key)
    needs = Needs(settings=tuple(work.settings))
    found = prepared.kept(work, form, name, needs, lambda: _build(work, form, asked))
    assert isinstance(found, Found)
    return found


def _build(work: Work, form: Form, asked: Asked) -> Found:
    chosen = query.select(work, form)
    for condition in asked.where:
        if isinstance(condition, str):
            chosen.typed(condition)
        else:
            chosen.where(condition)
    if asked.search:
        chosen.search(asked.search)
    keys, computed = _keys(form, chosen, asked.sort), _computed(work, form, asked.fields)
    count, sums = _count(chosen, asked.count), _sums(form, chosen, asked.sums)
    stored = [chosen.env.column((name,)) for name in plan.of(work, form).names]
    reckoned = [one.compute.sql(chosen.env) for one in computed if one.compute]
    if asked.ends is not None:
        chosen.where(_behind(keys, asked.ends))
    page = chosen.select(*stored, *reckoned, *(key.column for key in keys))
    page = page.order_by(*(key.order for key in keys)).limit(bindparam("page", None, type_=Integer))
    made = [None if one is None else prepared.prepare(one, work.dialect) for one in (page, count, sums)]
    assert made[0] is not None
    return Found(asked, made[0], computed, len(keys), made[1], made[2])


def _computed(work: Work, form: Form, names: Sequence[str] | None) -> tuple[Field, ...]:
    """The computed fields that come with the page; stored ones always do, and others are fetched when asked for."""
    if names is None:
        names = [name for name in form.list.columns if name not in form.fields or _readable(work, form, name)]
    found = [query.field_or_system(form, work.principal, name) for name in names]
    return tuple(one for one in found if one is not None and one.computed)


def _readable(work: Work, form: Form, name: str) -> bool:
    return access.readable(work.principal, form.fields[name])


def _keys(form: Form, chosen: query.Query, sort: Sequence[str]) -> list[Key]:
    keys = []
    for told in sort:
        name = told.lstrip("-")
        found = query.field_or_system(form, chosen.principal, name)
        if found is not None and not (found.type.sortable and (found.stored or found.computed)):
            raise InputError({"sort": f"不能按“{found.label}”排序"})
        nullable = found.nullable or found.computed if found else False
        keys.append(Key(name, chosen.column(name), told.startswith("-"), nullable))
    if not any(key.name == "id" for key in keys):
        keys.append(Key("id", chosen.id, bool(keys and keys[-1].down), False))
    return keys


def _count(chosen: query.Query, how: str) -> Select[Any] | None:
    if how == "none":
        return None
    if how == "exact":
        return chosen.select(func.count())
    if how != "capped":
        raise InputError({"count": "capped, exact, none"})
    some = chosen.select(literal(1).label("one")).limit(CAP + 1).subquery()
    return sql_select(func.count()).select_from(some)


def _total(work: Work, count: Prepared | None, how: str) -> tuple[int | None, bool]:
    if count is None:
        return None, False
    found = int(count.rows(work)[0][0])
    return (found, True) if how == "exact" else (min(found, CAP), found <= CAP)


def _sums(form: Form, chosen: query.Query, names: Sequence[str]) -> Select[Any] | None:
    for name in names:
        found = query.field_or_system(form, chosen.principal, name)
        if found is None or not found.value_type.numeric:
            raise InputError({"sums": f"“{found.label if found else name}”不能求和"})
    return chosen.select(*(func.coalesce(func.sum(chosen.column(name)), 0) for name in names)) if names else None


def _added(work: Work, form: Form, sums: Prepared | None, names: Sequence[str]) -> dict[str, Any]:
    if sums is None:
        return {}
    return {
        name: form.fields[name].type.from_db(int(value)) for name, value in zip(names, sums.rows(work)[0], strict=True)
    }


def _records(work: Work, form: Form, found: Found, rows: Sequence[Sequence[Any]]) -> list[Record]:
    """The records of a page; what their titles and references need is loaded for all of them together."""
    made, width = plan.of(work, form), len(found.computed)
    stored = len(made.names)
    records = []
    for row in rows:
        computed = made.computed(found.computed, row[stored : stored + width])
        records.append(Record(work, form, made.decode(row[:stored]), computed=computed))
    family: list[RecordEnv] = []
    for record in records:
        record.join(records, family)
    return records


def _spec(form: Form, sort: Sequence[str]) -> str:
    return hashlib.sha256(f"{form.id} {list(sort)}".encode()).hexdigest()[:8]


def _cursor(form: Form, sort: Sequence[str], row: Sequence[Any]) -> str:
    text = jsontext.dump([_spec(form, sort), *(_plain(value) for value in row)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, str)) else {type(value).__name__: str(value)}


def _read_cursor(text: str, form: Form, sort: Sequence[str]) -> list[Any]:
    """The values at which a page goes on. Raises InputError for what is no cursor of this list."""
    count = len(sort) + ("id" not in {name.lstrip("-") for name in sort})
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(parts, list) or len(parts) != count + 1 or parts[0] != _spec(form, sort):
            raise ValueError
        return [_read(one) for one in parts[1:]]
    except (ValueError, KeyError, TypeError, ArithmeticError, StopIteration, binascii.Error):
        raise InputError({"after": "翻页位置无效, 请从第一页开始"}) from None


def _read(one: Any) -> Any:
    if isinstance(one, dict):
        ((kind, text),) = one.items()
        return READERS[kind](text)
    if one is not None and not isinstance(one, (bool, int, str)):
        raise ValueError
    return one


def _behind(keys: list[Key], ends: Sequence[bool]) -> ColumnElement[bool]:
    """Rows that come after the values `:after_0`, `:after_1`, ... in the order of the keys; `ends` tells empty ones."""
    values: list[ColumnElement[Any] | None] = [
        None if empty else bindparam(f"after_{number}", None, type_=key.column.type)
        for number, (key, empty) in enumerate(zip(keys, ends, strict=True))
    ]
    ways = []
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        beyond = key.past(value)
        if beyond is not None:
            same = [before.same(given) for before, given in zip(keys[:index], values[:index], strict=True)]
            ways.append(and_(*same, beyond))
    return or_(*ways)
