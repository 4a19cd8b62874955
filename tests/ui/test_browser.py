"""The pages in a real browser: no complaint, no barrier, by keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.principal import SYSTEM

from .browsing import Watch, axe_source, chromium, context, violations
from .conftest import PASSWORD, Site

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/?tab=started",
    "/apps",
    "/records/leave",
    "/records/leave/1",
    "/records/leave/new",
    "/tasks/1",
    "/instances/1",
    "/reports/overview",
    "/settings",
    "/people",
    "/sandbox",
    "/notices",
    "/me",
    "/search?q=假",
    "/nowhere",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(served: tuple[Site, str]) -> str:
    """The site with one request on its way."""
    site, url = served
    sent = {
        "kind": "annual",
        "first_day": "2031-03-03",
        "last_day": "2031-03-04",
        "reason": "回家",
        "flow": "leave_request",
    }
    assert site.browser("lin").post("/records/leave/new", sent).status_code == 303
    return url


@pytest.fixture
def window(browser: Browser, served: tuple[Site, str], address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page logged in as zhou; parametrize with (width, theme) to see it otherwise."""
    width, theme = getattr(request, "param", (1280, "light"))
    opened = context(browser, address, served[0].browser("zhou").token, width=width, theme=theme)
    yield opened.new_page()
    opened.close()


LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.parametrize("window", LOOKS, indirect=True, ids=lambda look: f"{look[0]}-{look[1]}")
def test_nothing_stands_in_anybodys_way(window, address):
    axe, watch, found = axe_source(), Watch(window, address), []
    for path in PAGES:
        window.goto(address + path)
        window.wait_for_load_state("networkidle")
        found += [f"{path} {barrier}" for barrier in violations(window, axe)]
        wide = window.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            found.append(f"{path} is {wide} pixels too wide")
    assert not found + watch.complaints, "\n".join(found + watch.complaints)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_is_open_to_all(browser, address, theme):
    opened = context(browser, address, theme=theme)
    page = opened.new_page()
    watch = Watch(page, address)
    page.goto(f"{address}/login")
    assert violations(page, axe_source()) + watch.complaints == []
    opened.close()


def test_logging_in_leads_to_what_was_asked_for(browser, address):
    opened = context(browser, address)
    page = opened.new_page()
    page.goto(f"{address}/settings")
    page.get_by_label("账号").fill("zhou")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("不正确")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/settings")
    opened.close()


def test_rows_are_walked_and_opened_by_keyboard(window, address):
    window.goto(f"{address}/records/leave")
    window.keyboard.press("j")
    expect(window.locator("tr.cur")).to_have_count(1)
    window.keyboard.press("Enter")
    expect(window).to_have_url(f"{address}/records/leave/1")


def test_the_search_opens_with_ctrl_k(window, address):
    window.goto(address)
    window.keyboard.press("Control+k")
    window.keyboard.type("请假")
    expect(window.locator("#part-found a").first).to_be_visible()
    window.keyboard.press("Escape")
    expect(window.locator("#search")).not_to_be_visible()


def test_sorting_keeps_the_page_and_writes_the_address(window, address):
    window.goto(f"{address}/records/leave")
    window.evaluate("() => { window.stays = true; }")
    window.get_by_role("link", name="天数").click()
    window.wait_for_url("**sort=-days*")
    assert window.evaluate("() => window.stays")
    window.go_back()
    expect(window).to_have_url(f"{address}/records/leave")


def test_the_theme_is_kept(window, address):
    window.goto(f"{address}/me")
    window.get_by_role("button", name="深色").click()
    window.goto(address)
    assert window.evaluate("() => document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("window", [(390, "light")], indirect=True)
def test_fingers_find_what_they_press(window, address):
    for path in ("/", "/records/leave", "/records/leave/new", "/tasks/1"):
        window.goto(address + path)
        small = window.evaluate(
            """() => [...document.querySelectorAll('.tabbar a, .btn, .iconbtn, input.inp, select.inp')]
            .filter((one) => one.offsetParent && !one.closest('dialog') && !one.matches('.btn.sm'))
            .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 90))"""
        )
        assert small == [], path


def test_a_decision_is_made_in_the_browser(browser, served, address):
    site, url = served
    sent = {"kind": "sick", "first_day": "2031-05-05", "last_day": "2031-05-05", "flow": "leave_request"}
    assert site.browser("he").post("/records/leave/new", sent).status_code == 303
    opened = context(browser, url, site.browser("zhou").token)
    page = opened.new_page()
    page.goto(url)
    page.get_by_role("link", name="何子谦").first.click()
    page.get_by_label("审批意见").fill("好好休息")
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("status").last).to_contain_text("已同意")
    with site.app.work(SYSTEM, read=True) as work:
        from forms import records

        assert records.find(work, "leave", where="status == 'approved'").total == 1
    opened.close()


def test_what_people_write_runs_nowhere(browser, served, address):
    """Names and reasons full of markup: no dialog, no violation of the policy, no element of theirs."""
    site, url = served
    marker = '<img src=x onerror="document.title=1"><script>alert(1)</script>'
    sent = {
        "kind": "personal",
        "first_day": "2031-06-01",
        "last_day": "2031-06-02",
        "reason": marker,
        "flow": "leave_request",
    }
    assert site.browser("he").post("/records/leave/new", sent).status_code == 303
    opened = context(browser, url, site.browser("zhou").token)
    page = opened.new_page()
    watch = Watch(page, url)
    page.on("dialog", lambda dialog: (watch.complaints.append("a dialog"), dialog.dismiss()))
    for path in (*PAGES, "/records/leave/3", "/tasks/3"):
        page.goto(url + path)
        assert page.locator("img").count() == 0, path
        assert page.locator("script:not([src])").count() == 0, path
    assert watch.complaints == []
    opened.close()
