"""Examples as cards: kept results come with the click, and pictures are shown small."""

from __future__ import annotations

import pytest

from tests.conftest import APPS, Server
from tests.web.conftest import done, run


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    found = Server(APPS / "page_examples.py", tmp_path_factory.mktemp("examples"), {})
    yield found
    found.kill()


def test_a_kept_result_comes_with_the_click(tabs, server):
    page = tabs.open(f"{server.url}/?endpoint=kept")
    page.get_by_role("button", name="Use example 1: slow and steady").click()
    done(page)
    assert "slow and steady: run 1" in page.locator(".outputs").inner_text()
    page.get_by_role("button", name="Use example 1: slow and steady").click()
    done(page)
    assert "slow and steady: run 1" in page.locator(".outputs").inner_text()  # it did not run again


def test_a_picture_is_shown_small_and_sent_as_it_is(tabs, server):
    page = tabs.open(f"{server.url}/?endpoint=picture")
    card = page.get_by_role("button", name="Use example 1: noise.png in colour")
    shown = card.locator("img")
    page.wait_for_function("image => image.naturalWidth > 0", arg=shown.element_handle())
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [480, 320]
    sizes = page.evaluate(
        """performance.getEntriesByType("resource").filter(one => one.name.includes("file="))
        .map(one => one.encodedBodySize)"""
    )
    assert 0 < sum(sizes) < 200_000, sizes  # of a picture of 1.6 MB
    card.click()
    assert page.locator('[role="status"]:text-is("Done")').count() == 0  # it is filled in, and not run
    run(page)
    done(page)
    assert "(600, 900, 3): in colour" in page.locator(".outputs").inner_text()
