"""The one table of functions: every example holds in Python, in simpleeval and in both databases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, literal, select

from engine.calendar import Calendar, workdays
from engine.database import Database
from engine.errors import ExpressionError
from engine.expressions import MapEnv, MapScope, Type, compile_expression, types
from engine.expressions.functions import FUNCTIONS, MODULES
from engine.expressions.sql import sql_type
from engine.expressions.values import from_units, scale_of, to_units
from engine.principal import Principal

TODAY, ZONE = date(2026, 3, 16), ZoneInfo("Asia/Shanghai")
USER = Principal(3, "li", "李娜", frozenset({"finance"}))
OPEN = ((time(9), time(18)),)
CALENDAR = Calendar("cn", "工作日", ZONE, (OPEN,) * 5 + ((),) * 2)
GIVEN: dict[str, Any] = {
    "today": TODAY,
    "now": datetime(2026, 3, 15, 17, 0, tzinfo=UTC),
    "timezone": ZONE,
    "calendar": CALENDAR,
    "user": USER,
}
PERSON = MapScope({"name": types.text()})
EXAMPLES = [(name, text, value) for name, known in FUNCTIONS.items() for text, value in known.examples]
IN_SQL = [example for example in EXAMPLES if FUNCTIONS[example[0]].sql or not FUNCTIONS[example[0]].python]


def scope(**names: Type) -> MapScope:
    return MapScope({**names, "user": types.person(nullable=False)}, {"user": PERSON})


def with_a_column(text: str) -> tuple[str, Any, Type | None]:
    """The example with its first literal as a column `x`, that column's value and its type."""
    found = next((node for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Constant)), None)
    if found is None or found.value is None or text.startswith("in_role"):
        return text, None, None
    piece = ast.get_source_segment(text, found) or ""
    changed = text.replace(piece, "x", 1)
    if isinstance(found.value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", found.value):
            return changed, date.fromisoformat(found.value), types.date()
        return changed, found.value, types.text()
    value = Decimal(piece)
    return changed, value, types.number(scale_of(value)) if scale_of(value) else types.integer()


@pytest.mark.parametrize(("name", "text", "value"), EXAMPLES, ids=[text for _, text, _ in EXAMPLES])
def test_in_python(name: str, text: str, value: Any) -> None:
    expression = compile_expression(text, scope())
    env = MapEnv({}, **GIVEN)
    assert (expression.evaluate(env), expression.reference(env)) == (value, value)


class OneRow:
    """A set of one record with the column x."""

    today, now, timezone, calendar, user = (GIVEN[name] for name in ("today", "now", "timezone", "calendar", "user"))

    def __init__(self, dialect: str, value: Any, type: Type) -> None:
        stored = to_units(value, type.scale) if value is not None and type.numeric else value
        self.dialect, self.source = dialect, select(literal(stored, sql_type(type)).label("x")).subquery()

    def column(self, path: tuple[str, ...]) -> Any:
        return self.source.c[path[0]]


@pytest.fixture
def numbered(database: Database) -> Iterator[Database]:
    """A database that knows the working days around today."""
    days = [TODAY + timedelta(days=n) for n in range(-40, 40)]
    rows = [{"calendar": "cn", "day": day, "number": CALENDAR.number(day)} for day in days]
    with database.write() as connection:
        workdays.create(connection)
        connection.execute(insert(workdays), rows)
    yield database


def test_in_sql(numbered: Database) -> None:
    wrong = []
    with numbered.read() as connection:
        for _, text, value in IN_SQL:
            changed, x, type = with_a_column(text)
            expression = compile_expression(changed, scope(**({"x": type} if type else {})), sql=True)
            for given, wanted in ((x, value), (None, ...)) if type else ((None, value),):
                env = OneRow(numbered.dialect, given, type or types.text())
                if wanted is ...:
                    wanted = expression.evaluate(MapEnv({"x": None}, **GIVEN))
                statement = select(expression.sql(env).label("v")).select_from(env.source)
                found = connection.execute(statement).scalar()
                if expression.type.numeric:
                    found = from_units(found, expression.type.scale)
                if found != wanted:
                    wrong.append((changed, given, wanted, found))
    assert not wrong


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("valid_")])
def test_a_function_that_only_python_knows_is_refused_for_sets(name: str) -> None:
    with pytest.raises(ExpressionError, match="many records at once"):
        compile_expression(f"{name}(x)", scope(x=types.text()), sql=True)


def test_a_function_that_only_python_knows_works_on_what_is_fixed(numbered: Database) -> None:
    condition = compile_expression("valid_phone('13800138000') and x == 'a'", scope(x=types.text()), sql=True)
    env = OneRow(numbered.dialect, "a", types.text())
    with numbered.read() as connection:
        assert connection.execute(select(env.source.c.x).where(condition.sql(env))).scalar() == "a"


def test_every_function_says_what_it_does_and_shows_it() -> None:
    assert all(known.says and known.examples for known in FUNCTIONS.values())
    assert len(MODULES) == 7


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("add_workdays('2026-03-13', 3)", date(2026, 3, 18)),
        ("add_workdays('2026-03-18', -3)", date(2026, 3, 13)),
        ("add_workdays('2026-03-15', 5)", date(2026, 3, 20)),
        ("add_workdays('2026-03-15', -5)", date(2026, 3, 9)),
        ("workdays_between('1999-01-01', today())", None),
        ("add_workdays('2050-12-30', 99)", None),
        ("valid_uscc('91350100M000100Y4I')", False),
        ("valid_uscc('')", False),
        ("valid_id_card('110105194913310021')", False),
        ("valid_id_card('11010519491231002x')", True),
        ("valid_bank_card('4111 1111 1111 1112')", False),
        ("valid_email('a..b@example.com')", False),
        ("valid_email('a@localhost')", False),
        ("valid_phone('+86 13800138000')", True),
        ("valid_phone('400-820-8820')", True),
        ("valid_phone('23800138000')", False),
        ("valid_phone('１３８００１３８０００')", False),
        ("month_end('2026-12-31')", date(2026, 12, 31)),
        ("add_months('2024-02-29', 12)", date(2025, 2, 28)),
        ("switch('z', 'a', 'A', None)", None),
    ],
)
def test_edges(text: str, value: Any) -> None:
    assert compile_expression(text, scope()).evaluate(MapEnv({}, **GIVEN)) == value
