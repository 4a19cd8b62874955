"""Dates: today, counts of days, and stepping from month to month."""

from __future__ import annotations

import calendar as months
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Date, Integer, Interval, String, cast, func, literal, type_coerce

from engine.errors import EvaluationError
from engine.expressions import types
from engine.expressions.functions.base import by_dialect, function

if TYPE_CHECKING:
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call

Element = ColumnElement[Any]


def add_days(day: date, count: int) -> date:
    try:
        return day + timedelta(days=int(count))
    except OverflowError:
        raise EvaluationError(f"{count} days from {day} is outside the calendar") from None


def add_months(day: date, count: int) -> date:
    """The same day some months on; the last day of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + int(count), 12)
    if not 1 <= year <= 9999:
        raise EvaluationError(f"{count} months from {day} is outside the calendar")
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _sqlite_date(*parts: Any) -> Element:
    return type_coerce(func.date(*parts), Date)


def shifted(dialect: str, day: Element, count: Any) -> Element:
    """The day some days on, in SQL; `count` is an element or a number."""
    if dialect == "sqlite":
        return _sqlite_date(day, f"{count} days" if isinstance(count, int) else cast(count, String) + literal(" days"))
    return type_coerce(day + cast(count, Integer), Date)


def _add_days_sql(compiler: SqlCompiler, call: Call) -> Element:
    day, count = (compiler.element(arg) for arg in call.args)
    return shifted(compiler.dialect, day, count)


def _days_sqlite(first: Element, second: Element) -> Element:
    return cast(func.julianday(second) - func.julianday(first), Integer)


def _part(name: str, code: str) -> Any:
    return by_dialect(
        sqlite=lambda day: cast(func.strftime(code, day), Integer),
        postgresql=lambda day: cast(func.extract(name, day), BigInteger),
    )


def _date_of(compiler: SqlCompiler, call: Call) -> Element:
    instant, zone = compiler.element(call.args[0]), str(compiler.root.timezone)
    if compiler.dialect == "sqlite":
        return type_coerce(func.g_date_of(instant, zone), Date)
    return cast(func.timezone(zone, instant), Date)


function(
    "today",
    (),
    types.date(nullable=False),
    python=lambda env: env.today,
    env=True,
    uses="today",
    says="今天",
    examples=[("today()", date(2026, 3, 16))],
)
function(
    "as_of",
    (),
    types.date(nullable=False),
    python=lambda env: env.today,
    env=True,
    uses="today",
    says="统计日",
    rule=lambda given: given.call(types.date(nullable=False)),
    arity=(0, 0),
    examples=[("as_of()", date(2026, 3, 16))],
)
function(
    "now",
    (),
    types.datetime(nullable=False),
    python=lambda env: env.now,
    env=True,
    uses="now",
    says="现在",
    examples=[("date_of(now())", date(2026, 3, 16))],
)
function(
    "days_between",
    ("date", "date"),
    types.integer(nullable=False),
    python=lambda a, b: (b - a).days,
    sql=by_dialect(sqlite=_days_sqlite, postgresql=lambda a, b: cast(b - a, BigInteger)),
    says="{0}到{1}的天数",
    examples=[("days_between('2026-02-27', '2026-03-01')", 2), ("days_between('2026-03-01', '2026-02-27')", -2)],
)
function(
    "add_days",
    ("date", "integer"),
    types.date(nullable=False),
    python=add_days,
    says="{0}之后{1}天",
    sql=_add_days_sql,
    examples=[("add_days('2026-02-27', 2)", date(2026, 3, 1)), ("add_days('2026-03-01', -1)", date(2026, 2, 28))],
)
function(
    "add_months",
    ("date", "integer"),
    types.date(nullable=False),
    python=add_months,
    says="{0}之后{1}个月",
    sql=by_dialect(
        sqlite=lambda day, count: type_coerce(func.g_add_months(day, count), Date),
        postgresql=lambda day, count: cast(day + cast(count, Integer) * cast(literal("1 month"), Interval), Date),
    ),
    examples=[("add_months('2026-01-31', 1)", date(2026, 2, 28)), ("add_months('2026-03-31', -13)", date(2025, 2, 28))],
)
function(
    "year",
    ("date",),
    types.integer(nullable=False),
    python=lambda day: day.year,
    sql=_part("year", "%Y"),
    says="{0}的年份",
    examples=[("year('2026-03-01')", 2026)],
)
function(
    "month",
    ("date",),
    types.integer(nullable=False),
    python=lambda day: day.month,
    sql=_part("month", "%m"),
    says="{0}的月份",
    examples=[("month('2026-03-01')", 3)],
)
function(
    "day",
    ("date",),
    types.integer(nullable=False),
    python=lambda day: day.day,
    sql=_part("day", "%d"),
    says="{0}的日",
    examples=[("day('2026-03-09')", 9)],
)
function(
    "month_start",
    ("date",),
    types.date(nullable=False),
    python=lambda day: day.replace(day=1),
    says="{0}的月初",
    sql=by_dialect(
        sqlite=lambda day: _sqlite_date(day, "start of month"),
        postgresql=lambda day: cast(func.date_trunc("month", day), Date),
    ),
    examples=[("month_start('2026-03-09')", date(2026, 3, 1))],
)
function(
    "month_end",
    ("date",),
    types.date(nullable=False),
    python=month_end,
    says="{0}的月末",
    sql=by_dialect(
        sqlite=lambda day: _sqlite_date(day, "start of month", "+1 month", "-1 day"),
        postgresql=lambda day: cast(func.date_trunc("month", day) + cast(literal("1 month -1 day"), Interval), Date),
    ),
    examples=[("month_end('2028-02-09')", date(2028, 2, 29))],
)
function(
    "date_of",
    ("datetime",),
    types.date(nullable=False),
    env=True,
    says="{0}的日期",
    sql=_date_of,
    python=lambda env, instant: instant.astimezone(env.timezone).date(),
    examples=[("date_of(now())", date(2026, 3, 16))],
)
