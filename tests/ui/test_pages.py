"""The pages as people use them, on the leave app, through the test client."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import text

from engine.principal import SYSTEM
from forms import records

from .test_gate import paths


def everything(site):
    """A digest of all rows but those of sessions, which are touched by looking."""
    digest = hashlib.sha256()
    with site.app.database.read() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).scalars()
        for name in [name for name in names if not name.startswith("g_session")]:
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).all()
            digest.update(repr((name, sorted(map(repr, rows)))).encode())
    return digest.hexdigest()


def test_looking_changes_nothing(site, leave):
    before = everything(site)
    for login in ("zhou", "lin"):
        browser = site.browser(login)
        for _, path in paths(site):
            assert browser.get(path).status_code < 500, path
    assert everything(site) == before


def test_every_page_opens(site, leave):
    browser = site.browser("zhou")
    wanted = [
        "/",
        "/?tab=done",
        "/?tab=started",
        "/?tab=copied",
        "/apps",
        "/records/leave",
        "/records/leave/1",
        "/tasks/1",
        "/instances/1",
        "/reports/overview",
        "/settings",
        "/people",
        "/people?login=lin",
        "/sandbox",
        "/notices",
        "/me",
        "/search?q=假",
    ]
    for path in wanted:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text[-800:])


def test_a_request_goes_through_its_approval(site, leave):
    zhou, lin = site.browser("zhou"), site.browser("lin")
    assert "林晓彤" in zhou.get("/").text
    assert "直属上级" in zhou.get("/tasks/1").text
    answer = zhou.post("/tasks/1", {"do": "approve", "opinion": "路上小心", "key": "k1", "version": "1"})
    assert answer.status_code == 303, answer.text
    assert "路上小心" in lin.get("/instances/1").text
    assert "已批准" in lin.get("/records/leave/1").text


def test_a_second_click_is_the_first_answer(site, leave):
    zhou = site.browser("zhou")
    sent = {"do": "approve", "key": "same", "version": "1"}
    assert [zhou.post("/tasks/1", sent).status_code for _ in range(2)] == [303, 303]


def test_who_is_slower_sees_who_was_faster(site, leave):
    zhou = site.browser("zhou")
    zhou.post("/tasks/1", {"do": "approve", "key": "one"})
    answer = zhou.post("/tasks/1", {"do": "reject", "opinion": "不行", "key": "two"})
    assert answer.status_code == 409
    assert "周文博" in answer.text


def test_a_task_of_others_is_refused(site, leave):
    assert site.browser("he").get("/tasks/1").status_code == 403
    assert site.browser("he").post("/tasks/1", {"do": "approve"}).status_code == 403


def test_many_are_approved_at_once(site, leave):
    answer = site.browser("zhou").post("/tasks/batch", {"task": "1", "key": "k"})
    assert answer.status_code == 303
    assert "都处理完了" in site.browser("zhou").get("/").text


def test_what_is_missing_stands_beside_its_field(site):
    answer = site.browser("lin").post(
        "/records/leave/new", {"kind": "", "first_day": "2031-03-03", "last_day": "2031-03-01"}
    )
    assert answer.status_code == 422
    assert 'id="in-kind-msg"' in answer.text
    assert 'href="#in-kind"' in answer.text
    assert "2031-03-01" in answer.text, "what was typed is still there"


def test_a_record_of_others_is_not_there(site, leave):
    he = site.browser("he")
    assert he.get("/records/leave/1").status_code == 404
    assert he.get("/records/leave/1/edit").status_code == 404
    assert he.post("/records/leave/1/edit", {"reason": "x", "version": "1"}).status_code == 404


def test_fields_of_the_system_cannot_be_posted(site):
    sent = {
        "kind": "annual",
        "first_day": "2031-03-03",
        "last_day": "2031-03-04",
        "status": "approved",
        "applicant": "1",
        "id": "9",
        "version": "7",
        "created_by": "1",
    }
    assert site.browser("lin").post("/records/leave/new", sent).status_code == 303
    with site.app.work(SYSTEM, read=True) as work:
        kept = records.get(work, "leave", 1)
    assert kept["status"] is None, "only the flow writes it"
    assert kept["applicant"] == site.person("lin")


def test_a_stale_version_shows_both_values(site):
    lin = site.browser("lin")
    lin.post(
        "/records/leave/new", {"kind": "annual", "first_day": "2031-03-03", "last_day": "2031-03-04", "reason": "回家"}
    )
    lin.post("/records/leave/1/edit", {"reason": "搬家", "version": "1"})
    answer = lin.post("/records/leave/1/edit", {"reason": "旅行", "version": "1"})
    assert answer.status_code == 409
    assert "旅行" in answer.text and "搬家" in answer.text


BAD = ["abc", "0", "-1", "1e3", "9" * 30, "1.0", "%00", "１", "NaN", "1'--", "../1", "1%20or%201=1"]


@pytest.mark.parametrize("id", BAD)
def test_an_id_that_is_none_is_not_found(site, leave, id):
    zhou = site.browser("zhou")
    for path in (
        f"/records/leave/{id}",
        f"/tasks/{id}",
        f"/instances/{id}",
        f"/files/{id}",
        f"/records/leave/{id}/edit",
    ):
        assert zhou.get(path).status_code == 404, path
    for path in (f"/tasks/{id}", f"/instances/{id}", f"/notices/{id}", f"/records/leave/{id}/delete"):
        assert zhou.post(path, {"do": "approve"}).status_code in (303, 404, 422), path


@pytest.mark.parametrize(
    "query",
    [
        "view=none",
        "sort=nothing",
        "sort=-days,nothing",
        "after=%00",
        "after=AAAA",
        "where=1",
        "where=__import__('os')",
        "where=days+%3E",
        "where=" + "a" * 5000,
        "f.days.min=NaN",
        "f.days.min=1e400",
        "f.days.min=Infinity",
        "f.first_day.min=2031-13-01",
        "f.kind=nothing",
        "f.applicant=x",
        "f.applicant=" + "9" * 40,
        "sort=days&sort=kind",
        "q=a&q=b",
        "cols=nothing",
        "q=%25%5F%5C",
        "where=%00",
    ],
)
def test_a_list_answers_whatever_it_is_asked(site, leave, query):
    answer = site.browser("zhou").get(f"/records/leave?{query}")
    assert answer.status_code in (200, 422), answer.text[-500:]


@pytest.mark.parametrize(
    "sent",
    [
        {"days": "1e9"},
        {"days": "-1"},
        {"to": "x"},
        {"to": "9999-12-31T00:00"},
        {"days": "1", "to": "2031-01-01T00:00"},
        {},
    ],
)
def test_the_clock_answers_whatever_it_is_told(site, sent):
    assert site.browser("zhou").post("/sandbox", sent).status_code in (403, 409, 422)


@pytest.mark.parametrize(
    "path",
    ["/reports/overview?period=x", "/reports/overview?as_of=x", "/reports/overview?as_of=9999-01-01", "/reports/none"],
)
def test_a_report_answers_whatever_it_is_asked(site, path):
    assert site.browser("zhou").get(path).status_code in (200, 404, 422)


def test_a_mistyped_setting_changes_nothing(site):
    assert site.browser("zhou").post("/settings", {"nothing": "1"}).status_code == 303


MARKERS = [
    '<img src=x onerror="alert(1)">',
    '"><svg/onload=alert(1)>',
    "{{7*7}}",
    "{% for c in [].__class__ %}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("marker", MARKERS)
def test_what_people_write_is_text_on_every_page(site, marker):
    from engine import people

    with site.app.work(SYSTEM) as work:
        people.load(work, {"people": {"lin": {"name": marker, "roles": ["staff"], "superior": "zhou"}}})
    lin = site.browser("lin")
    sent = {
        "kind": "annual",
        "first_day": "2031-03-03",
        "last_day": "2031-03-04",
        "reason": marker,
        "flow": "leave_request",
    }
    assert lin.post("/records/leave/new", sent).status_code == 303
    zhou = site.browser("zhou")
    for path in (
        "/",
        "/records/leave",
        "/records/leave/1",
        "/tasks/1",
        "/instances/1",
        "/notices",
        "/people",
        "/me",
        "/search?q=annual",
    ):
        for browser in (zhou, lin):
            page = browser.get(path).text
            assert "<img src=x" not in page, path
            assert "<svg/onload" not in page, path
            assert 'href="javascript:' not in page, path
            if "7*7" in marker:
                assert ">49<" not in page, path


def test_an_unforeseen_error_tells_a_number_and_nothing_else(site, monkeypatch):
    from ui.web.pages import me

    monkeypatch.setattr(me, "position", lambda *_: 1 / 0)
    answer = site.browser("zhou").get("/me")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "division" not in answer.text


def test_the_language_is_a_choice_of_the_browser(site):
    zhou = site.browser("zhou")
    assert "我的待办" in zhou.get("/").text
    assert zhou.post("/locale", {"locale": "en", "back": "/settings"}).location == "/settings"
    assert "My tasks" in zhou.get("/").text


def test_built_files_are_kept_for_ever_and_sent_packed(site):
    from ui.assets import file_of

    browser = site.browser()
    answer = browser.get(f"/static/{file_of('app.js')}", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert browser.get("/static/icons.json").status_code == 404
    assert browser.get("/static/manifest.json").status_code == 404
