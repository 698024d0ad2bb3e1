"""How an author's theme looks: accent, emoji, default and variables; and the Space as an element of another page."""

from __future__ import annotations

import http.server
import threading

import pytest

from tests.conftest import APPS, Server


@pytest.fixture(scope="module")
def parrot(tmp_path_factory):
    server = Server(APPS / "page_parrot.py", tmp_path_factory.mktemp("parrot"), {})
    yield server
    server.kill()


def style(page, selector, name):
    return page.locator(selector).first.evaluate(f"(one) => getComputedStyle(one).getPropertyValue('{name}')")


def test_the_authors_theme(tabs, parrot):
    page = tabs.open(parrot.url)
    page.get_by_role("textbox", name="Message").wait_for()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert style(page, "button.round", "background-color") == "rgb(14, 116, 144)"
    assert style(page, "html", "--radius").strip() == "4px"
    assert "%F0%9F%A6%9C" in page.locator("link[rel=icon]").get_attribute("href")  # the parrot
    assert page.locator("header").get_by_text("🦜").count() == 1
    page.get_by_role("button", name="Dark or light").click()
    page.reload()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "light"  # the visitor's choice wins


class _Page(http.server.BaseHTTPRequestHandler):
    body = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.body)

    def log_request(self, *_):
        pass


def test_the_element_in_a_page_of_another_origin(chromium, space):
    source = (
        f'<!doctype html><script type="module" src="{space.url}/--spaceport/embed.js"></script>'
        f'<spaceport-space src="{space.url}/" endpoint="repeat" theme="dark"></spaceport-space>'
    )
    handler = type("Handler", (_Page,), {"body": source.encode()})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(viewport={"width": 600, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        frame = page.frame_locator("spaceport-space >> iframe")
        frame.get_by_label("Times").wait_for()
        assert frame.locator("header").count() == 0
        assert frame.locator("html").get_attribute("data-theme") == "dark"
        frame.get_by_label("Text", exact=True).fill("inside")
        frame.get_by_role("button", name="Run", exact=True).click()
        frame.locator(".outputs .text-value", has_text="inside inside").wait_for()
        page.wait_for_function(
            "() => document.querySelector('spaceport-space').shadowRoot.querySelector('iframe').offsetHeight > 520"
        )
    finally:
        context.close()
        server.shutdown()
        server.server_close()
