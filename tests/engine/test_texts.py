"""Texts: holes are checked expressions, written by format, and nothing else happens in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import ExpressionError
from engine.expressions import MapEnv, MapScope, types
from engine.source import read_text
from engine.texts import compile_text

CUSTOMER = MapScope({"name": types.text(), "grade": types.choice("a", "b")})
SCOPE = MapScope(
    {
        "customer": types.reference("customer"),
        "amount": types.money(),
        "limit": types.money(nullable=False),
        "days_overdue": types.integer(),
        "due_date": types.date(),
        "note": types.text(),
        "paid": types.boolean(),
        "grade": types.choice("a", "b"),
    },
    {"customer": CUSTOMER},
)
VALUES = {
    "customer": {"id": 7, "name": "华东精工", "grade": "a"},
    "amount": Decimal("12345.60"),
    "limit": Decimal("20000.00"),
    "days_overdue": 16,
    "due_date": date(2026, 3, 1),
    "note": None,
    "paid": False,
    "grade": "b",
}
ENV = MapEnv(VALUES, today=date(2026, 3, 17))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("没有空位", "没有空位"),
        ("", ""),
        ("{{ customer.name }}", "华东精工"),
        ("{{customer.name}}欠{{ amount }}元", "华东精工欠12,345.60元"),
        ("{{ amount | money_wan }}", "1.23 万"),
        ("{{ money(-amount) }}", "−12,345.60"),
        ("{{ percent(amount / limit) }}", "61.73%"),
        ("{{ amount / limit | percent }}", "61.73%"),
        ("{{ due_date | date }}", "2026-03-01"),
        ("{{ due_date }}/{{ days_overdue | days }}", "2026-03-01/16天"),
        ("{{ note }}", "—"),
        ("{{ coalesce(note, 'a | b }}') }}", "a | b }}"),
        ("{{ paid }}", "否"),
        ("{a} {{ '{{' }} {b}", "{a} {{ {b}"),
        ("{{ customer.name if amount > 0 else note }}", "华东精工"),
        ("{{ today() | date_long }}", "2026年3月17日"),
        ("{{ round(days_overdue / 7, 1) | number }} 周", "2.3 周"),
        ("第一行\n{{ customer.name }}\n", "第一行\n华东精工\n"),
    ],
)
def test_a_text_is_filled(source: str, words: str) -> None:
    assert compile_text(source, SCOPE).render(ENV) == words


def test_another_language_writes_otherwise() -> None:
    assert compile_text("{{ days_overdue | days }}", SCOPE).render(ENV, locale="en") == "16 days"


def test_a_text_tells_what_it_depends_on() -> None:
    assert compile_text("{{ customer.name }} {{ amount - limit }}", SCOPE).reads == {
        ("customer", "name"),
        ("amount",),
        ("limit",),
    }
    assert compile_text("nothing", SCOPE).reads == frozenset()


class Labelled(MapEnv):
    def display(self, path: tuple[str, ...], locale: str) -> str | None:
        shown: Mapping[Any, str] = {("grade",): "B 级", ("customer",): "华东精工有限公司"}
        return shown.get(path)


def test_an_env_that_knows_labels_is_asked_for_them() -> None:
    text = compile_text("{{ customer }}: {{ grade }}, {{ amount }}", SCOPE)
    assert text.render(Labelled(VALUES)) == "华东精工有限公司: B 级, 12,345.60"
    assert text.render(ENV) == "7: b, 12,345.60"


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("{{ nme }}", 4, "there is no name 'nme'"),
        ("欠 {{ amount | mony }}", 15, "there is no format 'mony'"),
        ("{{ customer.nam | money }}", 13, "nam"),
        ("{{ money(amonut) }}", 10, "there is no name 'amonut'"),
        ("{{ due_date | money }}", 4, "'money' cannot write a date"),
        ("{{ amount", 1, "'{{' is not closed"),
        ("a }} b", 3, "'}}' closes nothing"),
        ("{{  }}", 5, "this hole is empty"),
        ("{{ 'open }}", 1, "'{{' is not closed"),
        ("{{ amount | money | days }}", 13, "there is no format 'money | days'"),
        ("{{ amount.__class__ }}", 11, "__class__"),
        ("{{ money(amount) if paid else note }}", 4, "money"),
        ("{{ [1, 2] }}", 4, ""),
        ("{{ customer.name() }}", 4, ""),
    ],
)
def test_a_mistake_is_shown_at_its_character(source: str, column: int, message: str) -> None:
    document = read_text(f"text: '{source.replace(chr(39), chr(39) * 2)}'\n", "rules/a.yaml")
    with pytest.raises(ExpressionError) as wrong:
        compile_text(source, SCOPE, document.mark("text"))
    mark = wrong.value.mark
    assert (mark.file, mark.line) == ("rules/a.yaml", 1)
    assert message in wrong.value.message
    extra = source[: column - 1].count("'")
    assert mark.column == len("text: '") + column + extra


def test_a_mistake_in_a_long_text_is_shown_in_its_line() -> None:
    document = read_text("body: |\n  您好\n  {{ customer.name }} 欠 {{ amuont }}\n", "templates/a.yaml")
    with pytest.raises(ExpressionError) as wrong:
        compile_text(document.value["body"], SCOPE, document.mark("body"))
    assert str(wrong.value.mark) == "templates/a.yaml:3:28"
