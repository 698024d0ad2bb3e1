"""Faults of the hub's pages: the search, tokens, addresses of views, the theme of the frame, Spaces that do not run."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.web.test_hub_pages import OURS, WORDS, HubTabs, deploy, token

TAGGED = (
    OURS.replace("Loud words", "Überschriften")
    .replace("Says it louder", "Headlines")
    .replace("tags: [spaceport]", "tags: [spaceport, typography]")
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    with server.http("admin") as http:
        deploy(http, "words", OURS, WORDS)
        deploy(http, "heads", TAGGED, WORDS)
        deploy(http, "hidden", OURS.replace("Loud words", "Hidden words"), WORDS, private=True)
        deploy(http, "broken", OURS.replace("Loud words", "Broken"), "raise RuntimeError('no model')\n")
        deploy(http, "paused", OURS.replace("Loud words", "Paused"), WORDS)
        http.post("/api/spaces/admin/paused/pause").raise_for_status()
    yield server
    server.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["503", "401", "404"]
    yield found
    found.context.close()
    assert not found.wrong


@fault(
    kind="page",
    given="a search for a word of the title, the description, a tag or the owner; with and without accents",
    before="ids alone were searched",
    now="all of them are; every word has to be found",
)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Loud words", {"Loud words"}),
        ("uberschriften", {"Überschriften"}),
        ("HEADLINES", {"Überschriften"}),
        ("typography", {"Überschriften"}),
        ("admin louder", {"Loud words", "Broken", "Paused"}),
        ("heads", {"Überschriften"}),
        ("loud typography", set()),
    ],
)
def test_the_search(tabs, hub, query, found):
    page = tabs.open(hub.url)
    names = page.locator(".directory h2")
    names.nth(2).wait_for()
    page.get_by_role("searchbox").fill(query)
    if not found:
        page.get_by_text("No matching Spaces").wait_for()
    shown = sorted(found)
    page.wait_for_function(
        "shown => JSON.stringify([...document.querySelectorAll('.directory h2')].map(one => one.innerText).sort())"
        " === JSON.stringify(shown)",
        arg=shown,
    )
    page.reload()  # the search has an address
    page.get_by_role("searchbox").wait_for()
    assert page.get_by_role("searchbox").input_value() == query


@fault(
    kind="page",
    given="a token that the hub does not know",
    before="public Spaces were hidden too",
    now="the page says so, and shows what everybody sees",
)
def test_a_wrong_token(tabs, hub):
    page = tabs.open(hub.url)
    page.get_by_role("button", name="Use a token").click()
    page.get_by_label("Token", exact=True).fill("hf_wrong")
    page.get_by_label("Token", exact=True).press("Enter")
    page.get_by_role("alert").get_by_text("The hub does not know this token").wait_for()
    page.locator(".directory h2", has_text="Loud words").first.wait_for()
    page.goto(f"{hub.url}/spaces/admin/words?tab=files")
    page.get_by_role("link", name="app.py", exact=True).wait_for()
    token(page, hub)
    page.get_by_role("alert").wait_for(state="detached")


@fault(
    kind="page",
    given="Back after another tab of a Space was chosen",
    before="tabs made no history: Back left the Space",
    now="Back and Forward lead through the tabs",
)
def test_tabs_have_addresses(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words?tab=files")  # as earlier versions wrote it
    page.get_by_role("tab", name="Logs").click()
    page.get_by_role("tab", name="Files").click()
    page.go_back()
    page.get_by_role("tab", name="Logs", selected=True).wait_for()
    page.go_back()
    page.get_by_role("tab", name="Files", selected=True).wait_for()
    page.go_forward()
    page.get_by_role("tab", name="Logs", selected=True).wait_for()
    assert page.url.endswith("/spaces/admin/words/logs")


@fault(
    kind="page",
    given="a Space in the hub's frame, and the theme button",
    before="title, footer and theme button stood twice; the theme did not reach the frame",
    now="the frame has the app alone, in the hub's theme, without losing what is typed",
)
def test_the_theme_reaches_the_frame(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words")
    frame = page.frame_locator("iframe.app")
    frame.get_by_label("Text", exact=True).first.wait_for(timeout=60_000)
    assert frame.locator("header, footer").count() == 0
    frame.locator(".inputs textarea").fill("typed")
    theme = "() => document.documentElement.dataset.theme"
    inner = next(one for one in page.frames if one != page.main_frame)
    assert inner.evaluate(theme) == "light"
    page.get_by_role("button", name="Dark or light").click()
    inner.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    assert frame.locator(".inputs textarea").input_value() == "typed"
    page.reload()
    frame.get_by_label("Text", exact=True).first.wait_for(timeout=60_000)
    assert "__theme=dark" in page.locator("iframe.app").get_attribute("src")


@fault(
    kind="page",
    given="a Space that cannot start",
    before="raw JSON in the frame",
    now="the page says that it does not run, what helps, and leads to the log",
)
def test_a_broken_space(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/broken")
    page.get_by_role("heading", name="The app does not run").wait_for(timeout=60_000)
    assert "The log says why" in page.locator("#view").inner_text()
    token(page, hub)
    page.get_by_role("link", name="Show the log").click()
    page.locator("pre.log", has_text="no model").wait_for()


@fault(
    kind="page",
    given="a binary file among a Space's files",
    before='"This is no text: download it."',
    now='"Binary file: download it to view."',
)
def test_a_binary_file(tabs, hub):
    with hub.http("admin") as http:
        file = {"path": "data.bin", "content": base64.b64encode(b"a\0b").decode(), "encoding": "base64"}
        lines = [{"key": "header", "value": {"summary": "more"}}, {"key": "file", "value": file}]
        http.post("/api/spaces/admin/heads/commit/main", content="\n".join(map(json.dumps, lines))).raise_for_status()
    page = tabs.open(f"{hub.url}/spaces/admin/heads?tab=files")
    page.get_by_role("link", name="data.bin", exact=True).click()
    page.get_by_text("Binary file: download it to view.").wait_for()


@fault(
    kind="origin",
    given="the hub's own pages, in a frame of another page",
    before="they could be framed, with the visitor's token in them",
    now="`frame-ancestors 'none'`; Spaces' pages may still be framed",
)
def test_the_hub_is_not_framed(hub):
    with hub.http() as http:
        for path in ("/", "/spaces/admin/words"):
            assert "frame-ancestors 'none'" in http.get(path).headers["content-security-policy"]


@fault(
    kind="origin",
    given="the token that is typed on the hub",
    before="a Space's page read it, where both had one origin",
    now="it is kept in the tab on the hub's origin; a Space's pages store none",
)
def test_the_token_stays_on_the_hub(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words")
    token(page, hub)
    page.frame_locator("iframe.app").get_by_label("Text", exact=True).first.wait_for(timeout=60_000)
    inner = next(one for one in page.frames if one != page.main_frame)
    read = (
        "() => { try { return JSON.stringify([{...localStorage}, {...sessionStorage}]) } catch { return 'refused' } }"
    )
    assert not re.search("hf_", inner.evaluate(read) or "")
    page.reload()
    page.get_by_role("button", name="Account of admin").wait_for()


@fault(
    kind="page",
    given="a Space that is paused, on its page",
    before="the same sentence twice, once as an error",
    now="once, and no error",
)
def test_a_paused_space_is_no_error(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/paused")
    page.get_by_text("The Space is paused").wait_for()
    assert page.get_by_text("owner can restart it", exact=False).count() == 1
    assert page.locator(".problem").count() == 0


@fault(
    kind="page",
    given="a Space that is not there",
    before="two sentences ran into one: `Repository not found If it is private, …`",
    now="each ends with a stop",
)
def test_a_missing_space_is_told_in_sentences(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/nothing")
    page.get_by_text("Repository not found. If it is private, sign in").wait_for()
