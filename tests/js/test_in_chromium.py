"""The recorded programs in a browser: the same with @gradio/client and with ours, on our server."""

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

PEER = PEERS / "js" / "node_modules" / "@gradio" / "client" / "dist" / "index.min.js"
MODULES = {"ours": DIST / "client.min.js", "peer": PEER}
RUN = """async ([module, program]) => {
  const { Client, handle_file } = await import(module);
  const lines = [];
  const plain = (_, v) => v && typeof v === "object" && !Array.isArray(v) && !(v instanceof Date)
    ? Object.fromEntries(Object.keys(v).filter((k) => k !== "time").sort().map((k) => [k, v[k]])) : v;
  const show = (...v) => lines.push(v.map((x) => typeof x === "string" ? x : JSON.stringify(x, plain)).join(" "));
  const AsyncFunction = (async () => {}).constructor;
  await new AsyncFunction("Client", "handle_file", "URL_", "show", program)(Client, handle_file, location.origin, show);
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
    if scenario == "26":
        shown(browser, server.url, "ours", program)
    peer, ours = (shown(browser, server.url, who, program) for who in ("peer", "ours"))
    allowed = [(re.compile(theirs), re.compile(our)) for number, theirs, our in DIFFERENT if number in (scenario, "*")]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, peer, ours, autojunk=False).get_opcodes():
        if kind != "equal":
            assert b - a == d - c, (peer[a:b], ours[c:d])
            for theirs, our in zip(peer[a:b], ours[c:d], strict=True):
                assert any(one.search(theirs) and other.search(our) for one, other in allowed), (theirs, our)


def shown(browser, url, who, program):
    page = browser.new_page()
    page.route(f"**/{who}.js", lambda route: route.fulfill(path=MODULES[who], content_type="text/javascript"))
    page.goto(f"{url}/healthz")
    lines = page.evaluate(RUN, [f"{url}/{who}.js", program])
    page.close()
    return printed(lines)
