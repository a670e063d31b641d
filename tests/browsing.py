"""What the tests in a browser share: a watch over a page, axe, and the packages of tests/web."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page
    from playwright.sync_api import Request as BrowserRequest

WEB = Path(__file__).parent / "web"
# Where the tests stand that a page must pass; best practices are axe's own, beyond WCAG.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def packages() -> Path:
    """Return the folder of the packages of tests/web."""
    folder = WEB / "node_modules"
    if not folder.exists():
        pytest.skip("the packages of tests/web are not installed: make test, or npm ci --prefix tests/web")
    return folder


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, each with the elements that it finds it in."""
    page.evaluate((packages() / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules}).then(({violations}) => violations)", _RULES)
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found]


def overflowing(page: Page) -> list[str]:
    """Return the elements that reach past the right edge of the window, unless a box of their own scrolls them."""
    return cast(
        "list[str]",
        page.locator("body *:not(.unseen)").evaluate_all(
            """all => all.filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5
              && !element.closest('pre, .wide')).map((element) => element.outerHTML.slice(0, 200))"""
        ),
    )


class Watch:
    """What a page must never do: complain in the console, break its policy, ask a foreign host."""

    def __init__(self, page: Page, *hosts: str) -> None:
        """Start to listen; requests may go to ``hosts`` alone. A policy's violations are console errors too."""
        self.page = page
        self.hosts = (*hosts, "data:", "blob:")
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _request(self, request: BrowserRequest) -> None:
        self.requests.append(request.url)
        if not request.url.startswith(self.hosts):
            self.complaints.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)
