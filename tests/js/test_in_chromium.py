"""The client in a browser: recorded programs give the same with @gradio/client and with ours, on the real Gradio and on
our server; a misbehaving server is met as in Node."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.conformance.test_golden import SETTINGS, printed
from tests.conftest import APPS, PEERS
from tests.js.differences import DIFFERENT
from tests.js.programs import DIST
from tests.js.test_golden_programs import IDS, PROGRAMS
from tests.js.test_robustness import ALL_CASES, FAILS, GOES_ON
from tests.odd import OddServer, served

PEER = PEERS / "js" / "node_modules" / "@gradio" / "client" / "dist" / "index.min.js"
MODULES = {"ours": DIST / "client.min.js", "peer": PEER}
RUN = """async ([module, program, url]) => {
  const { Client, handle_file } = await import(module);
  const lines = [];
  const plain = (_, v) => v && typeof v === "object" && !Array.isArray(v) && !(v instanceof Date)
    ? Object.fromEntries(Object.keys(v).filter((k) => k !== "time").sort().map((k) => [k, v[k]])) : v;
  const show = (...v) => lines.push(v.map((x) => typeof x === "string" ? x : JSON.stringify(x, plain)).join(" "));
  const AsyncFunction = (async () => {}).constructor;
  await new AsyncFunction("Client", "handle_file", "URL_", "show", program)(Client, handle_file, url, show);
  return lines.join("\\n");
}"""
# A page may not set cookies as a header, nor name its own session where both clients run.
CHOSEN = [(one, name) for one, name in zip(PROGRAMS, IDS, strict=True) if one[0] not in ("12", "15")]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("chosen", [one for one, _ in CHOSEN], ids=[name for _, name in CHOSEN])
def test_same(serve, browser, chosen):
    scenario, _, program = chosen
    server = serve(Path(f"{APPS / 'golden.py'}:s{scenario}"), **SETTINGS.get(scenario, {}))
    compare(browser, server.url, scenario, program)


@pytest.mark.parametrize("chosen", [one for one, _ in CHOSEN], ids=[name for _, name in CHOSEN])
def test_same_on_gradio(gradio, browser, chosen):
    scenario, _, program = chosen
    compare(browser, f"{gradio}/s{scenario}/", scenario, program)


def compare(browser, url, scenario, program):
    if scenario == "26":  # what is in the server's cache for the first is there for the second
        shown(browser, url, "ours", program)
    peer, ours = (shown(browser, url, who, program) for who in ("peer", "ours"))
    allowed = [(re.compile(theirs), re.compile(our)) for number, theirs, our in DIFFERENT if number in (scenario, "*")]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, peer, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            assert b - a == d - c, (peer[a:b], ours[c:d])
            for theirs, our in zip(peer[a:b], ours[c:d], strict=True):
                assert any(one.search(theirs) and other.search(our) for one, other in allowed), (theirs, our)


def opened(browser, url, who):
    """An empty page of the server's origin, and the address of a client on it."""
    origin = "/".join(url.split("/")[:3])
    page = browser.new_page()
    page.route(f"{origin}/its-own-page", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.route(f"**/{who}.js", lambda route: route.fulfill(path=MODULES[who], content_type="text/javascript"))
    page.goto(f"{origin}/its-own-page")
    return page, f"{origin}/{who}.js"


def shown(browser, url, who, program):
    page, module = opened(browser, url, who)
    lines = page.evaluate(RUN, [module, program, url])
    page.close()
    return printed(lines)


ODD = """async ([module, cases]) => {
  const unhandled = [];
  addEventListener("unhandledrejection", (event) => unhandled.push(String(event.reason)));
  const { Client } = await import(module);
  const found = {};
  const client = await Client.connect(location.origin);
  LOOP
  client.close();
  await new Promise((done) => setTimeout(done, 200));
  return [found, unhandled];
}""".replace("LOOP", ALL_CASES)


def test_a_misbehaving_server(browser):
    with served(OddServer()) as url:
        page, module = opened(browser, url, "ours")
        found, unhandled = page.evaluate(ODD, [module, [*GOES_ON, *FAILS]])
        page.close()
    assert unhandled == []
    for case in GOES_ON:
        assert found[case] == (["näme€"] if case == "utf8" else ["hi"]), case
        assert found[f"{case} loop"] == ["data"], case
    for case, (name, text) in FAILS.items():
        assert found[case][0] == found[f"{case} loop"][-1] == name, (case, found[case])
        assert re.search(text, found[case][1]), (case, found[case])
        assert found[f"{case} after"] == ["hi"], case
