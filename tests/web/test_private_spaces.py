"""Private Spaces in Chromium with its rules for third-party cookies: in the hub's frame, and in a tab of their own."""

from __future__ import annotations

import re

import pytest

from spaceport import Client
from spaceport.client.errors import AppError
from tests.hub.browsing import PASSWORD, set_passwords
from tests.hub.conftest import HubServer
from tests.web.test_hub_pages import OURS, WORDS, HubTabs, deploy

FLAKY = """
tries = []


@space.api
def flaky(text: str) -> str:
    \"\"\"Fails the first time.\"\"\"
    tries.append(text)
    if len(tries) == 1:
        raise sp.Error("not yet")
    return f"{text}, the second time"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "admin")
    with server.http("admin") as http:
        deploy(http, "hidden", OURS.replace("Loud words", "Hidden words"), WORDS + FLAKY, private=True)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def strict(playwright):
    """A browser with the rules that Chromium has for third-party cookies."""
    options = ["--no-sandbox", "--disable-gpu", "--test-third-party-cookie-phaseout"]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
    yield browser
    browser.close()


@pytest.fixture
def tabs(strict, hub):
    found = HubTabs(strict, hub)
    found.allowed += ["503", "401", "404"]
    yield found
    found.context.close()
    assert not found.wrong


def sign_in(page):
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def shouts(app):
    app.get_by_label("Text").fill("quiet")
    app.get_by_role("button", name="Run", exact=True).click()
    app.get_by_text("QUIET").first.wait_for(timeout=60_000)


def address_of(hub):
    return f"http://admin-hidden.localhost:{hub.apps.rpartition(':')[2]}/"


def test_in_the_hubs_frame_signed_in_and_out(tabs, hub):
    page = tabs.open(f"{hub.url}/login?next=/spaces/admin/hidden")
    sign_in(page)
    app = page.frame_locator("iframe.app")
    shouts(app)
    assert page.evaluate("document.cookie") == "", "no script reads the session"
    frame = next(one for one in page.frames if one.url.startswith(address_of(hub)))
    kept = frame.evaluate("document.cookie = 'third=1; SameSite=None; Secure'; document.cookie")
    assert "third" not in kept, "Chromium keeps third-party cookies from being set"
    visit = next(one for one in tabs.context.cookies() if one["name"] == "__Host-spaceport-visit")
    assert (visit["httpOnly"], visit["secure"], visit["sameSite"]) == (True, True, "None")
    other = tabs.open(address_of(hub))
    other.get_by_role("heading", name="404").wait_for()  # the frame's cookie is the frame's: this is another page
    assert page.evaluate("fetch('/logout', {method: 'POST', redirect: 'manual'}).then(() => 1)") == 1
    assert frame.evaluate("fetch('/config').then(answer => answer.status)") == 404, "the visit ends with the session"


def test_in_a_tab_of_its_own_from_the_page_that_says_it_is_missing(tabs, hub):
    page = tabs.open(address_of(hub))
    page.get_by_role("link", name="Sign in").click()
    sign_in(page)
    page.wait_for_url(f"{address_of(hub)}**")
    shouts(page)
    page.reload()
    shouts(page)


def test_the_history_has_the_accounts_calls_from_elsewhere(tabs, hub):
    with Client(f"{hub.apps}/admin/hidden/", token=hub.tokens["admin"], verbose=False) as client:
        client.predict("elsewhere", api_name="/shout")
        with pytest.raises(AppError):
            client.predict("a call", api_name="/flaky")
    page = tabs.open(address_of(hub))
    page.get_by_role("link", name="Sign in").click()
    sign_in(page)
    page.wait_for_url(f"{address_of(hub)}**")
    page.get_by_role("link", name="History", exact=True).click()
    listed = page.get_by_role("region", name="Other calls of your account")
    listed.get_by_role("button", name="/shout").first.click()
    page.locator(".outputs", has_text="ELSEWHERE").wait_for()
    page.get_by_role("link", name="History", exact=True).click()
    failed = listed.locator("li", has_text="failed")
    assert listed.locator("li", has_text="/shout").first.get_by_role("button", name="Run again").is_disabled()
    failed.get_by_role("button", name="Run again").click()
    page.locator(".outputs", has_text="a call, the second time").wait_for()


def test_under_the_path_form_in_a_tab(tabs, hub):
    page = tabs.open(f"{hub.apps}/admin/hidden/")
    page.get_by_role("link", name="Sign in").click()
    sign_in(page)
    page.wait_for_url(f"{address_of(hub)}**")
    shouts(page)


def test_a_frame_of_a_visitor_who_is_not_signed_in_leads_to_the_page_that_does(tabs, hub):
    page = tabs.open(f"{hub.url}/")
    answered = page.evaluate(
        """async (address) => {
            const frame = document.createElement("iframe");
            frame.src = `/open?to=${encodeURIComponent(address)}`;
            document.body.append(frame);
            await new Promise((done) => { frame.onload = done; });
            return frame.contentDocument.body.innerText;
        }""",
        address_of(hub),
    )
    assert "This Space is private" in answered
    page.frame_locator("iframe").get_by_role("link", name="Sign in").click()
    page.wait_for_url(re.compile(r"/login\?next="))


def test_no_other_page_frames_the_hubs_pages(tabs, hub):
    tabs.allowed += ["frame", "Refused", "refused", "X-Frame-Options"]
    page = tabs.open(address_of(hub))
    for path in ("/login", "/settings/account", "/open?to=x"):
        page.evaluate(
            """(address) => {
                const frame = document.createElement("iframe");
                frame.src = address;
                document.body.append(frame);
            }""",
            f"{hub.url}{path}",
        )
    page.wait_for_timeout(1000)
    assert not [one.url for one in page.frames if one.url.startswith(f"{hub.url}/") and one.locator("form").count()]
