"""Embedded: one process on SQLite keeps what several processes on PostgreSQL keep."""

from __future__ import annotations

import pytest

from tests.scale import orders
from tests.scale.house import House

pytestmark = pytest.mark.scale


def test_of_fifty_orders_at_once_exactly_the_ten_that_fit_are_taken(embedded: House) -> None:
    assert orders.race(embedded, embedded.web, "嵌入客户") == []
