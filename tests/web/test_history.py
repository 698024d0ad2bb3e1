"""The history: calls of this browser outlive the tab and the server; inputs are used again, or shown as code."""

from __future__ import annotations

import pytest

from tests.conftest import APPS, Server
from tests.web.conftest import done, run


@pytest.fixture
def server(tmp_path):
    found = Server(APPS / "pages.py", tmp_path, {})
    yield found
    found.kill()


def history(page):
    page.get_by_role("link", name="History", exact=True).click()
    return page.get_by_role("region", name="Calls of this browser")


def test_calls_outlive_the_tab_and_the_server(tabs, server):
    tabs.allowed += ["net::ERR"]
    page = tabs.open(f"{server.url}/?endpoint=repeat&text=%22again%22&times=3")
    run(page)
    done(page)
    page.close()
    server.kill()
    server.start()
    page = tabs.open(f"{server.url}/?endpoint=count")
    listed = history(page)
    listed.get_by_text("succeeded").wait_for()
    assert "again · 3" in listed.inner_text()
    listed.get_by_role("button", name="/repeat again · 3").click()  # opens the result
    done(page)
    assert "again again again" in page.locator(".outputs").inner_text()
    assert page.get_by_label("Times").input_value() == "3"
    history(page).get_by_role("button", name="Run again").click()
    done(page)
    assert history(page).locator("li").count() == 2


def test_as_code_and_removed(tabs, space):
    page = tabs.open(f"{space.url}/?endpoint=repeat&text=%22coded%22")
    run(page)
    done(page)
    listed = history(page)
    listed.get_by_role("button", name="More about the call of /repeat").first.click()
    page.get_by_role("menuitem", name="Show as code").click()
    page.get_by_role("dialog").get_by_text("coded").wait_for()
    assert "text='coded'" in page.get_by_role("dialog").locator("pre").inner_text()
    page.keyboard.press("Escape")
    listed.get_by_role("button", name="Clear the list").click()
    page.get_by_text("No calls yet").wait_for()


def test_a_running_call_is_attached_and_cancelled(tabs, space):
    page = tabs.open(f"{space.url}/?endpoint=slow&seconds=60")
    run(page)
    page.locator('[role="status"]:text-is("Running")').wait_for()
    other = tabs.open(f"{space.url}/?view=history")
    listed = other.get_by_role("region", name="Calls of this browser")
    listed.get_by_text("running").first.wait_for()
    listed.get_by_role("button", name="Cancel the call").click()
    listed.get_by_text("cancelled").first.wait_for()
    done(page, "Cancelled")
