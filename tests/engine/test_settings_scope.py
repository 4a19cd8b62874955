"""Settings in expressions: typed names, parts of weights, and the values behind them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.catalog import Catalog
from engine.errors import ExpressionError
from engine.expressions import MapEnv, MapScope, compile_expression, types
from engine.settings import Settings, scope

APP = "format: 1\napp: demo\nlabel: 演示\nversion: 1.0.0\ntimezone: Asia/Shanghai\n"
SETTINGS = """
limit:   {label: 上限, type: money, default: 500}
mode:    {label: 方式, type: choice, options: {warn: 提醒, block: 拦截}, default: block}
weights: {label: 权重, type: weights, default: {finance: 60, history: 40}, total: 100}
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.from_files({"app.yaml": APP, "settings.yaml": SETTINGS})


def value(catalog: Catalog, text: str) -> object:
    names = MapScope({"settings": types.record(), "score": types.integer()}, {"settings": scope(catalog.settings)})
    env = MapEnv({"settings": dict(Settings(catalog.settings, {}, {})), "score": 80})
    return compile_expression(text, names).evaluate(env)


def test_a_setting_is_a_typed_name(catalog: Catalog) -> None:
    assert value(catalog, "settings.limit / 2") == 250
    assert value(catalog, "settings.mode == 'warn'") is False


def test_a_part_of_weights_is_a_number(catalog: Catalog) -> None:
    assert value(catalog, "score * settings.weights.finance / 100") == Decimal(48)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("settings.limt", "there is no"),
        ("settings.weights.finanse", "there is no"),
        ("settings.weights", "has no value of its own"),
        ("settings.mode == 'wran'", "wran"),
    ],
)
def test_a_wrong_name_is_told(catalog: Catalog, text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value(catalog, text)


def test_values_are_found_by_path(catalog: Catalog) -> None:
    settings = Settings(catalog.settings, {}, {})
    assert settings.at(("limit",)) == Decimal(500)
    assert settings.at(("weights", "history")) == 40
