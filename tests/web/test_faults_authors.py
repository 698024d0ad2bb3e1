"""Hostile authors of Spaces on the hub's own pages: their READMEs, titles and descriptions."""

from __future__ import annotations

import json
import time

import pytest

from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit
from tests.web.test_hub_pages import HubTabs

WORD = "W" * 20_000
SCRIPT = "document.title='owned'"
HTML = f'<img src=x onerror="{SCRIPT}"><b>bold</b>'
TITLE = f"{HTML} \u202egnp.exe {WORD[:3000]}"
CARD = f"""---
title: {json.dumps(TITLE)}
short_description: {json.dumps(f"שלום, world! {WORD[:40]}")}
emoji: {WORD[:8]}
tags: [{json.dumps(HTML)}, {WORD[:200]}]
sdk: static
---
"""
README = f"""
# A title

<script>{SCRIPT}</script>
<img src="x" onerror="{SCRIPT}">
<svg onload="{SCRIPT}"><a xlink:href="javascript:{SCRIPT}"><text y="20">svg</text></a><use href="data:x#y"/></svg>
<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>
<object data="data:text/html,x"></object><embed src="x.swf"><base href="https://evil.example/">
<meta http-equiv="refresh" content="0;url=https://evil.example/"><link rel="stylesheet" href="https://evil.example/">
<form action="/logout" method="post"><input name="password"><button>Sign in again</button></form>
<style>body {{ display: none }}</style>
<div id="cover" class="toasts" style="position: fixed; inset: 0; z-index: 9999; background: red">Cover</div>

[plain](javascript:{SCRIPT}) [tab](java&#9;script:{SCRIPT})
[data](data:text/html,<script>{SCRIPT}</script>) [vb](vbscript:x)
<a href=" &#1;javascript:{SCRIPT}">blank</a> <a href="data:text/html;base64,PHNjcmlwdD4=">base64</a>
[percent](%E0%A4%A) ![percent](%E0%A4%A) [file](docs/a%20b.md#part) [host](//evil.example/x) [up](../../../../x)

{WORD}

The end.

<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={SCRIPT}&gt;">
"""
LONG = {
    "emphasis": "*a **a " * 60_000,
    "dots": "a." * 200_000 + "@",
    "brackets": "[" * 400_000,
    "quotes": ">" * 400_000,
    "lists": "\n".join(" " * (2 * depth % 600) + "* a" for depth in range(2000)),
    "under": "_a__a" * 80_000,
    "formulas": "$a$ " * 100_000,
}


def deploy(http, name, readme, **fields):
    body = {"name": name, "type": "space", "sdk": "static", **fields}
    http.post("/api/repos/create", json=body).raise_for_status()
    done = commit(http, f"admin/{name}", {"README.md": readme.encode(), "index.html": b"<p>static"})
    assert done.status_code == 200, done.text[:500]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    with server.http("admin") as http:
        deploy(http, "hostile", CARD + README)
        for name, text in LONG.items():
            deploy(http, name, f"---\nsdk: static\n---\n{text}\n\nThe end.\n")
    yield server
    server.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["404", "Content Security Policy"]
    yield found
    found.context.close()
    assert not [one for one in found.wrong if "another host: https://evil.example" not in one]


@fault(
    kind="page",
    given="a README with scripts, `javascript:` and `data:` links, forms, a `div` over everything, links to `%E0%A4%A`",
    before="a link with a broken percent sign, or one in an SVG, left the README unseen; the `div` covered the page",
    now="nothing of it runs, and it stays in its place on the page",
)
def test_a_hostile_readme(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/hostile/readme")
    readme = page.locator("article.readme")
    readme.get_by_text("The end.").wait_for()
    wrong = "script, iframe, object, embed, form, base, meta, link, style, input, textarea, select, use"
    assert readme.locator(wrong).count() == 0
    attributes = "one => [...one.querySelectorAll('*')].flatMap(tag => [...tag.attributes].map(a => [a.name, a.value]))"
    for name, value in readme.evaluate(attributes):
        assert not name.startswith("on"), (name, value)
        if name in ("href", "src", "xlink:href"):
            scheme = "".join(value.split()).strip("\x01").lower()
            assert not scheme.startswith(("javascript:", "vbscript:", "data:text")), value
    links = {name: readme.get_by_role("link", name=name, exact=True) for name in ("percent", "file", "host", "up")}
    assert links["percent"].get_attribute("href").endswith("/blob/main/%25E0%25A4%25A")
    assert links["file"].get_attribute("href").endswith("/blob/main/docs/a%20b.md")
    assert links["host"].get_attribute("rel") == "noopener noreferrer nofollow"
    seen, own = page.locator("text=Cover").bounding_box(), readme.bounding_box()
    assert seen["y"] >= own["y"] - 1
    assert page.evaluate("() => !document.elementFromPoint(200, 20).closest('.readme')"), "the bar is covered"
    assert "owned" not in page.title().split(" ")
    assert page.url == f"{hub.url}/spaces/admin/hostile/readme"
    for width in (320, 768, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width


@fault(
    kind="parser",
    given="a README of 400,000 characters: nested emphasis, `[[[[`, `>>>>`, deep lists, `a.a.a.…@`, formulas",
    before="the hub's page stood still for minutes, or said `Maximum call stack size exceeded`",
    now="a worker reads it for 3 s at most: then it is shown as it was written",
)
@pytest.mark.parametrize("name", LONG)
def test_a_huge_readme(tabs, hub, name):
    page = tabs.open(f"{hub.url}/spaces/admin/{name}/readme")
    began, answered = time.monotonic(), 0
    while not page.locator("article.readme").is_visible():
        page.evaluate("() => 1")  # the page answers while it reads
        answered += 1
        assert time.monotonic() - began < 30
    assert answered


@fault(
    kind="page",
    given="a Space's card with HTML, a long word, mixed directions and a sign that turns letters around in its title",
    before="the directory was wider than the window",
    now="cards stay in their places, and nothing of it runs",
)
def test_a_hostile_card(tabs, hub):
    own = "/spaces/admin/hostile"
    for path in ("/spaces", "/admin", own, f"{own}/tree/main", f"{own}/settings"):
        page = tabs.open(f"{hub.url}{path}")
        page.locator("main h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        for width in (320, 768, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, (path, width, wider)
        assert page.locator("main b").count() == 0
        assert not page.title().startswith("owned")
        page.close()
