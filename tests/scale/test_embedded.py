"""Embedded: one process on SQLite keeps what several processes on PostgreSQL keep."""

from __future__ import annotations

import pytest

from tests.scale import once, orders
from tests.scale.house import House

pytestmark = pytest.mark.scale


def test_of_fifty_orders_at_once_exactly_the_ten_that_fit_are_taken(embedded: House) -> None:
    assert orders.race(embedded, embedded.web, "嵌入客户") == []


def test_one_request_sent_six_times_at_once_is_done_once(embedded: House) -> None:
    once.one_request(embedded)


@pytest.mark.parametrize("flow", ["by_role", "by_name"])
def test_of_two_who_decide_at_once_one_wins_and_the_other_learns_who(embedded: House, flow: str) -> None:
    once.two_who_decide(embedded, flow)
