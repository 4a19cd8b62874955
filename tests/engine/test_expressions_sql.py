"""The back end for sets: what reaches the database, by which index it is answered, and what is too large for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Date, Index, MetaData, Table, Text, insert, select
from sqlalchemy.exc import DBAPIError

from engine.database import Database
from engine.expressions import MapScope, Related, compile_expression, types

TODAY = date(2026, 3, 16)
metadata = MetaData()
invoices = Table(
    "t_invoice",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("due", Date),
    Column("amount", BigInteger),
    Column("status", Text),
    Column("parent", BigInteger),
    Index("ix_due", "due"),
)
STORED = {
    "id": types.integer(False),
    "due": types.date(),
    "amount": types.money(),
    "status": types.choice("open", "paid"),
}
SETTING = MapScope({"days": types.integer(False), "limit": types.money(False)})


def the_scope() -> MapScope:
    names = {**STORED, "settings": types.record(), "parts": types.related("invoice")}
    into = {"settings": SETTING}
    stored = MapScope(names, into)
    formulas = {
        "overdue": ("days_between(due, today())", types.integer()),
        "late": ("max(0, overdue)", types.integer()),
        "open_days": ("overdue if status == 'open' else 0", types.integer()),
    }
    ready: dict[str, Any] = {}
    for name, (text, type) in formulas.items():
        ready[name] = compile_expression(text, MapScope(names, into, computed=ready), expect=type)
        names = {**names, name: type}
    return MapScope(names, {**into, "parts": stored}, computed=ready)


SCOPE = the_scope()


class Invoices:
    """All invoices as a set."""

    today, user, timezone, calendar, now = TODAY, None, None, None, None

    def __init__(self, dialect: str = "sqlite", source: Any = invoices) -> None:
        self.dialect, self.source = dialect, source

    def column(self, path: tuple[str, ...]) -> Any:
        return self.source.c[path[0]]

    def related(self, path: tuple[str, ...]) -> Related:
        parts = invoices.alias()
        return Related(parts, Invoices(self.dialect, parts), parts.c.parent == self.source.c.id)

    def value(self, path: tuple[str, ...]) -> Any:
        return {"days": 15, "limit": 500}[path[1]]


def told(text: str) -> str:
    """The condition as SQL with its values written out."""
    condition = compile_expression(text, SCOPE).sql(Invoices())
    return str(condition.compile(compile_kwargs={"literal_binds": True})).replace("t_invoice.", "").replace("\n", "")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("overdue > 15", "due < '2026-03-01'"),
        ("15 < overdue", "due < '2026-03-01'"),
        ("overdue >= 15", "due <= '2026-03-01'"),
        ("overdue <= settings.days", "due >= '2026-03-01'"),
        ("days_between(today(), due) < 7", "due < '2026-03-23'"),
        ("late > 15", "due < '2026-03-01'"),
        ("days_between(due, today()) > 15 and amount > 1", "due < '2026-03-01' AND amount > 100"),
        ("due < add_days(today(), -15)", "due < '2026-03-01'"),
        ("open_days > 15", "status = 'open' AND (status = 'open') IS NOT NULL AND due < '2026-03-01'"),
        ("amount > settings.limit", "amount > 50000"),
        ("amount > amount * settings.days", "amount > amount * 15"),
        ("amount > 0.005", "amount * 10 > 5"),
        ("amount * 0.8 > 100", "amount * 8 > 100000"),
        ("amount + 1 > 100", "amount + 100 > 10000"),
    ],
)
def test_conditions_reach_the_column_itself(text: str, sql: str) -> None:
    assert told(text) == sql


def test_a_clamp_that_decides_is_kept() -> None:
    assert "max" in told("late >= 0")


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as connection:
        metadata.create_all(connection)
        rows = [
            {"id": n, "due": date(2026, 1 + n % 12, 1), "amount": n * 10**9, "status": "open"} for n in range(1, 400)
        ]
        connection.execute(insert(invoices), rows)
        connection.execute(insert(invoices), [{"id": 999, "amount": 10**15 - 1, "parent": 1}])
        connection.exec_driver_sql("ANALYZE")
    return database


@pytest.mark.parametrize("text", ["overdue > 60", "late > 60", "open_days > 60", "days_between(today(), due) < -60"])
def test_a_day_count_is_answered_by_the_index_on_the_date(filled: Database, text: str) -> None:
    condition = compile_expression(text, SCOPE, sql=True).sql(Invoices(filled.dialect))
    statement = select(invoices.c.id).where(condition)
    explain = "EXPLAIN QUERY PLAN " if filled.dialect == "sqlite" else "EXPLAIN "
    plain = str(statement.compile(filled.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    with filled.read() as connection:
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + plain))
        found = connection.execute(statement).all()
    assert "ix_due" in plan and len(found) == 33


@pytest.mark.parametrize("text", ["amount * amount * 3", "amount * 10000", "sum_of(parts, amount) * 9999.5 * 3"])
def test_a_number_too_large_for_the_database_is_an_error_and_never_a_float(filled: Database, text: str) -> None:
    scope = MapScope(
        {"amount": types.integer(), "parts": types.related("x")}, {"parts": MapScope({"amount": types.integer()})}
    )
    expression = compile_expression(text, scope, expect=types.integer())
    with filled.read() as connection, pytest.raises(DBAPIError):
        connection.execute(select(expression.sql(Invoices(filled.dialect)))).all()


def test_an_aggregate_of_outer_values_stays_inside(filled: Database) -> None:
    expression = compile_expression("sum_of(parts, this.amount)", SCOPE)
    with filled.read() as connection:
        rows = connection.execute(select(invoices.c.id, expression.sql(Invoices(filled.dialect)).label("v"))).all()
    assert {row.id: row.v for row in rows if row.v} == {1: 10**9} and len(rows) == 400
