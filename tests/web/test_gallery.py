"""The parts of the pages: they look as in the stored pictures, axe finds nothing, the keyboard reaches them."""

from __future__ import annotations

import io

import numpy
import pytest
from PIL import Image

from tests.web import gallery
from tests.web.test_accessibility import AXE

SAME = 24
"""By how much a pixel's colours may differ: the edges of letters do, from one Chromium to the next."""
DIFFERENT_MAX = 0.01
"""The share of pixels that may differ more."""


@pytest.fixture(scope="module")
def url():
    with gallery.served() as found:
        yield found


@pytest.fixture(params=list(gallery.LOOKS))
def look(request):
    return request.param


@pytest.fixture
def page(chromium, url, look):
    found = gallery.opened(chromium, url, look)
    yield found
    found.context.close()


def difference(one, other):
    """The share of pixels that differ. A part that grew moves all that is below it."""
    first, second = (
        numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=numpy.int16) for data in (one, other)
    )
    if first.shape != second.shape:
        return 1.0
    return float((numpy.abs(first - second).max(axis=2) > SAME).mean())


def test_parts_look_as_in_the_stored_pictures(page, look):
    stored = (gallery.PICTURES / f"parts-{look}.png").read_bytes()
    assert difference(stored, gallery.picture(page)) <= DIFFERENT_MAX, "Look at it, then accept it with `make gallery`."


def test_a_changed_part_is_seen(page, look):
    stored = (gallery.PICTURES / f"parts-{look}.png").read_bytes()
    page.evaluate("() => document.querySelector('#field').style.background = '#888'")
    assert difference(stored, gallery.picture(page)) > DIFFERENT_MAX


def test_axe_finds_nothing(page):
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
    assert [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]] == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_dialog_menu_and_toasts_with_the_keyboard(chromium, url):
    page = gallery.opened(chromium, url, "light")
    try:
        page.evaluate(AXE.read_text())
        page.get_by_role("button", name="More").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("() => document.activeElement.textContent") == "Downloadas CSV"
        page.keyboard.press("End")
        assert page.evaluate("() => document.activeElement.textContent") == "Delete"
        page.keyboard.press("Escape")
        assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "More"
        page.get_by_role("button", name="Toast").press("Enter")
        assert page.locator(".toast").count() == 3
        page.get_by_role("button", name="Dialog", exact=True).press("Enter")
        page.get_by_role("dialog", name="Delete “words”?").wait_for()
        assert page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"] == []
        page.keyboard.press("Escape")
        assert page.evaluate("() => document.activeElement.textContent") == "Dialog"
    finally:
        page.context.close()
