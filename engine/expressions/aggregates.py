"""Aggregates over the records of a relation: how each is typed and reckoned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.expressions import types
from engine.expressions.meet import Mismatch, words
from engine.expressions.tree import Node
from engine.expressions.types import Type
from engine.expressions.values import MAX_SCALE, add, divide


def _number(value: Node) -> Type:
    if not value.type.numeric:
        raise Mismatch(f"only numbers can be added up, not {words(value.type)}")
    return value.type


def _sum(value: Node | None) -> Type:
    assert value is not None
    return _number(value).filled()


def _average(value: Node | None) -> Type:
    assert value is not None
    kind = _number(value).kind
    return Type(kind if kind == "money" else "number", True, MAX_SCALE)


def _extreme(value: Node | None) -> Type:
    assert value is not None
    if not value.type.numeric and value.type.kind not in ("date", "datetime"):
        raise Mismatch(f"{words(value.type)} has no order")
    return value.type.maybe()


def _total(values: list[Any]) -> Any:
    total: Any = 0
    for value in values:
        total = add(total, value)
    return total


@dataclass(frozen=True)
class AggregateKind:
    """`python` gets the values that are not None; for count and exists it gets the records."""

    takes_value: bool
    type: Callable[[Node | None], Type]
    python: Callable[[list[Any]], Any]
    says: str

    @property
    def least(self) -> int:
        return 2 if self.takes_value else 1

    @property
    def most(self) -> int:
        return self.least + 1


AGGREGATES = {
    "count": AggregateKind(False, lambda _value: types.integer(nullable=False), len, "的条数"),
    "exists": AggregateKind(False, lambda _value: types.boolean(nullable=False), bool, "有记录"),
    "sum_of": AggregateKind(True, _sum, _total, "之和"),
    "min_of": AggregateKind(True, _extreme, lambda values: min(values, default=None), "的最小值"),
    "max_of": AggregateKind(True, _extreme, lambda values: max(values, default=None), "的最大值"),
    "avg_of": AggregateKind(True, _average, lambda values: divide(_total(values), len(values)), "的平均值"),
}
