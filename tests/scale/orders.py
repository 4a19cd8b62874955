"""Fifty orders of 100 at once against a limit that fits ten, and the checker of what came of them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from functools import partial

from tests.scale.house import House, Process, Reply, at_once

ORDERS, LIMIT, FITS = 50, 1000, 10


def race(house: House, web: Sequence[Process], name: str) -> list[str]:
    """Send the orders, spread over the processes, and answer what is wrong with what came of them."""
    customer = house.made("customer", {"name": name, "limit": LIMIT})
    order = {"customer": customer, "amount": 100}
    key = house.keys["wang"]
    to = itertools.islice(itertools.cycle(web), ORDERS)
    calls = [partial(process.post, "/forms/order/records", order, key) for process in to]
    return check(house, customer, name, at_once(calls))


def check(house: House, customer: int, name: str, replies: Sequence[Reply]) -> list[str]:
    statuses = Counter(reply.status for reply in replies)
    stand = house.web[0].send("GET", f"/api/v1/forms/customer/records/{customer}", key=house.keys["wang"]).body
    ids = {reply.body["id"] for reply in replies if reply.status == 201}
    problems = []
    if statuses != {201: FITS, 422: ORDERS - FITS}:
        problems.append(f"answers by status: {dict(statuses)}")
    if float(stand["used"]) > LIMIT:
        problems.append(f"{stand['used']} used of {LIMIT}")
    if float(stand["used"]) != 100 * len(ids):
        problems.append(f"{stand['used']} used, but {len(ids)} orders were acknowledged")
    for reply in replies:
        if reply.status == 422:
            found = (reply.body["detail"], reply.body["guard"])
            if found != (f"{name} 超出额度 100.00", "within_limit"):
                problems.append(f"refused with {found}")
    return problems
