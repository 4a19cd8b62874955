"""Who is let in: marked routes, sessions, foreign writes, headers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Blueprint

from engine import sessions
from ui.web import create
from ui.web.access import Unmarked, access, access_of, refuse_unmarked
from ui.web.back import own_page

SNAPSHOT = Path(__file__).parent / "headers.json"


def paths(site, *, method="GET"):
    """An address for every route, with ids that exist where they can."""
    given = {"form": "leave", "id": "1", "report": "overview", "name": "none.js"}
    for rule in site.flask.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            yield (
                rule,
                site.flask.url_map.bind("localhost").build(
                    rule.endpoint, {name: given[name] for name in rule.arguments if name in given}, method=method
                ),
            )


def test_every_route_says_who_may_call_it(site):
    assert all(access_of(site.flask, rule.endpoint) for rule in site.flask.url_map.iter_rules())


def test_a_route_without_a_mark_stops_the_start(site):
    bare = Blueprint("bare", __name__)
    bare.add_url_rule("/bare", view_func=lambda: "open")
    site.flask._got_first_request = False
    site.flask.register_blueprint(bare)
    with pytest.raises(Unmarked, match="/bare"):
        refuse_unmarked(site.flask)


def test_a_kind_of_caller_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="anybody"):
        access("anybody")


def test_public_routes_are_these_alone(site):
    public = {
        rule.rule for rule in site.flask.url_map.iter_rules() if access_of(site.flask, rule.endpoint).who == "public"
    }
    assert {path for path in public if not path.startswith("/api/")} == {
        "/login",
        "/locale",
        "/static/<name>",
        "/favicon.ico",
    }


def test_nobody_sees_a_page_without_a_session(site):
    for rule, path in paths(site):
        if access_of(site.flask, rule.endpoint).who != "person":
            continue
        answer = site.browser().get(path)
        assert answer.status_code == 303 and answer.location.startswith("/login"), path


def test_htmx_is_told_to_log_in(site):
    answer = site.browser().get("/search?q=x", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


@pytest.mark.parametrize("path", ["/settings", "/people", "/sandbox"])
def test_staff_may_not_administer(site, path):
    assert site.browser("lin").get(path).status_code == 403
    assert site.browser("zhou").get(path).status_code == 200


@pytest.mark.parametrize(
    "trick",
    [
        "/settings?/static/x",
        "//settings",
        "/settings;/static/x",
        "/SETTINGS",
        "/settings.",
        "/settings/%2e%2e/settings",
        "/login/../settings",
    ],
)
def test_tricks_with_the_address_open_nothing(site, trick):
    answer = site.browser("lin").client.open(trick, headers={"X-Original-URL": "/login", "X-Rewrite-URL": "/login"})
    assert answer.status_code in (308, 403, 404), trick


def test_the_method_cannot_be_overridden(site):
    answer = site.browser("lin").get("/logout", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405


def unsafe(site):
    return [path for rule, path in paths(site, method="POST") if access_of(site.flask, rule.endpoint).who == "person"]


def test_a_write_without_a_token_is_refused(site):
    browser = site.browser("zhou")
    for path in unsafe(site):
        answer = browser.client.post(path, data={}, headers={"Origin": "http://localhost"})
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
    ],
)
def test_a_write_from_elsewhere_is_refused(site, headers):
    answer = site.browser("zhou").post("/logout", headers=headers)
    assert answer.status_code == 403


def test_a_write_that_hides_its_origin_is_refused(site):
    browser = site.browser("zhou")
    answer = browser.client.post("/logout", data={"csrf": sessions.form_token(browser.token)})
    assert answer.status_code == 403


def test_a_token_of_another_session_is_refused(site):
    browser, other = site.browser("zhou"), site.browser("lin")
    answer = browser.post("/logout", {"csrf": sessions.form_token(other.token)})
    assert answer.status_code == 403


def test_a_body_that_a_form_cannot_send_without_asking_is_refused(site):
    browser = site.browser("zhou")
    token = sessions.form_token(browser.token)
    answer = browser.client.post(
        "/logout", data=f"csrf={token}", content_type="text/plain", headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 403


def test_a_session_ends_with_the_logout(site):
    browser = site.browser("zhou")
    answer = browser.post("/logout")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"]
    browser.client.set_cookie("sid", browser.token)
    assert browser.get("/").status_code == 303


def test_every_answer_carries_the_headers(site):
    wanted = json.loads(SNAPSHOT.read_text())
    browser = site.browser("zhou")
    for rule, path in paths(site):
        headers = browser.get(path).headers
        found = {name: headers.get(name) for name in wanted}
        if rule.endpoint.startswith("static."):
            wanted_here = {**wanted, "Cache-Control": found["Cache-Control"], "Vary": found["Vary"]}
        else:
            wanted_here = wanted
        assert found == wanted_here, path


def test_tls_brings_strict_transport_and_a_bound_cookie(site):
    client = site.flask.test_client()
    answer = client.get("/login", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-visitor=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "evil.example",
        "",
        "/login",
        "/nowhere",
        "/static/x",
    ],
)
def test_only_own_pages_are_gone_back_to(site, target):
    with site.flask.test_request_context():
        assert own_page(target) is None


@pytest.mark.parametrize("target", ["/", "/settings", "/records/leave?view=mine&sort=-days", "/tasks/7"])
def test_own_pages_are_gone_back_to(site, target):
    with site.flask.test_request_context():
        assert own_page(target) == target


def test_proxies_are_trusted_only_when_told(site):
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
    assert "Strict-Transport-Security" not in site.flask.test_client().get("/login", headers=told).headers
    behind = create(site.app, proxies=1)
    assert "Strict-Transport-Security" in behind.test_client().get("/login", headers=told).headers
