"""Data: customers, receivables and payments, the same on every run, made inside the database by bulk SQL.

Of every ten receivables nine are paid; one in fifty is open and more than 15 days over its date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, text

TODAY = date(2026, 3, 2)
KEPT = "version, created_at, updated_at"  # columns that every form's table has besides its own


def fill(engine: Engine, customers: int, receivables: int, *, ours: bool) -> None:
    """Fill the tables of Guiju (`ours`) or of the twin, which are empty, and let the database take a look at them."""
    with engine.begin() as connection:
        for statement in statements(engine.dialect.name, customers, receivables, ours):
            connection.execute(text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def statements(dialect: str, customers: int, receivables: int, ours: bool) -> Iterator[str]:
    prefix, customer, receivable = ("", "customer", "receivable") if ours else ("twin_", "customer_id", "receivable_id")
    now = "'2026-01-01T00:00:00.000000Z'" if dialect == "sqlite" else "TIMESTAMPTZ '2026-01-01 00:00:00Z'"
    more, values = (f", {KEPT}", f", 1, {now}, {now}") if ours else ("", "")

    def day(ago: str) -> str:
        """The date so many days before today."""
        if dialect == "sqlite":
            return f"date('{TODAY}', (-({ago})) || ' days')"
        return f"(DATE '{TODAY}' - CAST({ago} AS INTEGER))"

    late = "CASE WHEN i % 10 <> 0 THEN 20 + i % 520 WHEN i % 50 = 0 THEN 16 + i / 50 % 200 ELSE 15 - i / 10 % 60 END"
    amount = "100000 + i * 7919 % 9000000"
    regions = "CASE i % 4 WHEN 0 THEN 'east' WHEN 1 THEN 'south' WHEN 2 THEN 'north' ELSE 'west' END"
    yield (
        f"WITH RECURSIVE {_numbers(customers)} INSERT INTO {prefix}customer (name, region{more}) "
        f"SELECT '客户 ' || i, {regions}{values} FROM n"
    )
    yield (
        f"WITH RECURSIVE {_numbers(receivables)} "
        f"INSERT INTO {prefix}receivable (number, {customer}, amount, invoice_date, due_date{more}) "
        f"SELECT 'AR-' || i, 1 + i % {customers}, {amount}, {day(f'30 + ({late})')}, {day(late)}{values} FROM n"
    )
    yield (
        f"WITH RECURSIVE {_numbers(receivables)} INSERT INTO {prefix}payment ({receivable}, amount, paid_on{more}) "
        f"SELECT i, CASE WHEN i % 10 <> 0 THEN {amount} ELSE ({amount}) / 2 END, {day(late)}{values} FROM n "
        "WHERE i % 10 <> 0 OR i % 20 = 0"
    )


def _numbers(count: int) -> str:
    return f"n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
