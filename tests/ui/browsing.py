"""Debian's Chromium, driven by Playwright, and axe for what assistive technology would stumble over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ui import assets

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
SIZES = {1280: 900, 390: 844}
AXE = Path(assets.FRONTEND) / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def axe_source() -> str:
    if not AXE.exists():
        assets.build(force=True)
    return AXE.read_text(encoding="utf-8")


def context(browser: Browser, url: str, token: str = "", *, width: int = 1280, theme: str = "light") -> BrowserContext:
    """A window that is logged in; it fails on anything it would have to fetch from elsewhere."""
    found = browser.new_context(
        viewport={"width": width, "height": SIZES.get(width, 900)},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=width < 600,
        reduced_motion="reduce",
    )
    cookies = [{"name": "theme", "value": theme, "url": url}]
    if token:
        cookies.append({"name": "sid", "value": token, "url": url})
    found.add_cookies(cookies)  # type: ignore[arg-type]
    found.route(lambda address: not address.startswith((url, "data:")), lambda route: route.abort())
    return found


class Watch:
    """What a page complained of: scripts, policy, requests that went elsewhere."""

    def __init__(self, page: Page, url: str) -> None:
        self.complaints: list[str] = []
        page.on("console", lambda said: self._console(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda sent: self._request(sent.url, url))

    def _console(self, kind: str, words: str) -> None:
        if kind in ("error", "warning") and "status of 4" not in words:
            self.complaints.append(words)

    def _request(self, address: str, url: str) -> None:
        if not address.startswith((url, "data:")):
            self.complaints.append(f"asked for {address}")


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds on the page, in one line each."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
