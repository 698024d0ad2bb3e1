"""What a Space's page shows before its script has run: the texts of its author, quoted, which the script takes over."""

from __future__ import annotations

import threading
from html.parser import HTMLParser

import httpx
import pytest

from tests.conftest import Server

HOSTILE = """</title></script><script>window.owned = 1</script><img src=x onerror="window.owned = 1">' & `x`"""
APP = f'''
import spaceport as sp

HOSTILE = {HOSTILE!r}
space = sp.Space(title=HOSTILE, description="Tom & 'Jerry' say \\"hello\\" to *all*")


@space.api(description=HOSTILE)
def first(text: str) -> str:
    return text


@space.api
def second(text: str) -> str:
    """Says **it** again, see [the manual](https://example.com)."""
    return text


@space.api(description="One.\\n\\n- two <b>\\n- three")
def third(text: str) -> str:
    return text


@space.api(visibility="private")
def unlisted(text: str) -> str:
    return text
'''


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.py").write_text(APP)
    server = Server(folder / "hostile.py", folder / "data", {})
    yield server
    server.kill()


class Parts(HTMLParser):
    """The elements of a page and its texts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data):
        self.texts.append(data)


def test_texts_are_quoted(hostile):
    parts = Parts(httpx.get(f"{hostile.url}/").text)
    assert parts.elements.count("script") == 1
    assert "onerror" not in [name for name, _ in parts.attributes]
    assert parts.texts.count(HOSTILE) == 3  # the window's title, the heading, and the endpoint's description
    assert parts.texts.count("Tom & 'Jerry' say \"hello\" to all") == 1
    assert ("content", "Tom & 'Jerry' say \"hello\" to *all*") in parts.attributes
    assert "unlisted" not in "".join(parts.texts)


def test_the_page_is_compressed_for_those_who_accept_it(hostile):
    packed = httpx.get(f"{hostile.url}/")
    plain = httpx.get(f"{hostile.url}/", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize("query", ["?view=<b>&endpoint=<i>", "?endpoint=%22%3E%3Cb%3E", "?__chrome=%3Cb%3E"])
def test_nothing_of_the_address_is_in_the_page(hostile, query):
    elements = Parts(httpx.get(f"{hostile.url}/{query}").text).elements
    assert {"b", "i"}.isdisjoint(elements)


def test_nothing_is_owned(tabs, hostile):
    tabs.allowed += ["404", "inline event handler"]  # the picture, and what reading it as HTML says
    page = tabs.open(f"{hostile.url}/")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    assert page.evaluate("() => window.owned") is None
    assert page.locator("h1").inner_text() == HOSTILE


def test_texts_can_be_read_without_scripts(chromium, space):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{space.url}/?endpoint=repeat")
    assert page.get_by_role("heading", name="Every component").is_visible()
    assert page.get_by_text("One endpoint for each component").is_visible()
    assert page.get_by_role("tab", name="repeat", exact=True).get_attribute("aria-selected") == "true"
    context.close()


HOLD = "**/--spaceport/web/space-*.js"


def test_the_script_takes_over_what_is_painted(tabs, space):
    go = threading.Event()
    held = []
    tabs.context.route(HOLD, lambda route: route.continue_() if go.is_set() else held.append(route))
    page = tabs.context.new_page()
    page.goto(f"{space.url}/?endpoint=repeat", wait_until="commit")
    page.get_by_text("One endpoint for each component").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).count() == 0
    page.evaluate(
        """() => {
            const read = "h1, nav a, [role=tab], #endpoint, #endpoint > .rich > p, .inputs";
            window.kept = [...document.querySelectorAll(read)];
            window.places = kept.map((one) => [one.offsetLeft, one.offsetTop].join());
        }"""
    )
    go.set()
    for route in held:
        route.continue_()
    page.get_by_role("button", name="Run", exact=True).wait_for()
    assert page.evaluate("() => kept.length") > 10
    assert page.evaluate("() => kept.every((one) => one.isConnected)")
    assert page.evaluate("() => kept.map((one) => [one.offsetLeft, one.offsetTop].join()).join() === places.join()")
    assert page.locator(".skeleton").count() == 0
    page.locator(".space-page > .rich strong", has_text="each").wait_for()


API_PARTS = (
    ".api-index a, .api-head h2, .api-head p, .api-head .token, .language-bar, .install code, #api-echo_textbox h2, "
    "#api-echo_textbox li, #api-echo_textbox dd, #api-echo_textbox pre"
)


@pytest.mark.parametrize("width", [1400, 1000, 390])
def test_the_script_takes_over_the_api_view(tabs, space, width):
    assert httpx.post(f"{space.url}/gradio_api/run/echo_textbox", json={"data": ["x"]}).status_code == 200
    held = []
    tabs.context.route(HOLD, lambda route: held.append(route))
    page = tabs.context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{space.url}/?view=api", wait_until="commit")
    page.locator("#api-echo_textbox pre", has_text="client.predict").wait_for()
    page.evaluate(
        """(read) => {
            window.kept = [...document.querySelectorAll(read)];
            const text = (one) => one.matches("dd") ? "a statistic, which the script asks for" : one.textContent;
            window.told = () => kept.map((one) => [one.offsetLeft, one.offsetTop, text(one)].join("|"));
            window.before = told();
        }""",
        API_PARTS,
    )
    for route in held:
        route.continue_()
    page.get_by_role("button", name="Run it here").first.wait_for()
    assert page.evaluate("() => kept.length") > 20
    assert page.evaluate("() => kept.filter((one) => !one.isConnected).map((one) => one.outerHTML)") == []
    assert page.evaluate("() => told().filter((one, at) => one !== before[at])") == []


@pytest.mark.parametrize("endpoint", ["", "&endpoint=second"])
def test_texts_of_the_api_view_are_quoted(hostile, endpoint):
    parts = Parts(httpx.get(f"{hostile.url}/?view=api{endpoint}").text)
    assert parts.elements.count("script") == 1
    assert "onerror" not in [name for name, _ in parts.attributes]
    assert parts.texts.count(HOSTILE) == 2  # the window's title and the heading: the description is more than a line
    assert {"/first", "/second", "/third"} <= set(parts.texts)
    assert "unlisted" not in "".join(parts.texts)


def test_the_visitors_theme_comes_before_the_script(tabs, space):
    page = tabs.open(f"{space.url}/")
    page.evaluate("() => localStorage.setItem('spaceport-theme', 'dark')")
    held = []
    tabs.context.route(HOLD, lambda route: held.append(route))
    page.goto(f"{space.url}/", wait_until="commit")
    page.locator("h1").wait_for()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    for route in held:
        route.continue_()
    page.get_by_role("button", name="Run", exact=True).wait_for()
