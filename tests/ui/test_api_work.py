"""The HTTP API beyond records: keys, flows and tasks, reports, the sandbox clock, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import keys
from engine.database import Database
from engine.principal import SYSTEM
from engine.sandbox import SandboxClock
from tests.ui.apisite import FILES, Api, opened, problem
from ui import api as product
from ui.api import callers
from ui.web.access import Unmarked, access_of, refuse_unmarked


@pytest.fixture
def api(database: Database, folder: Callable[[dict[str, str]], Path]) -> Api:
    return opened(folder(FILES), database)


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ak_x", "Basic dTpw", "bearer  ", "Bearer ak_" + "0" * 16 + "_" + "a" * 43]
)
def test_nothing_but_a_living_key_opens_the_door(api: Api, given: str) -> None:
    told = problem(api.call("GET", "/tasks", who=None, Authorization=given), 401)
    assert "ak_" not in told["detail"]
    answer = api.call("GET", "/tasks", who=None, Authorization=given)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_cookies_mean_nothing_here(api: Api) -> None:
    from engine import sessions

    with api.app.work(SYSTEM) as work:
        token = sessions.open(work, api.person("wang"), address="127.0.0.1", user_agent="test")
    problem(api.call("GET", "/tasks", who=None, Cookie=f"sid={token}; __Host-sid={token}"), 401)
    assert "Set-Cookie" not in api.call("GET", "/tasks").headers


def test_a_key_does_no_more_than_its_scopes(api: Api) -> None:
    reader, writer = api.key("li", "read"), api.key("li", "write")
    assert api.call("GET", "/forms/client/records", key=reader).status_code == 200
    problem(api.call("POST", "/forms/client/records", {"name": "a"}, key=reader), 403)
    assert api.call("POST", "/forms/client/records", {"name": "a"}, key=writer).status_code == 201
    problem(api.call("POST", "/sandbox/clock", {"days": 1}, key=writer), 403)
    narrowed = api.key("li", "read", "role:sales")
    problem(api.call("GET", "/forms/client/records", key=narrowed), 404)


def test_a_revoked_key_is_refused_within_a_second(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with api.app.work(SYSTEM) as work:
        made, text = keys.create(work, api.person("wang"), "gone", ["read"])
    assert api.call("GET", "/tasks", key=text).status_code == 200
    with api.app.work(SYSTEM) as work:
        keys.revoke(work, made.id)
    later = callers.time.monotonic() + callers.TRUSTED
    monkeypatch.setattr(callers.time, "monotonic", lambda: later)
    problem(api.call("GET", "/tasks", key=text), 401)


def test_what_is_done_is_told_as_done_through_the_api(api: Api) -> None:
    from engine import audit, history

    made = api.made("client", {"name": "甲"})
    with api.app.work(SYSTEM, read=True) as work:
        entry = history.of(work, "client", made["id"])[0]
        assert entry.actor == "王" and entry.cause_kind == "api"
        assert audit.rows(work, action="key.create")


def test_an_application_goes_its_way(api: Api) -> None:
    sent = {"values": {"name": "甲"}}
    started = api.call("POST", "/flows/big_deal/instances", sent, Idempotency_Key="one")
    assert started.status_code == 201 and started.json["status"] == "running"
    again = api.call("POST", "/flows/big_deal/instances", sent, Idempotency_Key="one")
    assert again.json == started.json and again.headers["Idempotency-Replayed"] == "true"
    place = started.headers["Location"].removeprefix("/api/v1")
    waiting = api.call("GET", "/tasks", who="li").json["tasks"]
    assert [one["instance"] for one in waiting] == [started.json["id"]]
    task = waiting[0]["id"]
    shown = api.call("GET", f"/tasks/{task}", who="li").json
    assert "approve" in shown["actions"] and shown["edit"] == ["limit"] and shown["record"]["name"] == "甲"
    decision = {
        "decision": "approve",
        "opinion": "好",
        "values": {"limit": 50000.5},
        "version": shown["record"]["version"],
    }
    decided = api.call("POST", f"/tasks/{task}/decisions", decision, who="li", Idempotency_Key="d")
    assert decided.status_code == 201 and decided.json["status"] == "approved"
    assert api.call("POST", f"/tasks/{task}/decisions", decision, who="li", Idempotency_Key="d").json == decided.json
    problem(api.call("POST", f"/tasks/{task}/decisions", decision, who="li"), 409)
    told = api.call("GET", place).json
    assert told["status"] == "approved" and "好" in [line["opinion"] for line in told["story"]]
    assert api.call("GET", f"/forms/client/records/{told['record']}").json["limit"] == 50000.5
    assert [one["id"] for one in api.call("GET", "/tasks?tab=done", who="li").json["tasks"]] == [task]


def test_who_has_no_part_learns_nothing(api: Api) -> None:
    started = api.call("POST", "/flows/big_deal/instances", {"values": {"name": "甲"}}).json
    task = api.call("GET", "/tasks", who="li").json["tasks"][0]["id"]
    for path in ("/tasks/{}", "/flows/big_deal/instances/{}"):
        id = task if "tasks" in path else started["id"]
        alike = [api.call("GET", path.format(one), who="zhao").data for one in (id, 999, "x", 2**70, 0)]
        assert len(set(alike)) == 1 and b'"status":404' in alike[0]
    problem(api.call("POST", f"/tasks/{task}/decisions", {"decision": "approve"}, who="zhao"), 404)
    problem(api.call("POST", f"/tasks/{task}/decisions", {"decision": "approve"}, who="wang"), 403)
    problem(api.call("GET", f"/flows/other/instances/{started['id']}"), 404)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422), ({"decision": 1}, 422), ({"decision": "maybe"}, 422), ({"decision": "return"}, 422),
        ({"decision": "reject"}, 422), ({"decision": "approve", "nope": 1}, 422),
        ({"decision": "approve", "values": {"name": "x"}}, 403),
        ({"decision": "approve", "values": {"limit": "x"}}, 422),
        ({"decision": "approve", "opinion": "x" * 4001}, 422), ({"decision": "finish"}, 404),
    ],
)  # fmt: skip
def test_a_wrong_decision_changes_nothing(api: Api, sent: dict[str, Any], status: int) -> None:
    api.call("POST", "/flows/big_deal/instances", {"values": {"name": "甲"}})
    task = api.call("GET", "/tasks", who="li").json["tasks"][0]["id"]
    problem(api.call("POST", f"/tasks/{task}/decisions", sent, who="li"), status)
    assert len(api.call("GET", "/tasks", who="li").json["tasks"]) == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422), ({"record": 999}, 404), ({"record": 2**80}, 404), ({"record": "1"}, 422), ({"record": True}, 422),
        ({"values": {"nope": 1}}, 422), ({"values": []}, 422), ({"values": {}}, 422),
    ],
)  # fmt: skip
def test_a_wrong_start_leaves_nothing_behind(api: Api, sent: dict[str, Any], status: int) -> None:
    problem(api.call("POST", "/flows/big_deal/instances", sent), status)
    problem(api.call("POST", "/flows/nothing/instances", {"record": 1}), 404)
    assert api.call("GET", "/forms/client/records?count=exact").json["count"] == 0


@pytest.mark.parametrize("asked", ["tab=x", "limit=0", "after=x", "after=" + "9" * 30, "after=~" + "9" * 30, "after=٣"])
def test_a_wrong_question_about_tasks(api: Api, asked: str) -> None:
    problem(api.call("GET", f"/tasks?{asked}"), 422)


def test_a_widget_and_the_rows_behind_it(api: Api) -> None:
    client = api.made("client", {"name": "甲", "limit": 1000})["id"]
    for amount, kind in ((10, "a"), (20.5, "a"), (5, "b")):
        api.made("deal", {"client": client, "amount": amount, "kind": kind})
    total = api.call("GET", "/reports/board/widgets/total").json
    assert total["lines"][0]["values"] == [35.5]
    assert api.call("GET", "/reports/board/widgets/total?kind=a").json["lines"][0]["values"] == [30.5]
    kinds = api.call("GET", "/reports/board/widgets/kinds").json
    assert {line["key"]: line["values"][0] for line in kinds["lines"]} == {"a": 30.5, "b": 5}
    rows = api.call("GET", "/reports/board/widgets/kinds/rows?key=a&limit=1").json
    assert rows["form"] == "deal" and rows["count"] == 2 and rows["records"][0]["amount"] == 10
    more = api.call("GET", f"/reports/board/widgets/kinds/rows?key=a&limit=1&after={rows['next']}").json
    assert more["records"][0]["amount"] == 20.5 and more["next"] is None
    assert api.call("GET", "/reports/board/widgets/total", who="zhao").json["lines"][0]["values"] in ([0], [None])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/none/widgets/total", 404), ("/reports/board/widgets/none", 404),
        ("/reports/board/widgets/total?nope=1", 422), ("/reports/board/widgets/total?as_of=x", 422),
        ("/reports/board/widgets/total?as_of=2999-01-01", 422), ("/reports/board/widgets/total?as_of=0001-01-01", 422),
        ("/reports/board/widgets/kinds/rows?key=zzz", 404), ("/reports/board/widgets/kinds/rows?series=x", 422),
        ("/reports/board/widgets/kinds/rows?limit=x", 422), ("/reports/board/widgets/kinds/rows?after=x", 422),
        ("/reports/board/widgets/total?kind=a&kind=b", 400),
    ],
)  # fmt: skip
def test_a_wrong_question_about_reports(api: Api, path: str, status: int) -> None:
    problem(api.call("GET", path), status)
    problem(api.call("GET", "/reports/board/widgets/total", who="gu"), 404)


def test_the_sandbox_moves_once_for_one_key(database: Database, folder: Callable[[dict[str, str]], Path]) -> None:
    api = opened(folder(FILES), database, SandboxClock(database))
    problem(api.call("POST", "/sandbox/clock", {"days": 1}, who="wang"), 403)
    begin = datetime.fromisoformat(api.call("GET", "/sandbox/clock").json["now"])
    moved = api.call("POST", "/sandbox/clock", {"days": 2}, who="li", Idempotency_Key="m")
    assert moved.status_code == 200 and len(moved.json["days"]) == 3
    again = api.call("POST", "/sandbox/clock", {"days": 2}, who="li", Idempotency_Key="m")
    assert again.json["to"] == moved.json["to"] and again.json["days"] == []
    now = datetime.fromisoformat(api.call("GET", "/sandbox/clock").json["now"])
    assert timedelta(days=2) <= now - begin < timedelta(days=2, minutes=5)
    problem(api.call("POST", "/sandbox/clock", {"to": begin.isoformat()}, who="li"), 409)
    for wrong in (
        {},
        {"days": 0},
        {"days": 401},
        {"days": "1"},
        {"to": "x"},
        {"to": "2030-01-01"},
        {"to": "9999-12-31T23:59:59+00:00"},
        {"days": 1, "to": "x"},
    ):
        problem(api.call("POST", "/sandbox/clock", wrong, who="li"), 422)


def test_real_time_is_not_moved(api: Api) -> None:
    problem(api.call("POST", "/sandbox/clock", {"days": 1}, who="li"), 403)


def test_every_route_says_who_may_call_it(api: Api) -> None:
    flask = product.create(api.app)
    routes = [rule for rule in flask.url_map.iter_rules() if rule.endpoint != "static"]
    marks = {str(rule): access_of(flask, rule.endpoint) for rule in routes}
    assert all(mark and mark.who == "key" and mark.can in keys.ACTIONS for mark in marks.values()), marks
    flask.add_url_rule("/bare", "bare", lambda: "x")
    with pytest.raises(Unmarked, match="/bare"):
        refuse_unmarked(flask)


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/", 404), ("GET", "/nope", 404), ("PUT", "/tasks", 405), ("OPTIONS", "/tasks", 405),
    ("TRACE", "/tasks", 405),
    ("POST", "/forms/client/records/1", 405), ("GET", "/forms//records", 404), ("GET", "/tasks/", 404),
])  # fmt: skip
def test_other_addresses_are_problems_too(api: Api, method: str, path: str, status: int) -> None:
    problem(api.call(method, path), status)


def test_every_answer_is_private_and_plain(api: Api) -> None:
    for answer in (api.call("GET", "/tasks"), api.call("GET", "/nope"), api.call("GET", "/tasks", who=None)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_nobody_foresaw_tells_only_a_number(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr("forms.records.find", broken)
    told = problem(api.call("GET", "/forms/client/records"), 500)
    assert "secret" not in str(told) and told["detail"].startswith("reference ")


def test_a_busy_database_asks_to_come_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.database.WRITER_SECONDS", 0.01)
    if api.app.database.dialect == "postgresql":
        pytest.skip("writers do not wait in line there")
    api.key("wang")
    api.call("GET", "/tasks")
    with api.app.database._writer:
        answer = api.call("POST", "/forms/client/records", {"name": "a"})
    assert problem(answer, 503) and answer.headers["Retry-After"] == "1"
