"""The flows of a Space's page in Debian's Firefox; tests in Chromium have the details."""

from __future__ import annotations

import json

import pytest

from tests.conftest import APPS, ROOT, Server
from tests.web.firefox import Firefox

UPLOAD_BYTES = 150_000_000


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    found = Firefox(tmp_path_factory.mktemp("firefox"))
    yield found
    found.close()
    assert not [one for one in found.errors if "NetworkError" not in one]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    server = Server(APPS / "pages.py", tmp_path_factory.mktemp("pages"), {"SPACEPORT_HEARTBEAT_S": "1"})
    yield server
    server.kill()


@pytest.fixture
def opened(firefox, space):
    """Opens the page of an endpoint."""
    pages = []

    def opened(query):
        page = firefox.open(f"{space.url}/?{query}")
        pages.append(page)
        page.find("button", "Run")
        return page

    yield opened
    for page in pages:
        page.close()


def test_a_first_call_from_a_deep_link(opened):
    page = opened("endpoint=repeat&text=%22hello%22&times=3")
    page.click("button", "Run")
    page.status("Done")
    assert "hello hello hello" in page.text(".outputs")
    page.fill("textbox", "Text", "bye")
    page.click("button", "Run")
    page.shows(".outputs", "bye bye bye")


def test_a_stream_that_is_cancelled(opened):
    page = opened(f"endpoint=spell&text={json.dumps('letter by letter' * 20)}&seconds=0.05".replace('"', "%22"))
    page.click("button", "Run")
    page.shows(".outputs", "letter by")
    page.click("button", "Cancel")
    page.status("Cancelled")
    assert "letter by letter" * 20 not in page.text(".outputs")
    assert page.evaluate("document.activeElement !== null")


def test_an_upload_that_is_cancelled_and_one_that_is_not(opened, tmp_path):
    page = opened("endpoint=echo_file")
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(UPLOAD_BYTES)
    page.choose_file("input[type=file]", tmp_path / "large.bin")
    page.click("button", "Run")
    page.shows(".outputs", "large.bin")
    page.click("button", "Cancel")
    page.status("Cancelled")
    page.click("button", "Remove large.bin")
    (tmp_path / "small.txt").write_text("small")
    page.choose_file("input[type=file]", tmp_path / "small.txt")
    page.click("button", "Run")
    page.status("Done")
    assert "small.txt" in page.text(".outputs")


def test_a_reload_while_a_call_runs(opened):
    page = opened("endpoint=slow&seconds=3")
    page.click("button", "Run")
    page.status("Running")
    page.reload()
    page.status("Running")
    page.status("Done")


def test_the_server_is_killed_and_comes_back(opened, space):
    page = opened("endpoint=spell&text=%22abcdefghijklmnopqrst%22&seconds=0.3")
    page.click("button", "Run")
    page.shows(".outputs", "abc")
    space.kill()
    page.shows("main", "Reconnecting")
    space.start()
    page.wait("!document.querySelector('main').innerText.includes('Reconnecting')")
    page.wait("['Done', 'Failed'].some((one) => document.querySelector('.outputs').innerText.includes(one))")
    page.click("button", "Run")
    page.shows(".outputs", "abcdefghijklmnopqrst")


def test_the_recorder(opened):
    page = opened("endpoint=repeat&text=%22recorded%22")
    page.click("button", "Record calls")
    page.click("button", "Run")
    page.status("Done")
    page.click("button", "Stop recording (1)")
    page.shows("dialog[open] pre", "recorded")


def test_the_keyboard_alone(opened):
    page = opened("endpoint=echo_textbox")
    page.evaluate("document.querySelector('[role=tab][aria-selected=true]').focus()")
    page.keys("ArrowRight")
    assert "Echo number" in page.text("[role=tab][aria-selected=true]")
    page = opened("endpoint=repeat")
    page.evaluate("document.querySelector('.inputs textarea, .inputs input').focus()")
    page.keys("by hand", "Tab", "Control+Enter")
    page.shows(".outputs", "by hand by hand")
    page.wait("document.activeElement.closest('.inputs') !== null")


def test_a_chat_of_five_turns(firefox, tmp_path):
    server = Server(ROOT / "examples" / "chat.py", tmp_path, {})
    page = firefox.open(server.url)
    try:
        for turn in range(1, 6):
            page.fill("textbox", "Message", f"I need a holiday, number {turn}")
            page.keys("Enter")
            page.wait(f"document.querySelectorAll('.chat .theirs').length === {turn}")
            page.find("button", "Send")
        assert page.evaluate("document.querySelectorAll('.chat .mine').length") == 5
        page.reload()
        page.wait("document.querySelectorAll('.chat .theirs').length === 5")
    finally:
        page.close()
        server.kill()
