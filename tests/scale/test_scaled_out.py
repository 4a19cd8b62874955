"""Scaled out: two web processes and two workers on one PostgreSQL and one Redis act as one."""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from datetime import timedelta

import pytest

from engine.principal import SYSTEM
from forms import records
from tests.scale import once, orders, publishing, ticking
from tests.scale.house import House, OwnRedis, Sink

pytestmark = pytest.mark.scale

SEED = int(os.environ.get("GUIJU_SCALE_SEED") or random.randrange(10**6))

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
    once.one_request(scaled)


@pytest.mark.parametrize("flow", ["by_role", "by_name"])
def test_of_two_who_decide_at_once_one_wins_and_the_other_learns_who(scaled: House, flow: str) -> None:
    once.two_who_decide(scaled, flow)


def test_a_new_version_is_used_by_all_processes_at_once_and_no_request_fails(scaled: House) -> None:
    key, order = scaled.keys["wang"], "/api/v1/forms/order/records"
    customer = scaled.made("customer", {"name": "发布客户", "limit": 10_000})
    with_field = {"customer": customer, "amount": 1, "urgent": True}
    assert [to.send("POST", order, with_field, key=key).status for to in scaled.web] == [422, 422]
    assert all("观察天数" in publishing.settings_page(scaled, to) for to in scaled.web)
    publishing.change(
        scaled.folder, "forms/order.yaml", "  note: ", "  urgent:   {type: boolean, label: 加急}\n  note: "
    )
    publishing.change(scaled.folder, "settings.yaml", "观察天数", "重点观察天数")

    with publishing.light_load(scaled) as failed:
        with publishing.published(scaled):
            at = time.monotonic()
            made = [publishing.wait_for(to, order, with_field, key) for to in scaled.web]
            took = time.monotonic() - at
        pages = [publishing.settings_page(scaled, to) for to in scaled.web]
    assert made == [True, True]
    assert all("重点观察天数" in page for page in pages)
    assert failed == []
    assert took <= publishing.patience(scaled)
    assert publishing.each_worker_uses_it(scaled)


def test_a_broken_folder_is_refused_and_the_running_version_stays(scaled: House) -> None:
    running = "SELECT active_id, generation FROM g_config_pointer"
    before = scaled.rows(running)
    publishing.change(scaled.folder, "forms/order.yaml", "type: text, label: 备注", "type: txt, label: 备注")
    try:
        refused = scaled.command("publish", str(scaled.folder))
    finally:
        publishing.change(scaled.folder, "forms/order.yaml", "type: txt, label: 备注", "type: text, label: 备注")
    assert refused.returncode == 2
    assert re.search(r"forms/order\.yaml:\d+:\d+: .*txt", refused.stderr), refused.stderr
    assert scaled.rows(running) == before
    customer = scaled.made("customer", {"name": "仍在运行", "limit": 1})
    order = {"customer": customer, "amount": 1}
    made = [to.send("POST", "/api/v1/forms/order/records", order, key=scaled.keys["wang"]).status for to in scaled.web]
    assert made == [201, 422]


def test_days_that_pass_while_workers_are_killed_bring_each_step_once(
    scaled: House, own_redis: OwnRedis, sink: tuple[Sink, str]
) -> None:
    print(f"GUIJU_SCALE_SEED={SEED}")
    rng, taken = random.Random(SEED), sink[0].taken
    today = scaled.next_day()
    ticking.settle(scaled, today)
    due = today + timedelta(days=2)
    bills = ticking.bills(scaled, due)
    days = []
    in_the_middle = 0
    for harm in (None, own_redis.flush, own_redis.kill, own_redis.start, None):
        days.append(scaled.next_day())
        if harm:
            harm()
        in_the_middle += ticking.kill_one(scaled, days[-1], rng)
        ticking.settle(scaled, days[-1])
    assert ticking.check(scaled, bills, days, due, taken) == [], f"GUIJU_SCALE_SEED={SEED}"
    assert in_the_middle, "no kill came while there was work left"

    # The checker itself: one effect doubled and one mail lost are told, and nothing else.
    id, number = next(iter(bills.items()))
    with scaled.app.work(SYSTEM) as work:
        records.save(work, "entry", {"bill": id, "kind": "nightly", "day": days[0]})
    told = ticking.check(scaled, bills, days, due, taken - Counter([f"{number} 逾期"]))
    assert [problem.partition(" ")[0] for problem in told] == ["entry", "mail"], told
