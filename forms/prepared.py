"""Prepared: a statement built once, kept as text with its values, and run at driver level as often as it fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Dialect, Select, any_, bindparam, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import psycopg as postgresql

from engine.expressions import Expression
from engine.tables import bind_instant
from forms.form import Form

if TYPE_CHECKING:
    from engine.work import Work

KEPT = 400  # statements per form; beyond that all are built anew
DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True)
class Prepared:
    """One statement as text; `values` are the parameters that were fixed when it was built."""

    sql: str
    values: Mapping[str, Any]

    def rows(self, work: Work, **given: Any) -> list[Any]:
        """The rows as the driver answers them."""
        return work.driver(self.sql, {**self.values, **given}).fetchall()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Needs:
    """What the values in a statement come from besides the records: who looks, what day it is, which settings."""

    today: bool = False
    now: bool = False
    user: bool = False
    settings: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, expressions: Iterable[Expression]) -> Needs:
        """What these expressions need."""
        found = list(expressions)
        uses = frozenset().union(*(one.uses for one in found))
        named = {path[1] for one in found for path in one.reads if path[0] == "settings"}
        return cls("today" in uses, "now" in uses, "user" in uses, tuple(sorted(named)))

    def key(self, work: Work) -> tuple[Any, ...]:
        """Equal for two units of work in which the statement would be built alike."""
        return (
            work.today if self.today or self.now else None,
            work.now if self.now else None,
            work.principal if self.user else None,
            tuple(str(work.settings[name]) for name in self.settings),
        )


def prepare(statement: Select[Any], dialect: str) -> Prepared:
    """The statement as text for the driver, with `:name` for every value."""
    compiled = statement.compile(dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
    fixed = {name: plain(value, dialect) for name, value in compiled.params.items() if value is not None}
    return Prepared(str(compiled), {name: fixed.get(name) for name in compiled.params})


def plain(value: Any, dialect: str) -> Any:
    """A value as the driver of this dialect takes it."""
    if isinstance(value, datetime):
        return bind_instant(value, dialect)
    if isinstance(value, date) and dialect == "sqlite":
        return value.isoformat()
    return value


def kept(work: Work, form: Form, name: tuple[Any, ...], needs: Needs, build: Callable[[], Any]) -> Any:
    """What `build` answers, kept with the form for the next time that everything is alike."""
    shelf = form.compiled.setdefault("prepared", {})
    assert isinstance(shelf, dict)
    key = (*name, work.dialect, *needs.key(work))
    found = shelf.get(key)
    if found is None:
        found = build()
        if len(shelf) >= KEPT:
            shelf.clear()
        shelf[key] = found
    return found


def among(column: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    """The condition that the column holds one of `:ids`, whose count does not change the statement."""
    if dialect == "postgresql":
        return column == any_(bindparam("ids", None, type_=ARRAY(BigInteger)))
    listed = text("(SELECT value FROM json_each(:ids))").bindparams(bindparam("ids", None))
    return column.op("IN", is_comparison=True)(listed)


def ids(work: Work, given: Collection[int]) -> Any:
    """The parameter `:ids` of `among`."""
    return sorted(given) if work.dialect == "postgresql" else orjson.dumps(sorted(given)).decode()
