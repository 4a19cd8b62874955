"""Pictures of the credit app with its sample data, into docs/screenshots: `python -m tests.ui.screenshots`."""

from __future__ import annotations

import sys
import tempfile
import threading
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from engine import people, sandbox, sessions
from engine.app import App
from engine.events import Cause
from engine.principal import SYSTEM
from flows import instances
from forms import records
from tests.ui import pictures
from tests.ui.browsing import chromium, context
from ui import compose, sample
from ui.web import create

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs" / "screenshots"
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light")]
PHONE = ("home", "record", "cockpit")
DARK = ("cockpit",)

REASON = "中标新桥机场分拣线项目，四季度每月采购由 22 万增至 40 万，现有额度不足以覆盖两个月账期。"


def prepared(folder: Path) -> App:
    """The app with its sample, a few applications on their way, and one day gone by."""
    app = compose.open_app(ROOT / "examples" / "credit", f"sqlite:///{folder}/shots.sqlite3", sandbox=True)
    sample.load_sample(app, ROOT / "examples" / "credit")
    with app.work(SYSTEM, read=True) as work:
        seller, admin = people.principal(work, "lin"), people.principal(work, "qian")
    with app.work(seller, read=True) as work:
        mine = [one.id for one in records.find(work, "customer", sort="-used_limit", limit=6, count="none").rows]
    for number, amount in enumerate(("800000.00", "50000.00", "50000.01", "300000.00", "120000.00")):
        values = {"customer": mine[number % len(mine)], "amount": Decimal(amount), "term": 60, "reason": REASON}
        with app.work(seller, cause=Cause("page", "screenshots")) as work:
            instances.start(work, "credit_application", None, starter=seller, values=values)
    sandbox.move(app, admin, days=1)
    return app


def token(app: App, login: str) -> str:
    with app.work(SYSTEM) as work:
        found = people.find(work, login)
        assert found is not None
        return sessions.open(work, found.id)


def first(app: App, form: str, sort: str) -> int:
    with app.work(SYSTEM, read=True) as work:
        return records.find(work, form, sort=sort, limit=1, count="none").rows[0].id


def refused_order(page: Page) -> None:
    """Fill in an order that goes far over the limit and try to save it."""
    page.get_by_role("combobox", name="客户名称").fill("hf")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_label("订单金额").fill("5280000")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").wait_for()


def wrong_workbook(page: Page) -> None:
    """Preview a file with wrong cells."""
    lines = [
        "客户名称,统一社会信用代码,销售负责人,注册资本",
        "华东精工机械有限公司,91310000MA4JURQ206,林晓彤,5000000",
        "百利贸易有限公司,91350100M000100Y43,林小彤,一千万",
        "远山电子有限公司,91440300MA5DC1AB2G,黄俊豪,-1",
    ]
    page.locator("#file").set_input_files(
        {"name": "新客户.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    page.get_by_role("button", name="预览").click()
    page.get_by_role("table").first.wait_for()


def moved(page: Page) -> None:
    """Let two days go by."""
    page.get_by_label("或拨到").wait_for()
    day = page.get_by_label("或拨到").input_value()
    page.get_by_label("或拨到").fill(f"{day[:8]}{int(day[8:10]) + 2:02}{day[10:]}")
    page.get_by_role("button", name="拨到这里").click()
    page.get_by_role("status").last.wait_for()


def shoot(browser: Browser, app: App, url: str) -> None:
    customer = first(app, "customer", "-overdue_amount")
    screens = {
        "home": ("zhou", "/", None),
        "list": ("zhou", "/records/receivable?view=overdue", None),
        "record": ("zhou", f"/records/customer/{customer}", None),
        "approval": ("zhou", "/tasks/1", None),
        "cockpit": ("zheng", "/reports/cockpit", None),
        "form": ("lin", "/records/sales_order/new", refused_order),
        "settings": ("qian", "/settings?group=催收", None),
        "sandbox": ("qian", "/sandbox", moved),
        "import": ("zhou", "/records/customer/import", wrong_workbook),
    }
    canvas = browser.new_page()
    for login in dict.fromkeys(login for login, _, _ in screens.values()):
        kept = token(app, login)
        for width, theme in LOOKS:
            opened = context(browser, url, kept, width=width, theme=theme)
            page = opened.new_page()
            for name, (who, path, act) in screens.items():
                if who != login or (theme == "dark" and name not in DARK) or (width < 600 and name not in PHONE):
                    continue
                page.goto(url + path)
                page.wait_for_load_state("networkidle")
                if act is not None:
                    act(page)
                pictures.keep(page, canvas, OUT / f"{name}-{width}{'-dark' if theme == 'dark' else ''}.png")
                sys.stdout.write(f"{name}-{width}-{theme}\n")
            opened.close()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = prepared(Path(folder))
        server = make_server("127.0.0.1", 0, create(app), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium() as browser:
            shoot(browser, app, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        app.close()


if __name__ == "__main__":
    main()
