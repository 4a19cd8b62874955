"""Random formulas say the same of every record: closures, simpleeval, SQLite and PostgreSQL.

A CI gate. GUIJU_PARITY=2000x400 widens it to 2,000 expressions over 400 records.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, Table, Text, func, insert, not_, select, true

from engine.calendar import Calendar, workdays
from engine.calendar.numbering import FIRST_DAY, LAST_DAY
from engine.database import Database
from engine.errors import ExpressionError
from engine.expressions import MapEnv, MapScope, Related, compile_expression, cutoff, sql, types, values
from engine.expressions.functions.texts import as_json
from engine.expressions.sql import SqlCompiler
from engine.expressions.tree import Call, Not
from engine.expressions.values import from_units, to_units
from engine.principal import Principal
from engine.tables import Instant

COUNT, ROWS = (int(part) for part in os.environ.get("GUIJU_PARITY", "400x100").split("x"))
OPEN = ((time(9), time(18)),)
TODAY, NOW, ZONE = date(2026, 3, 16), datetime(2026, 3, 16, 1, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar("cn", "工作日", ZONE, (OPEN,) * 5 + ((),) * 2)
USER = Principal(3, "wang", "王芳", frozenset({"finance"}), "east", 5, frozenset({7, 8}))
SETTINGS = {
    "small": Decimal("500.00"),
    "days": 15,
    "rate": Decimal("0.8000"),
    "bands": [0, 30, 60, 90],
    "grades": ("a", "c"),
}

CUSTOMER = {
    "grade": types.choice("a", "b", "c", "d"),
    "credit": types.money(),
    "score": types.number(1),
    "since": types.date(),
    "owner": types.person(),
}
ITEM = {
    "amount": types.money(),
    "quantity": types.integer(),
    "due": types.date(),
    "state": types.choice("open", "paid"),
    "ratio": types.percent(),
    "done": types.boolean(),
}
PART = {"cost": types.money(), "fit": types.boolean(), "made": types.date()}
ROW = {
    "amount": types.money(),
    "paid": types.money(),
    "rate": types.percent(),
    "count_": types.integer(),
    "weight": types.number(3),
    "spent": types.duration(),
    "name": types.text(),
    "other": types.text(),
    "active": types.boolean(),
    "blocked": types.boolean(),
    "due": types.date(),
    "start": types.date(),
    "seen": types.datetime(),
    "grade": types.choice("a", "b", "c", "d"),
    "kind": types.choice("c", "d", "e"),
    "tags": types.choices("x", "y", "z"),
    "owner": types.person(),
    "customer": types.reference("customer"),
}
ROW = {name.rstrip("_"): type for name, type in ROW.items()}
SHARED = {"settings": types.record(), "user": types.person(nullable=False)}
SETTING = MapScope(
    {
        "small": types.money(False),
        "days": types.integer(False),
        "rate": types.percent(False),
        "bands": types.json(False),
        "grades": types.choices("a", "b", "c", "d", nullable=False),
    }
)
PERSON = MapScope(
    {"name": types.text(), "login": types.text(), "department": types.department(), "superior": types.person()}
)
TO_SHARED = {"settings": SETTING, "user": PERSON}
COMPUTED = {
    "overdue": ("days_between(due, today())", types.integer()),
    "late": ("max(0, overdue) if active else 0", types.integer()),
    "open_amount": ("max(0, coalesce(amount, 0) - sum_of(items, amount, state == 'paid'))", types.money()),
    "fee": ("amount * rate * 1.005", types.money()),
    "left": ("sum_of(items, left, left > 0 and due <= this.due)", types.money()),
    "use": ("paid / amount if amount > 0 else None", types.percent()),
}
CUSTOMER_COMPUTED = {"room": ("coalesce(credit, 0) * (1.5 if grade == 'a' else 0.333)", types.money())}
ITEM_COMPUTED = {
    "late": ("days_between(due, today()) > 0 and state == 'open'", types.boolean()),
    "left": ("max(0, coalesce(amount, 0) - sum_of(parts, cost, fit or made > this.due))", types.money()),
    "value": ("amount * quantity", types.money()),
}


def scope() -> MapScope:
    """The scope of a row, with its customer, items and computed names."""
    own = {**ITEM, "parts": types.related("part")}
    item = _scope(own, {"parts": MapScope(PART)}, ITEM_COMPUTED)
    customer = _scope(CUSTOMER, {}, CUSTOMER_COMPUTED)
    stored = {**ROW, **SHARED, "items": types.related("item")}
    into = {"customer": customer, "items": item, "owner": PERSON, **TO_SHARED}
    return _scope(stored, into, COMPUTED)


def _scope(stored, into, formulas):
    """A scope with computed names, each of which may use those before it."""
    known, ready = dict(stored), {}
    for name, (text, type) in formulas.items():
        ready[name] = compile_expression(text, MapScope(known, into, computed=ready), expect=type)
        known[name] = type
    return MapScope(known, into, computed=ready)


COLUMN = {"boolean": Boolean, "date": Date, "datetime": Instant, "text": Text, "choice": Text, "choices": Text}


def table(metadata: MetaData, name: str, fields: dict, *more: str) -> Table:
    columns = [Column(field, COLUMN.get(type.kind, BigInteger)()) for field, type in fields.items()]
    ids = [Column("id", BigInteger, primary_key=True), *(Column(column, BigInteger) for column in more)]
    return Table(name, metadata, *ids, *columns)


def physical(type, value):
    """A Python value as its column holds it."""
    if value is None:
        return None
    if type.numeric:
        return to_units(value, type.scale)
    return as_json(value) if type.kind == "choices" else value


class RowSql:
    """The set of rows, or of what a path leads to, in SQL."""

    today, now, timezone, user = TODAY, NOW, ZONE, USER
    calendar = CALENDAR

    def __init__(self, world: World, dialect: str, source: Table, children: str = "") -> None:
        self.world, self.dialect, self.source = world, dialect, source

    def column(self, path):
        if len(path) == 1:
            return self.source.c[path[0]]
        customer = self.world.customers.alias()
        found = select(customer.c[path[1]]).where(customer.c.id == self.source.c.customer)
        return found.correlate_except(customer).scalar_subquery()

    def related(self, path):
        children, owner = (self.world.items, "row") if path[-1] == "items" else (self.world.parts, "item")
        rows = children.alias()
        return Related(rows, RowSql(self.world, self.dialect, rows), rows.c[owner] == self.source.c.id)

    def value(self, path):
        return SETTINGS[path[1]]


@dataclass
class World:
    """Random records in a database, and the same records as envs."""

    rows: Table
    items: Table
    parts: Table
    customers: Table
    envs: dict[int, MapEnv]


TEXTS = ["", "a", "AB", "ab", " x ", "华东精工", "精工", "É", "a,b", '"', "%", "_", "x'y"]


def a_value(pick: random.Random, type):
    if pick.random() < 0.15:
        return None
    if type.kind == "boolean":
        return pick.random() < 0.5
    if type.kind == "date":
        return TODAY + timedelta(days=pick.choice([0, 1, -1, 15, -15, pick.randint(-800, 800)]))
    if type.kind == "datetime":
        return NOW + timedelta(minutes=pick.randint(-500_000, 500_000), microseconds=pick.choice([0, 5]))
    if type.kind == "text":
        return pick.choice(TEXTS)
    if type.kind == "choice":
        return pick.choice(type.options)
    if type.kind == "choices":
        return tuple(option for option in type.options if pick.random() < 0.4)
    if type.kind in ("person", "reference"):
        return pick.randint(1, 9)
    size = pick.choice([3, 10, 1000, 10**4, 10**6])
    return from_units(pick.choice([0, 1, -1, 5, pick.randint(-size, size)]), type.scale)


def fill(database: Database, pick: random.Random, count: int) -> World:
    metadata = MetaData()
    rows, customers = table(metadata, "t_row", ROW), table(metadata, "t_customer", CUSTOMER)
    items, parts = table(metadata, "t_item", ITEM, "row"), table(metadata, "t_part", PART, "item")
    with database.write() as connection:
        metadata.create_all(connection)
        workdays.create(connection, checkfirst=True)
        if not connection.execute(select(workdays.c.day).limit(1)).first():
            days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
            connection.execute(
                insert(workdays), [{"calendar": "cn", "day": day, "number": CALENDAR.number(day)} for day in days]
            )
        people = [{"id": n, **some(pick, CUSTOMER)} for n in range(1, 10)]
        connection.execute(insert(customers), [_stored(CUSTOMER, person) for person in people])
        envs, kept, children, grandchildren = {}, [], [], []
        for row_id in range(1, count + 1):
            values = {"id": row_id, **some(pick, ROW)}
            own = [
                {**some(pick, ITEM), "parts": [some(pick, PART) for _ in range(pick.choice([0, 2]))]}
                for _ in range(pick.choice([0, 1, 3]))
            ]
            kept.append(_stored(ROW, values))
            for item in own:
                children.append({**_stored(ITEM, item), "id": len(children) + 1, "row": row_id})
                for part in item["parts"]:
                    at = {"id": len(grandchildren) + 1, "item": len(children)}
                    grandchildren.append({**_stored(PART, part), **at})
            envs[row_id] = _env(values, own, people)
        for into, stored in ((rows, kept), (items, children), (parts, grandchildren)):
            connection.execute(insert(into), stored)
    return World(rows, items, parts, customers, envs)


def some(pick: random.Random, fields: dict) -> dict:
    """Random values for these fields."""
    return {field: a_value(pick, type) for field, type in fields.items()}


def _stored(fields, values):
    return {"id": values.get("id"), **{field: physical(type, values[field]) for field, type in fields.items()}}


def _env(values, own, people):
    customer = next((person for person in people if person["id"] == values["customer"]), None)
    seen = {**values, "customer": customer, "settings": SETTINGS}
    more = {"today": TODAY, "now": NOW, "timezone": ZONE, "user": USER, "calendar": CALENDAR}
    items = [MapEnv(item, {"parts": [MapEnv(part, **more) for part in item["parts"]]}, **more) for item in own]
    return MapEnv(seen, {"items": items}, **more)


class Writer:
    """Writes random well-typed expressions."""

    def __init__(self, pick: random.Random, fields: dict, relations: bool = True) -> None:
        self.pick, self.fields, self.relations = pick, fields, relations

    def field(self, *kinds: str) -> str:
        return self.pick.choice([name for name, type in self.fields.items() if type.kind in kinds])

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.pick.choice([self.compare(0), self.compare(0), self.simple_truth()])
        forms = [
            lambda: f"({self.boolean(depth - 1)} {self.pick.choice(['and', 'or'])} {self.boolean(depth - 1)})",
            lambda: f"not {self.boolean(depth - 1)}",
            lambda: self.compare(depth),
            lambda: self.compare(depth),
            self.membership,
            lambda: f"({self.value('any', depth - 1)}) is {self.pick.choice(['', 'not '])}None",
            lambda: f"({self.boolean(depth - 1)} if {self.boolean(depth - 1)} else {self.boolean(depth - 1)})",
            lambda: f"({self.boolean(depth - 1)}) == ({self.boolean(depth - 1)})",
            lambda: f"between({self.money(depth - 1)}, {self.money(0)}, {self.money(0)})",
            lambda: f"coalesce({self.boolean(depth - 1)}, {self.pick.choice(['True', 'False'])})",
            self.text_truth,
        ]
        if self.relations:
            forms.append(lambda: f"exists(items, {self.child().boolean(1)})")
        return self.pick.choice(forms)()

    def simple_truth(self) -> str:
        fixed = ["True", "False", "in_role(user, 'finance')"]
        return self.pick.choice([self.field("boolean")] * 4 + fixed)

    def text_truth(self) -> str:
        if not self.relations:
            return self.field("boolean")
        a, b = self.text(1), self.text(0)
        return self.pick.choice(
            [
                f"contains({a}, {b})",
                f"starts_with({a}, {b})",
                f"is_empty({a})",
                "is_empty(tags)",
                f"{a} == {b}",
                f"{a} != {b}",
                "'x' in tags",
                "contains(tags, 'y')",
                "grade in settings.grades",
                "owner == user",
                "user.manages(owner)",
                "user.manages(customer.owner)",
                "owner == customer.owner",
                "customer.grade != grade",
                "customer.since > start",
                "customer.owner != user.superior",
                "kind != grade",
            ]
        )

    def membership(self) -> str:
        negated = self.pick.choice(["in", "not in"])
        name = self.field("choice")
        options = self.fields[name].options
        some = ", ".join(repr(option) for option in self.pick.sample(options, self.pick.randint(1, len(options))))
        numbers = f"{self.number(1)} {negated} [1, 0, 2.5]"
        return self.pick.choice([f"{name} {negated} [{some}]", f"{name} == '{options[0]}'", numbers])

    def compare(self, depth: int) -> str:
        op = self.pick.choice(["<", "<=", ">", ">=", "==", "!="])
        order = self.pick.choice(["<", "<=", ">", ">="])
        days = self.pick.choice(["days_between(due, today())", "days_between(today(), due)"])
        forms = [
            lambda: f"{self.money(depth)} {op} {self.money(depth - 1)}",
            lambda: f"{self.money(depth)} {op} {self.pick.choice(['0', '100', '0.005', '-3.14'])}",
            lambda: f"{self.number(depth)} {op} {self.number(depth - 1)}",
            lambda: f"{self.date(depth)} {order} {self.date(depth - 1)}",
            lambda: f"{days} {order} {self.pick.choice(['15', '0', '-1', 'settings.days', '1.5'])}",
            lambda: f"0 <= {self.number(depth - 1)} < 100",
            lambda: f"{self.pick.choice(['None and', 'None or', 'not None or'])} {self.simple_truth()}",
        ]
        if self.relations:
            day = self.pick.choice(["today()", "'2026-03-01'", "add_days(today(), -30)", "due"])
            forms.append(lambda: f"date_of(seen) {op} {day if op not in ('==',) else 'due'}")
            forms.append(lambda: f"days_between(date_of(seen), today()) {order} 15")
            edge = self.pick.choice(["15", "0", "-2", "settings.days"])
            forms.append(lambda: f"{self.pick.choice(['overdue', 'late'])} {order} {edge}")
        return self.pick.choice(forms)()

    def value(self, kind: str, depth: int) -> str:
        return self.pick.choice([self.money, self.number, self.date, self.text])(depth)

    def money(self, depth: int) -> str:
        if depth <= 0:
            return self.field("money")
        forms = [
            lambda: self.field("money"),
            lambda: f"({self.money(depth - 1)} {self.pick.choice('+-')} {self.money(depth - 1)})",
            lambda: f"({self.money(depth - 1)} * {self.small(depth - 1)})",
            lambda: f"({self.money(depth - 1)} / {self.small(depth - 1)})",
            lambda: f"-{self.field('money')}",
            lambda: f"coalesce({self.money(depth - 1)}, {self.pick.choice(['0', '1.5'])})",
            lambda: f"({self.money(depth - 1)} if {self.boolean(depth - 1)} else {self.money(depth - 1)})",
            lambda: f"{self.pick.choice(['min', 'max'])}({self.money(depth - 1)}, {self.money(0)}, 12.345)",
            lambda: f"round({self.money(depth - 1)}, {self.pick.randint(0, 3)})",
            lambda: f"{self.pick.choice(['abs', 'floor', 'ceil'])}({self.money(depth - 1)})",
        ]
        if self.relations:
            forms += [
                lambda: self.pick.choice(
                    ["customer.credit", "settings.small", "open_amount", "fee", "left", "customer.room"]
                ),
                lambda: self.aggregate("money"),
                lambda: f"switch(grade, 'a', {self.money(0)}, 'b', 7.5, {self.money(0)})",
            ]
        return self.pick.choice(forms)()

    def small(self, depth: int) -> str:
        return self.pick.choice(["0.8", "3", "-1.25", "7", "0", self.field("percent"), self.field("integer"), "1.005"])

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.pick.choice([self.field("integer", "percent"), "2", "0.5"])
        forms = [
            lambda: self.field("integer", "percent"),
            lambda: f"({self.number(depth - 1)} {self.pick.choice('+-*/')} {self.small(0)})",
            lambda: f"({self.money(depth - 1)} / {self.field('money')})",
            lambda: f"days_between({self.date(depth - 1)}, {self.date(0)})",
            lambda: f"{self.pick.choice(['year', 'month', 'day'])}({self.date(depth - 1)})",
            lambda: f"{self.pick.choice(['abs', 'floor', 'ceil', 'round'])}({self.number(depth - 1)})",
            lambda: f"round({self.number(depth - 1)}, {self.pick.randint(0, 4)})",
            lambda: f"band({self.number(depth - 1)}, -1, 0, 2.5, 100)",
            lambda: f"coalesce({self.number(depth - 1)}, {self.number(0)})",
            lambda: f"{self.pick.choice(['min', 'max'])}({self.number(depth - 1)}, {self.number(0)})",
            lambda: f"({self.number(depth - 1)} if {self.boolean(depth - 1)} else None)",
        ]
        if self.relations:
            forms += [
                lambda: self.pick.choice(["weight", "customer.score", "settings.days", "settings.rate", "use", "late"]),
                lambda: self.pick.choice(["len(name)", "len(tags)", f"len({self.text(1)})"]),
                lambda: f"band({self.number(depth - 1)}, settings.bands)",
                lambda: f"count(items, {self.child().boolean(1)})",
                lambda: f"workdays_between({self.date(1)}, {self.date(0)})",
                lambda: self.aggregate("number"),
            ]
        return self.pick.choice(forms)()

    def date(self, depth: int) -> str:
        if depth <= 0:
            return self.pick.choice([self.field("date"), self.field("date"), "today()"])
        forms = [
            lambda: self.field("date"),
            lambda: f"add_days({self.date(depth - 1)}, {self.pick.choice(['30', '-1', 'day(due)'])})",
            lambda: f"add_months({self.date(depth - 1)}, {self.pick.choice(['1', '-13', 'month(due)'])})",
            lambda: f"{self.pick.choice(['month_start', 'month_end'])}({self.date(depth - 1)})",
            lambda: f"coalesce({self.date(depth - 1)}, today())",
            lambda: f"{self.pick.choice(['min', 'max'])}({self.date(depth - 1)}, {self.date(0)})",
        ]
        if self.relations:
            forms += [
                lambda: self.pick.choice(["date_of(seen)", "customer.since"]),
                lambda: f"add_workdays({self.date(0)}, {self.pick.choice(['3', '-2', 'count'])})",
                lambda: f"min_of(items, {self.child().date(1)}, {self.child().boolean(1)})",
                lambda: f"max_of(items, {self.child().date(1)})",
            ]
        return self.pick.choice(forms)()

    def text(self, depth: int) -> str:
        if not self.relations:
            return self.field("choice")
        if depth <= 0:
            return self.pick.choice(["name", "other", "'a'", "''", "'精工'"])
        call = self.pick.choice(["lower", "upper", "trim"])
        return self.pick.choice(["name", "other", f"{call}({self.text(0)})", f"coalesce({self.text(0)}, 'z')"])

    def child(self) -> Writer:
        """A writer for what stands inside an aggregate; it may look out at the row, too."""
        fields = {
            **ITEM,
            "this.amount": ROW["amount"],
            "this.due": ROW["due"],
            "late": types.boolean(),
            "value": types.money(),
        }
        return Writer(self.pick, fields, relations=False)

    def aggregate(self, kind: str) -> str:
        name = self.pick.choice(["sum_of", "min_of", "max_of", "avg_of"])
        value = self.child().money(1) if kind == "money" else self.child().number(1)
        return (
            f"{name}(items, {value})"
            if self.pick.random() < 0.4
            else f"{name}(items, {value}, {self.child().boolean(1)})"
        )


def differences(database: Database, world: World, texts: list[str], known: MapScope) -> Iterator[str]:
    """Every record and expression on which not all evaluators agree."""
    sql = RowSql(world, database.dialect, world.rows)
    with database.read() as connection:
        for text in texts:
            expression = compile_expression(text, known)
            found = {
                row.id: row.v for row in connection.execute(select(world.rows.c.id, expression.sql(sql).label("v")))
            }
            for row_id, env in world.envs.items():
                here, reference = expression.evaluate(env), expression.reference(env)
                there = read(expression.type, found[row_id])
                if not same(here, there) or not same(here, reference):
                    told = f"closures {here!r}, simpleeval {reference!r}, {database.dialect} {there!r}"
                    yield f"{text}\n  row {row_id}: {told}"


def same(left, right) -> bool:
    return type(left) is type(right) and left == right


def read(type, value):
    """A physical value as Python holds it."""
    if value is None:
        return None
    if type.numeric:
        assert isinstance(value, int)
        return from_units(value, type.scale)
    return bool(value) if type.kind == "boolean" else value


def written(pick: random.Random, count: int, known: MapScope) -> list[str]:
    """Random expressions that are short enough to be compiled."""
    writer, texts = Writer(pick, ROW), []
    while len(texts) < count:
        make = pick.choice([writer.boolean, writer.boolean, writer.money, writer.number, writer.date])
        text = make(pick.randint(1, 3))
        try:
            compile_expression(text, known)
        except ExpressionError as error:
            print(text, error)
            continue
        texts.append(text)
    return texts


@pytest.fixture
def world(database: Database) -> World:
    return fill(database, random.Random(20260316), ROWS)


def test_all_evaluators_agree(database: Database, world: World) -> None:
    known = scope()
    texts = written(random.Random(7), COUNT, known)
    found = list(differences(database, world, texts, known))
    assert not found, "\n".join(found[:10])


def test_the_formulas_are_worth_it(tmp_path: Path) -> None:
    """Random formulas that are nearly always empty, or never, would prove little."""
    world = fill(Database(f"sqlite:///{tmp_path}/test.sqlite3"), random.Random(20260316), 30)
    known = scope()
    expressions = [compile_expression(text, known) for text in written(random.Random(7), 100, known)]
    values = [expression.evaluate(env) for expression in expressions for env in world.envs.values()]
    empty = sum(value is None for value in values) / len(values)
    conditions = [value for value in values if isinstance(value, bool)]
    assert 0.1 < empty < 0.6 and 0.2 < sum(conditions) / len(conditions) < 0.8
    called = {node.name for expression in expressions for node in expression.tree.walk() if isinstance(node, Call)}
    assert len(called) > 20


@pytest.mark.parametrize("broken", ["half even", "null is false", "day too far"])
def test_a_broken_back_end_is_caught(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The negative control: each of these slips has been made by someone, and the fuzz must see it."""
    if broken == "half even":
        monkeypatch.setattr(values, "EXACT", Context(prec=120, rounding=ROUND_HALF_EVEN))
    elif broken == "null is false":
        monkeypatch.setattr(
            SqlCompiler, "_not", lambda self, node: func.coalesce(not_(self.element(node.part)), true())
        )
        monkeypatch.setitem(sql._FORMS, Not, SqlCompiler._not)
    else:
        monkeypatch.setattr(cutoff, "timedelta", lambda days: timedelta(days=days + 1))
    known = scope()
    assert any(True for _ in differences(database, world, written(random.Random(7), 300, known), known))
