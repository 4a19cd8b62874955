"""What two do at once happens once, whichever process each of them reached."""

from __future__ import annotations

from functools import partial

from tests.scale.house import House, at_once

ROUNDS = 5


def one_request(house: House) -> None:
    """The same POST six times at once, spread over the processes, with one Idempotency-Key."""
    key, web = house.keys["wang"], (house.web * 2)[:2]
    for number in range(ROUNDS):
        sent, once = {"name": f"一次 {number}", "limit": 1}, f"scale-{number}"
        post = [partial(to.send, "POST", "/api/v1/forms/customer/records", sent, key=key, once=once) for to in web]
        replies = at_once(post * 3)
        assert {reply.status for reply in replies} <= {201, 409}, replies
        assert sum(reply.status == 201 and not reply.replayed for reply in replies) == 1
        again = [to.post("/forms/customer/records", sent, key, once) for to in web]
        assert [(reply.status, reply.replayed) for reply in again] == [(201, True)] * 2
        assert len({reply.body["id"] for reply in (*replies, *again) if reply.status == 201}) == 1
        found = web[1].send("GET", "/api/v1/forms/customer/records?where=limit==1&count=exact", key=key)
        assert found.body["count"] == number + 1


def two_who_decide(house: House, flow: str) -> None:
    """Two people approve at once where one signature is enough."""
    web = (house.web * 2)[:2]
    for number in range(ROUNDS):
        values = {"values": {"amount": 1 + number}}
        started = house.web[0].post(f"/flows/{flow}/instances", values, house.keys["wang"])
        assert started.status == 201, started
        first, second = web if number % 2 else reversed(web)
        tasks = {login: _task(house, login, started.body["id"]) for login in ("li", "zhao")}
        approve = [
            partial(to.post, f"/tasks/{tasks[login]}/decisions", {"decision": "approve"}, house.keys[login])
            for to, login in ((first, "li"), (second, "zhao"))
        ]
        replies = at_once(approve)
        assert sorted(reply.status for reply in replies) == [201, 409], replies
        won, lost = ("李经理", replies[1]) if replies[0].status == 201 else ("赵经理", replies[0])
        assert won in lost.body["detail"], lost.body
        shown = first.send("GET", f"/api/v1/flows/{flow}/instances/{started.body['id']}", key=house.keys["li"])
        assert shown.body["status"] == "approved"
        assert [line["type"] for line in shown.body["story"]].count("decided") == 1


def _task(house: House, login: str, instance: int) -> int:
    listed = house.web[0].send("GET", "/api/v1/tasks", key=house.keys[login]).body["tasks"]
    return next(int(item["id"]) for item in listed if item["instance"] == instance)
