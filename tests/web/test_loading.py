"""What happens while a page loads: nothing that is shown moves, and descriptions are read beside the scripts."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Server
from tests.web.conftest import done, run

SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (!one.hadRecentInput) shifts.push([one.value, ...one.sources.map((source) => source.node?.className)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""
LEAST = 0.001
"""Less is a word that gets its colour."""
APP = '''
import spaceport as sp

space = sp.Space(title="Texts", description="""One line with **marks**, and then

- a list of
- two items""")


@space.api
def first(text: str) -> str:
    """Says `text` again."""
    return text


@space.api
def second(text: str) -> str:
    """Says it again.

    | a | b |
    |---|---|
    | 1 | 2 |
    """
    return text
'''


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    (folder / "texts.py").write_text(APP)
    server = Server(folder / "texts.py", folder / "data", {})
    yield server
    server.kill()


def settled(tabs, url, ready):
    tabs.context.add_init_script(f"({SHIFTS})()")
    page = tabs.open(url)
    page.locator(ready).first.wait_for()
    page.wait_for_timeout(700)  # for what comes late
    return page


@pytest.mark.parametrize("view", ["", "?endpoint=repeat", "?view=api&endpoint=repeat", "?view=history"])
def test_nothing_moves(tabs, space, view):
    page = settled(tabs, f"{space.url}/{view}", "main")
    assert sum(one[0] for one in page.evaluate("() => shifts")) < LEAST


@pytest.mark.parametrize("view", ["?endpoint=repeat", "?view=api"])
def test_nothing_moves_on_a_phone(tabs, space, view):
    tabs.context.add_init_script(f"({SHIFTS})()")
    page = tabs.context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{space.url}/{view}")
    page.get_by_role("button", name="Share").wait_for()
    page.wait_for_timeout(700)  # for what comes late
    assert sum(one[0] for one in page.evaluate("() => shifts")) < LEAST


@pytest.mark.parametrize("view", ["", "?endpoint=second", "?view=api"])
def test_texts_of_several_lines_come_with_the_page(tabs, texts, view):
    page = settled(tabs, f"{texts.url}/{view}", ".rich")
    if "api" not in view:
        page.locator(".rich li", has_text="two items").wait_for()
        page.locator(".rich strong", has_text="marks").wait_for()
    page.locator(".rich code" if view == "" else ".rich td").first.wait_for()
    assert sum(one[0] for one in page.evaluate("() => shifts")) < LEAST


def test_the_api_view_takes_ten_requests_and_draws_what_is_below_later(tabs, space):
    page = settled(tabs, f"{space.url}/?view=api", "main")
    files = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    assert len([one for one in files if "/markdown-" not in one]) + 1 <= 10, (
        files
    )  # some descriptions are more than a line
    count = page.locator("section.docs").count()
    assert count > 30
    page.wait_for_function("(count) => document.querySelectorAll('section.docs pre').length === count", arg=count)
    assert page.evaluate("() => scrollY") == 0
    page.locator(".api-index a").last.click()
    last = page.locator("section.docs").last
    last.get_by_role("button", name="Run it here").wait_for()
    page.wait_for_function("() => scrollY > 0")
    box = last.bounding_box()
    assert 0 < box["y"] < 900


def test_descriptions_are_read_once_and_early(tabs, space):
    page = settled(tabs, f"{space.url}/", "main")
    found = json.loads(
        page.evaluate(
            "() => JSON.stringify(performance.getEntriesByType('resource').map((one) => [one.name, one.initiatorType]))"
        )
    )
    read = [(url.rpartition("/")[2], kind) for url, kind in found if url.endswith(("/config", "/info"))]
    assert sorted(read) == [("config", "link"), ("info", "link")]
    assert len(found) + 1 <= 10
    page.get_by_role("textbox", name="Text").fill("a")
    run(page)
    done(page)
