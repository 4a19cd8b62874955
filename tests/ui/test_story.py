"""The main job of the credit app as its people do it, in a real browser, from two workbooks to a frozen customer."""

from __future__ import annotations

import email
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from engine import passwords, people, sessions
from engine.principal import SYSTEM
from engine.source import read
from ui import compose, serve
from ui.web import create

from .browsing import Watch, chromium, context
from .conftest import PASSWORD, Site

pytestmark = pytest.mark.browser

CREDIT = Path(__file__).parents[2] / "examples" / "credit"
PATIENCE = 30_000  # milliseconds, on a machine that is busy with other tests
LEFT = ("htmx:afterRequest", "htmx:sendAbort")  # said when one leaves a page that still looks something up
CUSTOMERS = [
    ["客户名称", "统一社会信用代码", "销售负责人", "客户联系人邮箱", "区域"],
    ["华东精工", "91310000MA4JURQ206", "林晓彤", "caiwu@huadong.example", "华东"],
    ["百利贸易", "91350100M000100Y43", "黄俊豪", "ap@baili.example", "华南"],
    ["远山电子", "91440300MA5DC1AB2G", "林晓彤", "pay@yuanshan.example", "华东"],
]
RECEIVABLES = [
    ["应收单号", "客户名称", "应收金额", "发票日期", "约定付款日"],
    ["AR-1", "华东精工", 40_000, date(2026, 10, 1), date(2026, 11, 25)],
    ["AR-2", "百利贸易", 20_000, date(2026, 10, 1), date(2026, 12, 1)],
]


class Mails:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.kept.append(message)
        return "250 OK"


@dataclass
class House:
    """The running app and a window for everybody who works with it."""

    site: Site
    url: str
    browser: Browser
    mails: Mails
    windows: dict[str, Page] = field(default_factory=dict)
    watches: list[Watch] = field(default_factory=list)

    def window(self, login: str) -> Page:
        """The window of a person, who is logged in."""
        if login not in self.windows:
            with self.site.app.work(SYSTEM) as work:
                token = sessions.open(work, self.site.person(login))
            self.windows[login] = self._opened(token)
        return self.windows[login]

    def stranger(self) -> Page:
        return self._opened("")

    def _opened(self, token: str) -> Page:
        page = context(self.browser, self.url, token).new_page()
        page.set_default_timeout(PATIENCE)
        self.watches.append(Watch(page, self.url))
        return page

    def at(self, login: str, path: str) -> Page:
        page = self.window(login)
        page.goto(self.url + path)
        return page


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    mails = Mails()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    office = Controller(mails, hostname="127.0.0.1", port=port)
    office.start()
    monkeypatch.setenv("GUIJU_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("GUIJU_SMTP_FROM", "credit@guiju.example")
    app = compose.open_app(CREDIT, f"sqlite:///{tmp_path}/story.sqlite3", sandbox=True)
    with app.work(SYSTEM) as work:
        people.load(work, read(CREDIT / "sample" / "people.yaml").value)
        passwords.set_password(work, people.principal(work, "zhou").id or 0, PASSWORD)
    flask = create(app)
    server = make_server("127.0.0.1", 0, flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    expect.set_options(timeout=PATIENCE)
    with serve.background(app), chromium() as browser:
        yield House(Site(app, flask), f"http://127.0.0.1:{server.server_port}", browser, mails)
    server.shutdown()
    thread.join()
    server.server_close()
    app.close()
    office.stop()


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("数据")
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return path


def imports(house: House, form: str, file: Path) -> Page:
    """Upload a workbook as finance and answer the page with its preview."""
    page = house.at("zhou", f"/records/{form}")
    page.get_by_role("link", name="导入", exact=True).click()
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="预览").click()
    return page


def rows(page: Page) -> Locator:
    return page.locator("#list tbody tr")


def pick(page: Page, name: str, words: str) -> None:
    """Choose a record in a field that looks while one types."""
    page.get_by_role("combobox", name=name).fill(words)
    page.get_by_role("option", name=words).first.click()


def apply(house: House, seller: str, customer: str, amount: str) -> str:
    """Submit an application for credit; answers the address of its flow."""
    page = house.at(seller, "/records/credit_application/new")
    pick(page, "申请客户", customer)
    page.get_by_label("申请授信额度").fill(amount)
    page.get_by_label("申请账期").fill("60")
    page.get_by_label("申请理由").fill("新签年度合同")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status").last).to_contain_text("已发起")
    return page.url


def open_task(house: House, login: str, words: str) -> Page:
    page = house.at(login, "/")
    page.get_by_role("link", name=words).first.click()
    return page


def agree(page: Page, opinion: str = "") -> None:
    if opinion:
        page.get_by_label("审批意见").fill(opinion)
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("status").last).to_contain_text("已同意")


def reviewed(house: House, customer: str, amount: str) -> None:
    """Finance looks first and says how much it would grant."""
    page = open_task(house, "zhou", customer)
    page.get_by_label("财务评估意见").fill("回款良好")
    page.get_by_label("批准授信额度").fill(amount)
    page.get_by_label("批准账期").fill("45")
    agree(page)


def fact(page: Page, name: str) -> Locator:
    """A value on the page of a record or a task."""
    return page.locator("dl.facts > div", has=page.get_by_text(name, exact=True)).locator("dd").first


def customer(house: House, login: str, name: str) -> Page:
    page = house.at(login, "/records/customer")
    page.get_by_role("link", name=name).first.click()
    return page


def order(house: House, amount: str) -> Page:
    page = house.at("lin", "/records/sales_order/new")
    pick(page, "客户名称", "华东精工")
    page.get_by_label("订单金额").fill(amount)
    page.get_by_role("button", name="保存").click()
    return page


def move(house: House, days: int) -> Page:
    page = house.at("qian", "/sandbox")
    page.get_by_role("button", name=f"+{days} 天", exact=True).click()
    expect(page.get_by_role("status").last).to_contain_text("时钟已移到")
    return page


def finance_imports_two_workbooks(house: House, folder: Path) -> None:
    page = house.stranger()
    page.goto(f"{house.url}/records/customer")
    page.get_by_label("账号").fill("zhou")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{house.url}/records/customer")
    house.windows["zhou"] = page

    wrong = [*CUSTOMERS[:3], ["远山电子", "91440300MA5DC1AB2G", "没有这人", "", "华东"]]
    imports(house, "customer", workbook(folder / "wrong.xlsx", wrong))
    expect(page.get_by_role("row", name="数据!C4")).to_contain_text("没有叫“没有这人”的在职人员")
    for form, data in (("customer", CUSTOMERS), ("receivable", RECEIVABLES)):
        imports(house, form, workbook(folder / f"{form}.xlsx", data))
        page.get_by_role("button", name=f"导入 {len(data) - 1} 行").click()
        expect(page.get_by_role("status").last).to_contain_text(f"新增 {len(data) - 1} 条")
        expect(rows(page)).to_have_count(len(data) - 1)


def sales_apply_for_credit(house: House) -> None:
    small = apply(house, "lin", "华东精工", "50,000.00")
    reviewed(house, "华东精工", "50000")
    agree(open_task(house, "zhao", "华东精工"))
    large = apply(house, "huang", "百利贸易", "50000.01")
    reviewed(house, "百利贸易", "50000.01")
    assert house.at("zhao", "/").get_by_role("link", name="百利贸易").count() == 0
    agree(open_task(house, "zheng", "百利贸易"), "同意")
    refused = apply(house, "lin", "远山电子", "30000")
    page = open_task(house, "zhou", "远山电子")
    page.get_by_role("button", name="驳回").click()
    expect(page.get_by_label("审批意见")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("审批意见").fill("资料不全")
    page.get_by_role("button", name="驳回").click()
    expect(page.get_by_role("status").last).to_contain_text("已驳回")
    for address, login, outcome in ((small, "lin", "已通过"), (large, "huang", "已通过"), (refused, "lin", "已拒绝")):
        page = house.window(login)
        page.goto(address)
        expect(page.locator(".head")).to_contain_text(outcome)
    for login, names in {
        "lin": ["华东精工", "远山电子"],
        "huang": ["百利贸易"],
        "xu": [one[0] for one in CUSTOMERS[1:]],
    }.items():
        page = house.at(login, "/?tab=copied")
        for name in names:
            expect(page.get_by_role("link", name=name).first).to_be_visible()
    page = customer(house, "lin", "华东精工")
    expect(fact(page, "授信额度")).to_contain_text("50,000.00")
    expect(fact(page, "批准账期")).to_contain_text("45")


def an_order_above_the_limit_is_refused(house: House) -> None:
    """10,000.00 are left of 50,000.00, because 40,000.00 are owed."""
    page = order(house, "10000.01")
    expect(page.locator("#refused")).to_contain_text("超出可用额度 0.01")
    page.get_by_role("button", name="发起超额订单审批").first.click()
    expect(page.get_by_role("status").last).to_contain_text("已发起")
    page = open_task(house, "zhou", "超额订单")
    agree(page)
    page = open_task(house, "zhao", "超额订单")
    page.get_by_role("button", name="驳回").click()
    page.get_by_label("审批意见").fill("先收款")
    page.get_by_role("button", name="驳回").click()
    expect(page.get_by_role("status").last).to_contain_text("已驳回")
    page = order(house, "9000")
    expect(page.get_by_role("status").last).to_contain_text("已保存")


def the_clock_moves_on(house: House) -> None:
    move(house, 1)
    expect(house.at("lin", "/").get_by_role("link", name="AR-1").first).to_be_visible()
    assert house.mails.kept == []
    move(house, 7)
    until(lambda: len(house.mails.kept) == 1)
    (mail,) = house.mails.kept
    assert (mail["To"], mail["Subject"]) == ("caiwu@huadong.example", "【付款提醒】AR-1 已逾期 4 天")
    assert "40,000.00" in mail.get_content()
    expect(house.at("zhou", "/notices").get_by_text("AR-1 已逾期 4 天")).to_be_visible()
    move(house, 7)
    expect(fact(customer(house, "cao", "华东精工"), "信用状态")).to_contain_text("正常")
    move(house, 3)
    move(house, 1)
    page = move(house, 1)
    expect(page.locator("main")).to_contain_text("逾期观察，风控高级催收 × 1")
    expect(fact(customer(house, "cao", "华东精工"), "信用状态")).to_contain_text("逾期观察")
    expect(house.at("cao", "/").get_by_role("link", name="AR-1").first).to_be_visible()


def until(true: Any) -> None:
    """Wait for what happens outside the browser."""
    for _ in range(300):
        if true():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it never came")


def the_cockpit_tells_everybody_their_own(house: House) -> None:
    for login, total, numbers in (("zheng", "6万", {"AR-1", "AR-2"}), ("lin", "4万", {"AR-1"})):
        page = house.at(login, "/reports/cockpit")
        widget = page.locator("section", has=page.get_by_role("heading", name="逾期金额", exact=True))
        expect(widget).to_contain_text(total)
        widget.get_by_role("link").first.click()
        expect(rows(page)).to_have_count(len(numbers))
        for number in numbers:
            expect(rows(page).filter(has_text=number)).to_have_count(1)
    hidden = house.window("huang").goto(f"{house.url}/records/receivable/1")
    assert hidden is not None
    assert hidden.status == 404


def the_admin_turns_fifteen_days_into_ten(house: House) -> None:
    """AR-2 is ten days late today: tomorrow is more than ten, and less than fifteen."""
    expect(fact(customer(house, "cao", "百利贸易"), "信用状态")).to_contain_text("正常")
    page = house.at("qian", "/settings?group=催收")
    box = page.locator("#knob-watch_after_days input[name=watch_after_days]")
    expect(box).to_have_value("15")
    box.fill("10")
    page.get_by_role("button", name="保存改动").click()
    expect(page.get_by_role("status").last).to_contain_text("已保存 1 项")
    move(house, 1)
    expect(fact(customer(house, "cao", "百利贸易"), "信用状态")).to_contain_text("逾期观察")


def credit_is_frozen_until_it_is_paid(house: House) -> None:
    move(house, 15)
    expect(fact(customer(house, "cao", "华东精工"), "信用状态")).to_contain_text("冻结")
    page = order(house, "1")
    expect(page.get_by_role("alert")).to_contain_text("客户信用已冻结")
    page = house.at("zhou", "/records/payment/new")
    pick(page, "核销应收", "AR-1")
    page.get_by_label("回款金额").fill("40000")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").last).to_contain_text("已保存")
    for login in ("lin", "cao"):
        expect(house.at(login, "/").locator("h1, .tabs").first).to_be_visible()
        expect(house.window(login).get_by_role("link", name="AR-1")).to_have_count(0)
    expect(fact(customer(house, "cao", "华东精工"), "信用状态")).to_contain_text("正常")
    expect(order(house, "1").get_by_role("status").last).to_contain_text("已保存")


def test_the_main_job(house: House, tmp_path: Path) -> None:
    finance_imports_two_workbooks(house, tmp_path)
    sales_apply_for_credit(house)
    an_order_above_the_limit_is_refused(house)
    the_clock_moves_on(house)
    the_cockpit_tells_everybody_their_own(house)
    the_admin_turns_fifteen_days_into_ten(house)
    credit_is_frozen_until_it_is_paid(house)
    complaints = [complaint for watch in house.watches for complaint in watch.complaints]
    assert [one for one in complaints if not one.startswith(LEFT)] == []
