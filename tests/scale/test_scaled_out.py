"""Scaled out: two web processes and two workers on one PostgreSQL and one Redis act as one."""

from __future__ import annotations

from functools import partial

import pytest

from tests.scale import orders
from tests.scale.house import House, at_once

pytestmark = pytest.mark.scale

# The real command without the row lock that a guard takes on its owner; the negative control.
UNLOCKED = """
import sys
from forms import gate
from ui.cli import main
gate.lock = lambda work, form, ids: None
sys.exit(main())
"""


def test_of_fifty_orders_at_once_exactly_the_ten_that_fit_are_taken(scaled: House) -> None:
    assert orders.race(scaled, scaled.web, "并发客户") == []


def test_the_checker_sees_what_the_lock_prevents(scaled: House) -> None:
    unlocked = scaled.start("web", UNLOCKED)
    scaled.ready([unlocked])
    try:
        problems = next(filter(None, (orders.race(scaled, [unlocked], f"无锁客户 {n}") for n in range(5))), [])
        assert any("used of 1000" in problem for problem in problems), problems
    finally:
        unlocked.kill()


def test_one_request_sent_to_both_processes_at_once_is_done_once(scaled: House) -> None:
    key = scaled.keys["wang"]
    for number in range(4):
        sent, once = {"name": f"一次 {number}", "limit": 1}, f"scale-{number}"
        post = [
            partial(to.send, "POST", "/api/v1/forms/customer/records", sent, key=key, once=once) for to in scaled.web
        ]
        replies = at_once(post * 3)
        assert {reply.status for reply in replies} <= {201, 409}, replies
        assert sum(reply.status == 201 and not reply.replayed for reply in replies) == 1
        again = [to.post("/forms/customer/records", sent, key, once) for to in scaled.web]
        assert [(reply.status, reply.replayed) for reply in again] == [(201, True)] * 2
        assert len({reply.body["id"] for reply in (*replies, *again) if reply.status == 201}) == 1
        found = scaled.web[1].send("GET", "/api/v1/forms/customer/records?where=limit==1&count=exact", key=key)
        assert found.body["count"] == number + 1


@pytest.mark.parametrize("flow", ["by_role", "by_name"])
def test_of_two_who_decide_at_once_one_wins_and_the_other_learns_who(scaled: House, flow: str) -> None:
    for number in range(5):
        values = {"values": {"amount": 1 + number}}
        started = scaled.web[0].post(f"/flows/{flow}/instances", values, scaled.keys["wang"])
        assert started.status == 201, started
        first, second = scaled.web if number % 2 else reversed(scaled.web)
        tasks = {login: _task(scaled, login, started.body["id"]) for login in ("li", "zhao")}
        approve = [
            partial(to.post, f"/tasks/{tasks[login]}/decisions", {"decision": "approve"}, scaled.keys[login])
            for to, login in ((first, "li"), (second, "zhao"))
        ]
        replies = at_once(approve)
        assert sorted(reply.status for reply in replies) == [201, 409], replies
        won, lost = ("李经理", replies[1]) if replies[0].status == 201 else ("赵经理", replies[0])
        assert won in lost.body["detail"], lost.body
        shown = first.send("GET", f"/api/v1/flows/{flow}/instances/{started.body['id']}", key=scaled.keys["li"])
        assert shown.body["status"] == "approved"
        assert [line["type"] for line in shown.body["story"]].count("decided") == 1


def _task(house: House, login: str, instance: int) -> int:
    listed = house.web[0].send("GET", "/api/v1/tasks", key=house.keys[login]).body["tasks"]
    return next(int(item["id"]) for item in listed if item["instance"] == instance)
