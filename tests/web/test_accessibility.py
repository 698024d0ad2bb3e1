"""axe finds nothing serious on any page, in light and dark, on a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.web.conftest import Tabs, done, run

AXE = ROOT / "js" / "web" / "node_modules" / "axe-core" / "axe.min.js"


def problems(page):
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 380])
@pytest.mark.parametrize("query", ["endpoint=repeat", "endpoint=echo_dataframe", "endpoint=fail", "view=api"])
def test_axe(chromium, space, query, width, scheme):
    tabs = Tabs(chromium, color_scheme=scheme, bypass_csp=True)
    try:
        page = tabs.open(f"{space.url}/?{query}")
        page.set_viewport_size({"width": width, "height": 900})
        if query == "endpoint=fail":
            run(page)
            done(page, "Failed")
        page.get_by_role("link", name="App", exact=True).wait_for()
        page.wait_for_timeout(700)
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        tabs.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_axe_where_one_draws_and_where_libraries_do(chromium, space, scheme, width):
    tabs = Tabs(chromium, color_scheme=scheme, bypass_csp=True)
    try:
        page = tabs.open(f"{space.url}/?endpoint=pixels")
        page.set_viewport_size({"width": width, "height": 900})
        page.get_by_role("button", name="A blank sheet").click()
        page.locator(".drawing canvas").wait_for()
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        for kind in ("altair", "bokeh", "heatmap"):
            page.goto(f"{space.url}/?endpoint=figure&kind=%22{kind}%22")
            run(page)
            done(page)
            page.locator(".drawn svg, .drawn iframe").first.wait_for()
            assert problems(page) == []
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        tabs.context.close()
