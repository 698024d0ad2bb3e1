"""Debian's Chromium on pages that must stay clean: no errors, nothing from another host, nothing that the CSP stops."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import APPS, Server

MEDIA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""Drawing in three dimensions without a graphics card: each page then takes a third more CPU."""


@pytest.fixture(scope="module")
def playwright():
    """Of one module: Playwright keeps an event loop running, beside which other modules could have none."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(playwright):
    yield from _launched(playwright, "--disable-gpu")


@pytest.fixture
def chromium_3d(playwright):
    yield from _launched(playwright, *GL)


def _launched(playwright, *options):
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", *MEDIA, *options])
    yield browser
    browser.close()


class Tabs:
    """Pages of one browser, and what went wrong on any of them."""

    def __init__(self, chromium, **options):
        self.context = chromium.new_context(viewport={"width": 1200, "height": 900}, **options)
        self.context.set_default_timeout(20_000)
        self.context.grant_permissions(["clipboard-read", "clipboard-write", "camera", "microphone"])
        self.wrong: list[str] = []
        self.allowed: list[str] = []
        """Parts of messages that a test expects."""

    def open(self, url):
        page = self.context.new_page()
        host = urlsplit(url).netloc
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda message: self._said(message))
        page.on("request", lambda request: self._asked(request.url, host))
        page.goto(url)
        return page

    def _said(self, message):
        if message.type == "error" and not any(part in message.text for part in self.allowed):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, url, host):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc != host:
            self.wrong.append(f"another host: {url}")


@pytest.fixture
def tabs(chromium):
    yield from _clean_tabs(chromium)


@pytest.fixture
def tabs_3d(chromium_3d):
    yield from _clean_tabs(chromium_3d)


def _clean_tabs(browser):
    found = Tabs(browser)
    yield found
    found.context.close()
    assert not found.wrong


@pytest.fixture(scope="session")
def space(tmp_path_factory):
    server = Server(APPS / "pages.py", tmp_path_factory.mktemp("pages"), {"SPACEPORT_HEARTBEAT_S": "1"})
    yield server
    server.kill()


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def done(page, said="Done"):
    page.locator(f'[role="status"]:text-is("{said}")').first.wait_for()


def copy_link(page):
    """Copies a link with the inputs; the dialog stays open."""
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Copy link", exact=True).click()


def recent_jobs(page):
    """The section of the API view, which lists the jobs once it is near the window."""
    section = page.get_by_role("region", name="Your recent jobs")
    section.scroll_into_view_if_needed()
    return section
