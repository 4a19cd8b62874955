"""Every formula, view and check of the shipped app says the same of a record and of the set, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from engine.app import App
from engine.clock import SetClock
from engine.database import Database
from engine.expressions import Expression, Type
from engine.expressions.values import from_units
from engine.principal import SYSTEM
from engine.work import Work
from forms import rows, storage
from forms.env import RecordEnv
from forms.form import Form
from forms.sqlenv import FormSql
from ui.compose import ROOMS

CREDIT = Path(__file__).parents[2] / "examples" / "credit"
NOW, TODAY, COUNT = datetime(2026, 3, 16, 1, tzinfo=UTC), date(2026, 3, 16), 50


@pytest.fixture
def credit(database: Database) -> Iterator[App]:
    opened = App.open(CREDIT, database, ROOMS, SetClock(NOW))
    yield opened
    opened.close()


def physical(pick: random.Random, type: Type) -> Any:
    """A random value as its column holds it; one in seven is empty where it may be."""
    if (type.nullable and pick.random() < 0.15) or type.kind in ("json", "person"):
        return None
    if type.kind == "boolean":
        return pick.random() < 0.4
    if type.kind == "date":
        return TODAY + timedelta(days=pick.choice([0, 1, -1, 15, -15, 16, -31, pick.randint(-400, 400)]))
    if type.kind == "datetime":
        return NOW + timedelta(minutes=pick.randint(-50_000, 50_000))
    if type.kind == "choice":
        return pick.choice(type.options or ("a",))
    if type.kind == "reference":
        return pick.randint(1, COUNT)
    if type.numeric:
        return pick.randint(0, pick.choice([3, 100, 10**5, 10**7]))
    return {"choices": "[]", "time": "09:30"}.get(type.kind, f"甲{pick.randint(1, 10**9)}")


def fill(work: Work, form: Form, pick: random.Random) -> None:
    """Rows of random values; those that a unique index refuses are left out."""
    stored = storage.of(work, form)
    known = {"version": 1, "created_at": work.now, "updated_at": work.now}
    for number in range(1, COUNT + 1):
        row = {"id": number, **{name: value for name, value in known.items() if name in stored.table.c}}
        for name, column in stored.columns.items():
            if name in form.fields:
                row[column.name] = physical(pick, form.fields[name].value_type)
        try:
            with work.connection.begin_nested():
                work.execute(insert(stored.table).values(**row))
        except IntegrityError:
            continue


def declared(form: Form) -> Iterator[tuple[str, Expression]]:
    """All formulas and conditions of a form."""
    yield from ((field.id, field.compute) for field in form.fields.values() if field.compute)
    yield from ((name, view.where) for name, view in form.list.views.items() if view.where)
    yield from (("check", check.require) for check in form.checks)


def test_the_shipped_app_agrees_with_itself(credit: App) -> None:
    pick, wrong, asked = random.Random(5), [], 0
    with credit.work(SYSTEM) as work:
        forms = work.catalog["form"]
        for form in forms.values():
            fill(work, form, pick)
        for form in forms.values():
            family: list[RecordEnv] = []
            family += [
                RecordEnv(work, form, one, family) for one in rows.load(work, form, set(range(COUNT + 1))).values()
            ]
            for name, expression in declared(form):
                env = FormSql(work, form)
                element = expression.sql(env).label("v")
                found = {row.id: row.v for row in work.execute(select(env.alias.c.id, element).select_from(env.from_))}
                for record in family:
                    here, there = expression.evaluate(record), read(expression.type, found[record.values["id"]])
                    asked += 1
                    if here != there:
                        wrong.append(f"{form.id}.{name} of {record.values['id']}: {here} in Python, {there} in SQL")
    assert not wrong, "\n".join(wrong[:10])
    assert asked > 2000


def read(type: Type, value: Any) -> Any:
    if value is None:
        return None
    if type.numeric:
        return from_units(value, type.scale)
    return bool(value) if type.kind == "boolean" else value
