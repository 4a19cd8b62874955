"""The HTTP API: records, with everything a program can do wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import orjson
import psycopg
import pytest

from engine.database import Database
from forms import paging
from tests.ui.apisite import FILES, Api, opened, problem, write_app


@pytest.fixture
def api(database: Database, folder: Callable[[dict[str, str]], Path]) -> Api:
    return opened(folder(FILES), database)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def strict(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One app for all that is refused: nothing is ever written to it."""
    root = tmp_path_factory.mktemp("strict")
    url = f"sqlite:///{root}/test.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server")
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE strict_api")
        url = url.replace("/postgres?", "/strict_api?", 1)
    write_app(root / "app", FILES)
    database = Database(url)
    yield opened(root / "app", database)
    database.close()


THING = {
    "name": "螺丝", "note": "两行\n文字", "count": 3, "score": 1.125, "share": 0.8, "price": 50000.01,
    "day": "2026-03-01", "at": "2026-03-01T01:30:00Z", "hour": "09:30", "span": 90, "done": True, "grade": "a",
    "colors": ["red", "blue"], "tags": ["新"], "mail": "a@b.example", "phone": "13800138000",
    "site": "https://example.com/", "place": {"lat": 31.2, "lng": 121.5}, "dept": "east", "role": "sales",
    "answer": {"score": 0.5, "list": [1, None]}, "parts": [{"item": "帽", "qty": 2}],
}  # fmt: skip


def test_every_kind_of_field_comes_back_as_it_was_sent(api: Api) -> None:
    sent = {**THING, "person": api.person("li"), "client": api.made("client", {"name": "甲"})["id"]}
    made = api.made("thing", sent)
    read = api.call("GET", f"/forms/thing/records/{made['id']}")
    assert read.headers["ETag"] == '"1"'
    for found in (made, read.json):
        parts = [{name: one for name, one in row.items() if name != "id"} for row in found["parts"]]
        assert {**{name: found[name] for name in sent}, "parts": parts} == sent
        assert found["number"] == "T-0001" and found["created_by"] == api.person("wang")
    assert read.json["double"] == 100000.02 and read.json["title"] == f"物件 {made['id']}"


def test_created_records_say_where_they_are(api: Api) -> None:
    answer = api.call("POST", "/forms/client/records", {"name": "甲", "limit": 100})
    assert answer.status_code == 201 and answer.mimetype == "application/json"
    assert answer.headers["Location"] == f"/api/v1/forms/client/records/{answer.json['id']}"
    assert api.call("GET", answer.headers["Location"].removeprefix("/api/v1")).json["limit"] == 100


def test_what_is_read_can_be_changed_once(api: Api) -> None:
    made = api.made("client", {"name": "甲"})
    place = f"/forms/client/records/{made['id']}"
    changed = api.call("PATCH", place, {"limit": 12.5}, If_Match='"1"')
    assert changed.status_code == 200 and changed.headers["ETag"] == '"2"' and changed.json["limit"] == 12.5
    told = problem(api.call("PATCH", place, {"limit": 9}, If_Match='"1"'), 412)
    assert told["version"] == 2 and "王" in told["detail"]
    assert api.call("PATCH", place, {"limit": 9}, If_Match="*").json["version"] == 3
    problem(api.call("PATCH", place, {"limit": 1}), 428)
    problem(api.call("PATCH", place, {"limit": 1}, If_Match='W/"3"'), 412)


def test_deleting_needs_the_right_and_the_version(api: Api) -> None:
    place = f"/forms/client/records/{api.made('client', {'name': '甲'})['id']}"
    problem(api.call("DELETE", place, If_Match='"1"'), 403)
    problem(api.call("DELETE", place, who="li"), 428)
    problem(api.call("DELETE", place, who="li", If_Match='"7"'), 412)
    gone = api.call("DELETE", place, who="li", If_Match='"1"')
    assert gone.status_code == 204 and gone.data == b""
    problem(api.call("GET", place), 404)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a", "nope": 1}, "nope"),
        ({"name": "a", "limit": "12"}, "limit"),
        ({"name": "a", "limit": -1}, "limit"),
        ({"name": "a", "limit": 1.001}, "limit"),
        ({"name": "a", "limit": True}, "limit"),
        ({"name": "a", "limit": 10**30}, "limit"),
        ({"name": "a", "owner": 10**30}, "owner"),
        ({"name": "a", "owner": 99}, "owner"),
        ({"name": ["a"]}, "name"),
        ({"name": "a\u0007"}, "name"),
        ({"name": "a", "used": 1}, "used"),
        ({"name": "a", "secret": "x"}, "secret"),
        ({"name": "a", "version": 9}, "version"),
    ],
)
def test_a_wrong_field_is_named_with_words(strict: Api, sent: dict[str, object], field: str) -> None:
    told = problem(strict.call("POST", "/forms/client/records", sent), 422)
    assert told["errors"][field]
    assert strict.call("GET", "/forms/client/records?count=exact").json["count"] == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"[]", b"1", b"null", b'{"name": NaN}', b'{"name": Infinity}', b'{"name": "a", "name": "b"}',
        b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b'\xff\xfe', b'{"name": "\xff"}', b"[" * 100_000,
        b'{"limit": ' + b"9" * 5000 + b"}", b'{"name": "a"} x', b"\xef\xbb\xbf{}", b"{'name': 'a'}",
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(strict: Api, sent: bytes) -> None:
    problem(strict.call("POST", "/forms/client/records", sent), 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=gbk"]
)
def test_only_json_is_taken(strict: Api, kind: str) -> None:
    problem(strict.call("POST", "/forms/client/records", {"name": "a"}, Content_Type=kind), 415)
    problem(strict.call("POST", "/forms/client/records", {"name": "a"}, Content_Encoding="gzip"), 415)


def test_a_body_has_a_size(strict: Api) -> None:
    problem(strict.call("POST", "/forms/client/records", {"name": "a" * 1_100_000}), 413)
    problem(strict.call("POST", "/forms/client/records:batch", b" " * (9 * 1024 * 1024)), 413)


def test_hidden_unknown_and_impossible_ids_are_alike(api: Api) -> None:
    hidden = api.made("client", {"name": "乙"}, who="zhao")["id"]
    answers = [
        api.call("GET", f"/forms/client/records/{id}").data
        for id in (hidden, 999, 0, -1, "abc", "1.0", "01", "١", 2**63, 10**40, "%00", "null", "1 or 1=1")
    ]
    assert len(set(answers)) == 1
    for method in ("PATCH", "DELETE"):
        told = [
            api.call(method, f"/forms/client/records/{id}", {"limit": 1} if method == "PATCH" else None, If_Match='"1"')
            for id in (hidden, 999, "abc", 2**70)
        ]
        assert {one.status_code for one in told} == {404} and len({one.data for one in told}) == 1


def test_forms_that_may_not_be_opened_are_not_there(strict: Api) -> None:
    unknown = problem(strict.call("GET", "/forms/nothing/records"), 404)
    assert problem(strict.call("GET", "/forms/client/records", who="gu"), 404)["title"] == unknown["title"]
    problem(strict.call("POST", "/forms/client/records", {"name": "a"}, who="gu"), 404)
    problem(strict.call("GET", "/forms/thing.parts/records"), 404)


def test_rows_and_fields_are_those_of_the_person(api: Api) -> None:
    api.made("client", {"name": "甲"})
    api.made("client", {"name": "乙", "secret": "x"}, who="li")
    mine = api.call("GET", "/forms/client/records").json["records"]
    assert [one["name"] for one in mine] == ["甲"] and "secret" not in mine[0]
    every = api.call("GET", "/forms/client/records?sort=name", who="li").json["records"]
    assert [one.get("secret") for one in every] == ["x", None]
    problem(api.call("GET", "/forms/client/records?where=secret=='x'"), 403)
    problem(api.call("GET", "/forms/client/records?sort=secret"), 403)
    problem(api.call("GET", "/forms/client/records?fields=secret"), 403)


def test_a_list_is_walked_page_by_page(api: Api) -> None:
    sent = {"records": [{"name": f"客户{n:02}", "limit": n % 3} for n in range(10)]}
    made = api.call("POST", "/forms/client/records:batch", sent)
    assert made.status_code == 201 and len(made.json["ids"]) == 10
    seen, after = [], ""
    while after is not None:
        more = f"&after={after}" if after else ""
        page = api.call(
            "GET", f"/forms/client/records?sort=-limit,name&limit=3&fields=name,used&count=exact{more}"
        ).json
        assert page["count"] == 10 and page["count_is_exact"] is True
        assert set(page["records"][0]) == {"id", "version", "name", "used"}
        seen += [one["name"] for one in page["records"]]
        after = page["next"]
    assert seen == sorted((f"客户{n:02}" for n in range(10)), key=lambda name: (-(int(name[2:]) % 3), name))
    found = api.call("GET", "/forms/client/records?where=limit == 2 and name != '客户02'").json["records"]
    assert [one["name"] for one in found] == ["客户05", "客户08"]


def test_all_of_a_batch_or_none(api: Api) -> None:
    rows = [{"name": "甲"}, {"name": "乙", "limit": "x"}, {"nope": 1}]
    told = problem(api.call("POST", "/forms/client/records:batch", {"records": rows}), 422)
    assert set(told["rows"]) == {"1", "2"} and told["rows"]["1"]["limit"] and told["rows"]["2"]["nope"]
    assert api.call("GET", "/forms/client/records?count=exact").json["count"] == 0
    for wrong in ({}, {"records": []}, {"records": [1]}, {"records": {}}, {"records": [{}] * 5001}, {"rows": []}):
        problem(api.call("POST", "/forms/client/records:batch", wrong), 422)


@pytest.mark.parametrize(
    "asked",
    [
        "limit=0", "limit=501", "limit=x", "limit=1e2", "limit=", "sort=nope", "sort=deals", "fields=nope", "after=zzz",
        "after=WzFd", "where=nope == 1", "where=name", "where=1%2B", "where=" + "(" * 200, "count=all",
        "where=exec('x')", "where=name.__class__ == 1", "where=" + "a" * 5000,
    ],
)  # fmt: skip
def test_a_wrong_question_is_answered_with_words(strict: Api, asked: str) -> None:
    assert problem(strict.call("GET", f"/forms/client/records?{asked}"), 422)["errors"]


@pytest.mark.parametrize(
    "asked", ["limit=1&limit=2", "nope=1", "where=1&where=2", "WHERE=1", "search=%00", "limit[]=1"]
)
def test_unknown_and_repeated_parameters_are_refused(strict: Api, asked: str) -> None:
    problem(strict.call("GET", f"/forms/client/records?{asked}"), 400)


@pytest.mark.parametrize(
    "where",
    [
        "limit == 99999999999999999999", "limit * 99999999999999 * 9999999999999 > 1", "limit / 0 > 1",
        "sum_of(deals, amount * 999999999999 * 99999999) > 1", "len(name) > 99999999999999999999999",
        "add_days(today(), 99999999999) > today()", "add_workdays(today(), 999999999) > today()",
        "owner == 99999999999999999999999", "abs(-99999999999999999999) > 1", "contains(name, '%_')", "name == '😀'",
    ],
)  # fmt: skip
def test_what_the_database_cannot_work_out_is_no_fault_of_it(api: Api, where: str) -> None:
    client = api.made("client", {"name": "甲", "limit": 1000}, who="li")["id"]
    api.made("deal", {"client": client, "amount": 5}, who="li")
    answer = api.call("GET", f"/forms/client/records?where={quote(where)}&count=exact", who="li")
    assert answer.status_code in (200, 422), answer.text


def test_forged_cursors_are_refused_or_lead_nowhere(strict: Api) -> None:
    form = strict.app.catalog["form"]["client"]
    for values in ((10**19, 1), ("x", 1), (None, 1), (1, "x"), ({"date": "2026-01-01"}, 1), (True, None), (1, 2**63)):
        sent = orjson.dumps([paging._spec(form, ("limit",)), *values])
        after = base64.urlsafe_b64encode(sent).decode().rstrip("=")
        answer = strict.call("GET", f"/forms/client/records?sort=limit&after={after}", who="li")
        assert answer.status_code in (200, 422), (values, answer.text)


def test_a_cursor_is_only_good_for_its_own_list(api: Api) -> None:
    api.call("POST", "/forms/client/records:batch", {"records": [{"name": str(n)} for n in range(3)]})
    after = api.call("GET", "/forms/client/records?sort=name&limit=1").json["next"]
    problem(api.call("GET", f"/forms/client/records?sort=-name&after={after}"), 422)


def test_a_guard_says_what_it_adds_up(api: Api) -> None:
    client = api.made("client", {"name": "甲", "limit": 100})["id"]
    api.made("deal", {"client": client, "amount": 60})
    told = problem(api.call("POST", "/forms/deal/records", {"client": client, "amount": 60}), 422)
    assert told["guard"] == "within" and "20.00" in told["detail"]
    assert api.call("GET", f"/forms/client/records/{client}").json["used"] == 60


def test_a_post_with_a_key_is_done_once(api: Api) -> None:
    first = api.call("POST", "/forms/client/records", {"name": "甲"}, Idempotency_Key="k1")
    again = api.call("POST", "/forms/client/records", {"name": "甲"}, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201 and first.json == again.json
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    problem(api.call("POST", "/forms/client/records", {"name": "乙"}, Idempotency_Key="k1"), 422)
    other = api.call("POST", "/forms/client/records", {"name": "丙"}, who="zhao", Idempotency_Key="k1")
    assert other.status_code == 201
    problem(api.call("POST", "/forms/client/records", {}, Idempotency_Key="k2"), 422)
    assert api.call("POST", "/forms/client/records", {"name": "丁"}, Idempotency_Key="k2").status_code == 201
    for wrong in ("", "x" * 201, "käse"):
        problem(api.call("POST", "/forms/client/records", {"name": "戊"}, Idempotency_Key=wrong), 400)


def test_twice_the_same_is_a_conflict_in_words(api: Api) -> None:
    api.made("client", {"name": "甲"})
    assert problem(api.call("POST", "/forms/client/records", {"name": "甲"}), 422)["errors"]["name"]
