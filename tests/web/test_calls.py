"""Calls on a Space's page: streams, queues, progress, cancel, errors, state, examples, links, lines that drop."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading

import pytest

from tests.conftest import APPS, ROOT, Server
from tests.web.conftest import copy_link, done, run


def opened(tabs, space, query):
    page = tabs.open(f"{space.url}/?{query}")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def outcome(page):
    return page.locator(".outputs .output").first


def test_a_stream_is_shown_as_it_comes(tabs, space):
    page = opened(tabs, space, "endpoint=spell&text=%22abcdefgh%22&seconds=0.1")
    page.evaluate(
        """() => {
          window.shown = new Set();
          new MutationObserver(() => window.shown.add(document.querySelector(".text-value")?.textContent))
            .observe(document.querySelector(".outputs"), { subtree: true, childList: true, characterData: true });
        }"""
    )
    run(page)
    done(page)
    shown = [one for one in page.evaluate("() => [...window.shown]") if one]
    assert len(shown) >= 4
    assert shown[-1] == "abcdefgh"
    assert all("abcdefgh".startswith(one) for one in shown)


def test_progress_and_the_queue_in_two_tabs(tabs, space):
    first = opened(tabs, space, "endpoint=slow&seconds=3")
    second = opened(tabs, space, "endpoint=slow&seconds=0.2")
    run(first)
    first.locator('[role="status"]:text-is("Running")').wait_for()
    run(second)
    second.locator('[role="status"]:text-is("Next in the queue")').wait_for()
    first.get_by_text("counting").wait_for()
    assert "of 30" in first.locator(".step small").inner_text()
    done(first)
    done(second)
    assert "waited 0.2 s" in outcome(second).inner_text()


def test_cancel(tabs, space):
    page = opened(tabs, space, "endpoint=slow&seconds=60")
    run(page)
    page.locator('[role="status"]:text-is("Running")').wait_for()
    page.get_by_role("button", name="Cancel").click()
    done(page, "Cancelled")
    page.get_by_role("button", name="Run", exact=True).wait_for()


def test_errors_and_messages(tabs, space):
    page = opened(tabs, space, "endpoint=fail&how=%22error%22")
    run(page)
    done(page, "Failed")
    alert = page.get_by_role("alert")
    assert "Printer" in alert.inner_text()
    assert "No more paper." in alert.inner_text()
    toast = page.locator(".toast")
    assert "This will fail." in toast.inner_text()
    toast.get_by_role("button", name="Close").click()
    assert page.locator(".toast").count() == 0
    page = opened(tabs, space, "endpoint=fail&how=%22else%22")
    run(page)
    done(page, "Failed")
    assert "secret" not in page.get_by_role("alert").inner_text()


def test_a_session_keeps_its_state(tabs, space):
    page = opened(tabs, space, "endpoint=count")
    for expected in ("1", "2", "3"):
        run(page)
        done(page)
        page.locator(".outputs .figure", has_text=expected).wait_for()


def test_what_is_needed_is_said(tabs, space):
    page = opened(tabs, space, "endpoint=echo_number")
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    assert "Still needed: Number" in page.locator(".inputs").inner_text()


def test_examples_and_links(tabs, space):
    page = opened(tabs, space, "endpoint=repeat")
    page.get_by_role("button", name="Use example 2").click()
    run(page)
    done(page)
    assert "good morning good morning good morning" in outcome(page).inner_text()
    copy_link(page)
    page.get_by_role("button", name="Link copied").wait_for()
    link = page.evaluate("() => navigator.clipboard.readText()")
    other = tabs.open(link)
    run(other)
    done(other)
    assert "good morning good morning good morning" in outcome(other).inner_text()


def test_tabs_with_the_keyboard(tabs, space):
    page = opened(tabs, space, "endpoint=echo_textbox")
    page.get_by_role("tab", name="echo textbox").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="echo number").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    done(page)
    assert "by hand" in outcome(page).inner_text()


class Cutter:
    """A proxy that can cut all its lines."""

    def __init__(self, port):
        self._target = port
        self._lines = []
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, sock=self._socket), self._loop).result()

    async def _serve(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._lines += [writer, back]

        async def copy(source, sink):
            try:
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            sink.close()

        await asyncio.gather(copy(reader, back), copy(there, writer))

    def cut(self):
        def close():
            for line in self._lines:
                line.transport.abort()
            self._lines.clear()

        self._loop.call_soon_threadsafe(close)


def test_a_dropped_line_is_taken_up_again(tabs, space):
    between = Cutter(space.port)
    tabs.allowed.append("net::ERR")
    page = tabs.open(f"http://127.0.0.1:{between.port}/?endpoint=spell&text=%22abcdefghijklmno%22&seconds=0.2")
    run(page)
    page.locator(".text-value", has_text="abc").wait_for()
    between.cut()
    done(page)
    assert outcome(page).locator(".text-value").inner_text() == "abcdefghijklmno"


def test_login(tabs, tmp_path):
    command = [sys.executable, APPS / "login.py", tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    tabs.allowed += ["401", "400"]
    try:
        page = tabs.open(re.search(r"http://[\d.:]+", process.stdout.readline())[0])
        page.get_by_text("Please log in").wait_for()
        assert page.locator("link[as=fetch]").count() == 0  # nothing can be read yet
        assert "<main" not in page.request.get(page.url).text()
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("Password").fill("secret")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Run", exact=True).wait_for()
        assert page.get_by_role("link", name="Log out ann").count() == 1
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def eliza(tmp_path_factory):
    server = Server(ROOT / "examples" / "chat.py", tmp_path_factory.mktemp("chat"), {})
    yield server
    server.kill()


def test_a_chat(tabs, eliza):
    page = tabs.open(eliza.url)
    box = page.get_by_role("textbox", name="Message")
    box.fill("I need a holiday")
    box.press("Enter")
    page.locator(".chat .theirs", has_text="Why do you need a holiday?").wait_for()
    page.get_by_role("button", name="Send").wait_for()
    box.fill("I need a holiday")
    box.press("Enter")
    page.locator(".chat .theirs", has_text="You have said that before.").wait_for()
    assert page.locator(".chat .mine").count() == 2


def test_a_page_takes_ten_requests_at_most(tabs, space):
    page = tabs.context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{space.url}/?endpoint=repeat")
    page.get_by_text("Has examples.").wait_for()  # its Markdown comes last
    assert len(asked) <= 10, asked
