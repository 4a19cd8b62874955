"""Working days of the app's calendar: counted in Python, and in SQL through the table that numbers them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Date, case, cast, func, select

from engine.calendar.numbering import workdays
from engine.errors import EvaluationError
from engine.expressions import types
from engine.expressions.functions.base import function
from engine.expressions.functions.dates import shifted
from engine.expressions.tree import constant

if TYPE_CHECKING:
    from engine.expressions.env import Env
    from engine.expressions.sql import SqlCompiler
    from engine.expressions.tree import Call

Element = ColumnElement[Any]


def _known(reckon: Callable[[], Any]) -> Any:
    """What the calendar says, None outside the years that it can reckon with."""
    try:
        return reckon()
    except EvaluationError:
        return None


def workdays_between(env: Env, first: date, second: date) -> int | None:
    return _known(lambda: env.calendar.workdays_between(first, second))  # type: ignore[no-any-return]


def add_workdays(env: Env, day: date, count: int) -> date | None:
    return _known(lambda: env.calendar.add_workdays(day, count))  # type: ignore[no-any-return]


def _number(compiler: SqlCompiler, day: Element) -> Element:
    """The running number of the working day that a day is or follows."""
    days = workdays.alias()
    found = select(days.c.number).where(days.c.calendar == compiler.root.calendar.id, days.c.day == day)
    return found.correlate_except(days).scalar_subquery()


def _between_sql(compiler: SqlCompiler, call: Call) -> Element:
    first, second = (_number(compiler, compiler.element(arg)) for arg in call.args)
    return cast(second - first, BigInteger)


def _add_sql(compiler: SqlCompiler, call: Call) -> Element:
    day = compiler.element(call.args[0])
    if constant(call.args[1]):
        steps = compiler.constant(call.args[1])
        if not steps:
            return day if steps == 0 else compiler.fixed(None, call.type)
        return _first_day(compiler, _wanted(compiler, day, steps, steps > 0))
    count = compiler.element(call.args[1])
    ahead, back = _wanted(compiler, day, count, True), _wanted(compiler, day, count, False)
    return case((count == 0, day), else_=_first_day(compiler, case((count > 0, ahead), else_=back)))


def _wanted(compiler: SqlCompiler, day: Element, count: Any, ahead: bool) -> Element:
    """The number of the working day that lies so many ahead of a day, or back from it."""
    start = _number(compiler, day if ahead else shifted(compiler.dialect, day, -1))
    wanted: Element = start + count if ahead else start + count + 1
    return wanted


def _first_day(compiler: SqlCompiler, number: Element) -> Element:
    """The working day with this number; days off that follow share it and lie later."""
    days = workdays.alias()
    found = select(func.min(days.c.day, type_=Date)).where(
        days.c.calendar == compiler.root.calendar.id, days.c.number == number, number > 0
    )
    return found.correlate_except(days).scalar_subquery()


function(
    "workdays_between",
    ("date", "date"),
    types.integer(),
    env=True,
    says="{0}到{1}的工作日数",
    python=workdays_between,
    sql=_between_sql,
    examples=[
        ("workdays_between('2026-03-13', '2026-03-16')", 1),
        ("workdays_between('2026-03-16', '2026-03-13')", -1),
    ],
)
function(
    "add_workdays",
    ("date", "integer"),
    types.date(),
    env=True,
    says="{0}之后{1}个工作日",
    python=add_workdays,
    sql=_add_sql,
    examples=[
        ("add_workdays('2026-03-13', 1)", date(2026, 3, 16)),
        ("add_workdays('2026-03-14', -1)", date(2026, 3, 13)),
        ("add_workdays('2026-03-14', 0)", date(2026, 3, 14)),
    ],
)
