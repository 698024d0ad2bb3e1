"""What the page of a Space tries in Chromium against who is signed in at the hub: it is refused."""

from __future__ import annotations

import pytest

from tests.hub.browsing import PASSWORD, Browser, set_passwords
from tests.hub.conftest import HubServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob")
    server.url = server.url.replace("127.0.0.1", "localhost")
    yield server
    server.stop()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def evil(hub):
    """A page at a Space's own host, where the Space's code runs: there need not be one for the browser to be there."""
    return f"http://evil-space.localhost:{hub.apps.rpartition(':')[2]}/"


def sign_in(hub, page, target="/settings/tokens"):
    page.goto(f"{hub.url}/login?next={target}")
    page.fill("input[name=name]", "ann")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_function("!location.pathname.startsWith('/login')")


def who(page):
    return page.evaluate("fetch('/api/whoami-v2').then(answer => answer.json()).then(found => found.name ?? null)")


def test_a_cookie_that_a_space_sets_for_the_hub_signs_nobody_in_as_somebody_else(hub, page):
    attacker = Browser(hub)
    assert attacker.sign_in("bob").status_code == 200
    name = next(one.name for one in attacker.http.cookies.jar if "session" in one.name)
    tossed = f"{name}={attacker.http.cookies[name]}"
    page.goto(evil(hub))
    for domain in ("; domain=localhost", "; domain=.localhost", ""):
        page.evaluate("(cookie) => { document.cookie = cookie; }", f"{tossed}; path=/{domain}")
    page.goto(f"{hub.url}/login")
    assert who(page) in (None, "bob")
    sign_in(hub, page)
    assert who(page) in (None, "ann"), "the attacker's session never takes the place of one's own"


def test_a_session_that_was_there_before_is_another_one_after_signing_in(hub, page):
    attacker = Browser(hub)
    assert attacker.sign_in("bob").status_code == 200
    name = next(one.name for one in attacker.http.cookies.jar if "session" in one.name)
    fixed = attacker.http.cookies[name]
    page.context.add_cookies([{"name": name, "value": fixed, "url": hub.url}])
    page.goto(hub.url)
    page.evaluate(
        "([name, password]) => fetch('/api/sessions', {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify({name, password})})",
        ["ann", PASSWORD],
    )
    assert who(page) == "ann"
    cookies = {one["name"]: one["value"] for one in page.context.cookies(hub.url)}
    assert cookies[name] != fixed
    assert attacker.name() is None, "the session that the attacker knows has ended"


@pytest.mark.parametrize("path", ["/login", "/settings/account", "/settings/tokens", "/signup", "/forgot", "/"])
def test_no_page_of_the_hub_can_be_framed(hub, page, path):
    sign_in(hub, page)
    page.goto(evil(hub))
    page.evaluate(
        "(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
        f"{hub.url}{path}",
    )
    page.wait_for_timeout(700)
    (frame,) = [one for one in page.frames if one != page.main_frame]
    assert frame.url == "chrome-error://chromewebdata/"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_the_hub_alone(hub, page, target):
    sign_in(hub, page, target)
    assert page.url == f"{hub.url}/"


def test_a_page_of_a_space_changes_nothing_with_its_visitors_session(hub, page):
    sign_in(hub, page)
    page.goto(evil(hub))
    for path in ("/api/sessions/current", "/api/account"):
        page.evaluate(
            "(url) => fetch(url, {method: 'DELETE', credentials: 'include', mode: 'cors'}).catch(() => null)",
            f"{hub.url}{path}",
        )
    with page.expect_navigation(url=f"{hub.url}/logout"):
        page.evaluate(
            "(action) => { const form = document.createElement('form'); form.method = 'post'; form.action = action;"
            " document.body.append(form); form.submit(); }",
            f"{hub.url}/logout",
        )
    page.goto(f"{hub.url}/settings/tokens")
    assert who(page) == "ann"
