"""The chat: retry, edit, undo, thumbs, stop, conversations that the browser keeps, code, a server that starts anew."""

from __future__ import annotations

import pytest

from tests.conftest import APPS, Server
from tests.web.test_accessibility import problems


@pytest.fixture(scope="module")
def parrot(tmp_path_factory):
    server = Server(APPS / "page_parrot.py", tmp_path_factory.mktemp("parrot"), {})
    yield server
    server.kill()


def say(page, text):
    box = page.get_by_role("textbox", name="Message")
    box.fill(text)
    box.press("Enter")


def heard(page, text):
    page.locator(".chat .theirs", has_text=text).last.wait_for()
    page.get_by_role("button", name="Send").wait_for()


def test_an_example_begins_the_chat(tabs, parrot):
    page = tabs.open(parrot.url)
    page.get_by_role("heading", name="Parrot").last.wait_for()
    page.get_by_role("button", name="hello").click()
    heard(page, "hello after []")
    assert page.locator(".chat > li").count() == 2


def test_again_edit_and_undo(tabs, parrot):
    page = tabs.open(parrot.url)
    say(page, "one")
    heard(page, "one after []")
    say(page, "two")
    heard(page, "two after ['one']")
    page.get_by_role("button", name="Ask again").click()
    heard(page, "two after ['one']")
    assert page.locator(".chat > li").count() == 4
    page.locator(".chat .mine").first.hover()
    page.get_by_role("button", name="Edit message").first.click()
    assert page.get_by_role("textbox", name="Message").input_value() == "one"
    say(page, "three")
    heard(page, "three after []")
    assert page.locator(".chat > li").count() == 2
    page.get_by_role("button", name="Take the last message back").click()
    assert page.locator(".chat > li").count() == 0
    assert page.get_by_role("textbox", name="Message").input_value() == "three"


def test_stop_keeps_what_came(tabs, parrot):
    page = tabs.open(parrot.url)
    say(page, "slow")
    page.locator(".chat .theirs", has_text="word word").wait_for()
    page.wait_for_timeout(600)  # a click right after Send is taken for a second one on Send
    page.get_by_role("button", name="Stop").click()
    page.locator('[role="status"]:text-is("Stopped")').wait_for()
    assert "word word" in page.locator(".chat .theirs").inner_text()
    assert page.evaluate("() => document.activeElement.tagName") == "TEXTAREA"
    say(page, "next")
    heard(page, "next after ['slow']")


def test_a_thumb_reaches_the_author(tabs, parrot):
    page = tabs.open(parrot.url)
    say(page, "good parrot")
    heard(page, "good parrot after")
    page.get_by_role("button", name="Good answer").click()
    assert page.get_by_role("button", name="Good answer").get_attribute("aria-pressed") == "true"
    page.wait_for_timeout(300)
    say(page, "thumbs")
    heard(page, "1 good parrot after [] True")


def test_more_inputs(tabs, parrot):
    page = tabs.open(parrot.url)
    page.get_by_role("button", name="More inputs").click()
    page.get_by_label("Loud").check()
    say(page, "shout")
    heard(page, "SHOUT AFTER []")


def test_conversations_are_kept(tabs, parrot):
    page = tabs.open(parrot.url)
    say(page, "first talk")
    heard(page, "first talk after []")
    page.get_by_role("button", name="New conversation").first.click()
    assert page.locator(".chat > li").count() == 0
    say(page, "second talk")
    heard(page, "second talk after []")
    other = tabs.open(parrot.url)  # a tab of its own begins anew, and lists both
    side = other.get_by_role("complementary", name="Conversations")
    side.get_by_role("button", name="first talk", exact=True).first.click()
    say(other, "more")
    heard(other, "more after ['first talk']")
    with other.expect_download() as download:
        side.get_by_role("button", name="More about “first talk”").first.click()
        other.get_by_role("menuitem", name="Save as Markdown").click()
    assert "## You\n\nmore" in download.value.path().read_text()
    side.get_by_role("button", name="More about “first talk”").first.click()
    other.get_by_role("menuitem", name="Remove").click()
    assert side.get_by_role("button", name="first talk", exact=True).count() == 0


def test_code_has_colours_and_a_button(tabs, parrot):
    page = tabs.open(parrot.url)
    say(page, "code")
    heard(page, "def f(x)")
    page.locator(".chat pre .tok-keyword").first.wait_for()
    page.locator(".chat math msup").wait_for()
    page.locator(".chat .code").hover()
    page.locator(".chat .copy-code").click()
    page.locator(".chat .copy-code:text-is('Copied')").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == "def f(x):\n    return x + 1\n"


def test_a_conversation_goes_on_after_the_server_has_started_anew(tabs, tmp_path):
    server = Server(APPS / "page_parrot.py", tmp_path, {})
    tabs.allowed += ["net::ERR", "404"]
    try:
        page = tabs.open(server.url)
        say(page, "before")
        heard(page, "before after []")
        server.kill()
        server.start()
        page.reload()
        page.locator(".chat .mine", has_text="before").wait_for()
        say(page, "after")
        heard(page, "after after ['before']")
    finally:
        server.kill()


def test_a_long_answer_does_not_take_the_reader_along(tabs, parrot):
    page = tabs.open(parrot.url)
    page.set_viewport_size({"width": 700, "height": 420})
    for text in ("a", "b", "c"):
        say(page, text)
        heard(page, f"{text} after")
    say(page, "slow")
    page.locator(".chat .theirs", has_text="word word").wait_for()
    page.locator(".scroller").evaluate("(one) => { one.scrollTop = 0 }")
    page.wait_for_timeout(700)
    assert page.locator(".scroller").evaluate("(one) => one.scrollTop") < 40
    page.get_by_role("button", name="Go to the newest message").click()
    page.wait_for_function(
        "() => { const one = document.querySelector('.scroller'); "
        "return one.scrollHeight - one.scrollTop - one.clientHeight < 61 }"
    )
    page.get_by_role("button", name="Stop").click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_axe(chromium, parrot, scheme, width):
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 844})
    try:
        page = context.new_page()
        page.goto(f"{parrot.url}/?__theme={scheme}")
        say(page, "code")
        heard(page, "def f(x)")
        page.locator(".chat pre .tok-keyword").first.wait_for()
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        context.close()
