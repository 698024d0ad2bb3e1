"""Forms that JSON schemas describe: models with lists of models, defaults, what is missing; and inputs as JSON."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT, Server
from tests.web.conftest import done, run
from tests.web.test_accessibility import problems


@pytest.fixture(scope="module")
def invoices(tmp_path_factory):
    server = Server(ROOT / "examples" / "invoices.py", tmp_path_factory.mktemp("invoices"), {})
    yield server
    server.kill()


def opened(tabs, server):
    page = tabs.open(f"{server.url}/?endpoint=invoice")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def test_a_model_with_a_list_of_models(tabs, invoices):
    page = opened(tabs, invoices)
    button = page.get_by_role("button", name="Run", exact=True)
    assert button.is_disabled()
    page.get_by_label("Customer").fill("Ann")
    page.get_by_label("Date").fill("2026-11-23")
    assert "Items (at least 1)" in page.locator(".inputs .wrong").inner_text()
    page.get_by_role("group", name="Items").get_by_role("button", name="Add").click()
    first = page.get_by_role("group", name="Items 1", exact=True)
    first.get_by_label("Name").fill("Paper")
    assert first.get_by_label("Quantity").input_value() == "1"  # the default
    first.get_by_label("Quantity").fill("3")
    assert "Items 1: Price" in page.locator(".inputs .wrong").inner_text()
    first.get_by_label("Price").fill("4.99")
    assert page.locator(".inputs .wrong").count() == 0
    run(page)
    done(page)
    assert "17.81" in page.locator(".outputs").inner_text()
    page.get_by_role("button", name="Remove Items 1").click()
    assert button.is_disabled()


def test_the_same_as_json(tabs, invoices):
    page = opened(tabs, invoices)
    page.get_by_label("Customer").fill("Ann")
    page.get_by_role("radio", name="JSON").check()
    box = page.get_by_label("Inputs as JSON")
    given = json.loads(box.input_value())
    assert given["order"]["customer"] == "Ann"
    given["order"] |= {"date": "2026-11-23", "items": [{"name": "Paper", "quantity": 3, "price": 4.99}]}
    box.fill(json.dumps(given))
    run(page)
    done(page)
    assert "17.81" in page.locator(".outputs").inner_text()
    box.fill('{"order": ')
    assert "This is not JSON yet" in page.locator(".inputs .wrong").inner_text()
    box.fill('{"other": 1}')
    assert "There is no such input: other" in page.locator(".inputs .wrong").inner_text()
    page.get_by_role("radio", name="Form").check()
    assert page.get_by_label("Price").input_value() == "4.99"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_axe(chromium, invoices, scheme, width):
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 844})
    try:
        page = context.new_page()
        page.goto(f"{invoices.url}/?endpoint=invoice")
        page.get_by_role("group", name="Items").get_by_role("button", name="Add").click()
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        context.close()
