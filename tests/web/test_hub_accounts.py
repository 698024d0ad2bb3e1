"""The pages about one's own account: signing up, password, sessions, tokens, the log, and the account's end."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from spaceport.hub.state import Hub
from tests.hub.browsing import PASSWORD, browsing, set_passwords
from tests.hub.conftest import HubServer
from tests.web.test_accessibility import AXE
from tests.web.test_hub_pages import HubTabs, token
from tests.web.test_hub_shell import SHIFT

NEW = "another horse battery staple"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "admin", "ann", "bob")
    yield server
    server.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["400", "401", "403", "404", "409"]  # what is refused is said on the page, and by the browser
    yield found
    found.context.close()
    assert not found.wrong


def signed_in(tabs, hub, path, user, password=PASSWORD):
    page = tabs.open(f"{hub.url}/login?next={path}")
    page.get_by_label("Name").fill(user)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}{path}")
    return page


def test_who_signs_in_needs_the_token_from_before_no_more(tabs, hub):
    page = tabs.open(hub.url)
    token(page, hub, "bob")
    page.goto(f"{hub.url}/login?next=/settings/account")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/settings/account")
    page.get_by_role("button", name="Account of ann").wait_for()
    page.locator('[aria-label="Sessions"] li').first.wait_for()
    assert page.evaluate("() => sessionStorage.getItem('spaceport-token')") in (None, "")


def card(page, title):
    return page.locator(".card", has=page.get_by_role("heading", name=title, exact=True))


def test_an_invited_user_signs_up_and_a_reset_link_sets_a_password(tabs, hub):
    with browsing(hub, "admin") as (admin,):
        invited = admin.http.post("/api/invitations", json={}).json()["link"]
    page = tabs.open(invited)
    page.get_by_label("Name").fill("dora")
    page.get_by_label("Password").fill("dora")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("alert").get_by_text("8 to 256 characters").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Account of dora").click()
    page.get_by_role("menuitem", name="Settings").click()
    page.wait_for_url(f"{hub.url}/settings/account")
    page.get_by_text("Tier free").wait_for()
    with browsing(hub, "admin") as (admin,):
        link = admin.http.post("/api/users/dora/password-reset").json()["link"]
    page.goto(link)
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("button", name="Account of dora").wait_for()
    with browsing(hub, None) as (other,):
        assert (other.sign_in("dora").status_code, other.sign_in("dora", NEW).status_code) == (401, 200)


def test_the_password_needs_the_current_one_and_says_what_is_weak(tabs, hub):
    page = signed_in(tabs, hub, "/settings/account", "ann")
    form = card(page, "Password")
    form.get_by_label("Current password").fill("wrong")
    form.get_by_label("New password").fill(NEW)
    form.get_by_role("button", name="Change password").click()
    form.get_by_text("The name or the password is wrong").wait_for()
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_label("New password").fill("password1")
    form.get_by_role("button", name="Change password").click()
    form.get_by_text("easy to guess").wait_for()
    form.get_by_label("New password").fill(NEW)
    form.get_by_role("button", name="Change password").click()
    page.locator(".toast", has_text="The password is changed").wait_for()
    with browsing(hub, None) as (other,):
        assert (other.sign_in("ann").status_code, other.sign_in("ann", NEW).status_code) == (401, 200)
    set_passwords(hub, "ann")


def test_sessions_show_their_device_and_end_from_here(tabs, hub):
    page = signed_in(tabs, hub, "/settings/account", "bob")
    with browsing(hub, "bob", "bob") as (second, third):
        page.reload()
        rows = page.get_by_role("list", name="Sessions").get_by_role("listitem")
        page.wait_for_function("() => document.querySelectorAll('[aria-label=Sessions] li').length === 3")
        own = rows.filter(has_text="This browser")
        assert "Chrome on Linux" in own.inner_text()
        assert "127.0.0.1" in own.inner_text()
        rows.filter(has_text="Firefox").first.get_by_role("button", name="Sign out").click()
        page.wait_for_function("() => document.querySelectorAll('[aria-label=Sessions] li').length === 2")
        assert sorted([second.name() or "", third.name() or ""]) == ["", "bob"]
        page.get_by_role("button", name="Sign out all others").click()
        page.wait_for_function("() => document.querySelectorAll('[aria-label=Sessions] li').length === 1")
        assert (second.name(), third.name()) == (None, None)
    page.get_by_role("button", name="Sign out here").click()
    page.get_by_role("link", name="Sign in").wait_for()
    page.goto(f"{hub.url}/settings/account")
    page.wait_for_url(f"{hub.url}/login?next=/settings/account")


def test_a_token_is_shown_once_says_its_last_use_and_is_revoked(tabs, hub):
    page = signed_in(tabs, hub, "/settings/tokens", "ann")
    form = card(page, "New token")
    form.get_by_label("Name").fill("from the page")
    form.get_by_text("Certain Spaces only").click()
    form.get_by_label("Space or owner 1").fill("nobody/nothing")
    form.get_by_role("button", name="Make token").click()
    form.get_by_text("You have no Spaces at 'nobody'").wait_for()
    form.get_by_label("Space or owner 1").fill("ann")
    form.get_by_label("Right 1").select_option("manage")
    form.get_by_label("Valid for").select_option("30")
    form.get_by_role("button", name="Make token").click()
    secret = page.get_by_role("status").locator("code").inner_text()
    row = page.get_by_role("list", name="Tokens").get_by_role("listitem").filter(has_text="from the page")
    assert "ann:manage" in row.inner_text()
    assert "Never used" in row.inner_text()
    made = httpx.post(
        f"{hub.url}/api/repos/create",
        json={"name": "by-token", "type": "space"},
        headers={"authorization": f"Bearer {secret}"},
    )
    assert made.status_code == 200
    page.reload()
    row.get_by_text("from 127.0.0.1").wait_for()
    assert secret not in page.content()
    row.get_by_role("link", name="Log of from the page").click()
    log = page.get_by_role("region", name="Log")
    log.get_by_text("POST /api/repos/create").wait_for()
    log.get_by_text("used from").wait_for()
    assert log.locator("tbody tr").count() == 2
    page.get_by_role("button", name="Remove the filter").click()
    log.get_by_text("POST /api/tokens").first.wait_for()
    page.get_by_label("Show entries with").fill("no such request")
    page.get_by_text("No such entries").wait_for()
    page.get_by_role("link", name="Access tokens").click()
    row.get_by_role("button", name="Revoke").click()
    row.wait_for(state="detached")
    answer = httpx.get(f"{hub.url}/api/whoami-v2", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_an_account_ends_with_its_name_and_password(tabs, hub):
    hub.run("users", "add", "gone")
    set_passwords(hub, "gone")
    page = signed_in(tabs, hub, "/settings/account", "gone")
    card(page, "Delete this account").get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete gone")
    dialog.get_by_text("With gone go 0 Spaces").wait_for()
    dialog.get_by_label("Type gone").fill("gone")
    assert dialog.get_by_role("button", name="Delete for good").is_disabled()
    dialog.get_by_label("Your password").fill("wrong")
    dialog.get_by_role("button", name="Delete for good").click()
    dialog.get_by_text("The name or the password is wrong").wait_for()
    dialog.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in").wait_for()
    with hub.http("admin") as http:
        assert http.get("/api/users/gone/overview").status_code == 404


def test_an_account_and_its_organization_get_other_names(tabs, hub):
    hub.run("users", "add", "former")
    hub.run("orgs", "add", "oldcrew", "former")
    set_passwords(hub, "former")
    page = signed_in(tabs, hub, "/settings/account", "former")
    rename = card(page, "Rename")
    rename.get_by_label("New name").fill("ann")
    rename.get_by_label("Your password").fill(PASSWORD)
    rename.get_by_role("button", name="Rename").click()
    rename.get_by_text("already exists").wait_for()
    rename.get_by_label("New name").fill("later")
    rename.get_by_role("button", name="Rename").click()
    card(page, "Profile").or_(page.get_by_label("Profile")).get_by_role("link", name="later").wait_for()
    page.goto(f"{hub.url}/settings/organizations/oldcrew")
    rename = card(page, "Rename")
    rename.get_by_label("New name").fill("newcrew")
    rename.get_by_role("button", name="Rename").click()
    page.wait_for_url(f"{hub.url}/settings/organizations/newcrew")
    page.goto(f"{hub.url}/settings/organizations/oldcrew")
    page.wait_for_url(f"{hub.url}/settings/organizations/newcrew")


def test_an_organization_is_made_and_others_join_it_by_a_link(tabs, hub):
    page = signed_in(tabs, hub, "/settings/organizations", "ann")
    page.get_by_text("You are in no organization").wait_for()
    form = card(page, "New organization")
    form.get_by_label("Name").fill("api")
    form.get_by_role("button", name="Make it").click()
    form.get_by_text("is reserved").wait_for()
    form.get_by_label("Name").fill("crew")
    form.get_by_role("button", name="Make it").click()
    page.wait_for_url(f"{hub.url}/settings/organizations/crew")
    invitations = card(page, "Invitations")
    invitations.get_by_label("Role").select_option("write")
    invitations.get_by_label("Uses").fill("3")
    invitations.get_by_role("button", name="Make a link").click()
    link = invitations.get_by_role("status").locator("code").inner_text()
    invitations.get_by_role("button", name="Copy").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == link
    invitations.get_by_text("3 uses left").wait_for()
    with hub.http("bob") as http:
        assert http.get("/api/organizations/crew/members").status_code == 403
    other = tabs.context.browser.new_context()
    joins = other.new_page()
    joins.goto(link)
    joins.get_by_role("link", name="Sign in").click()
    joins.get_by_label("Name").fill("bob")
    joins.get_by_label("Password").fill(PASSWORD)
    joins.keyboard.press("Enter")
    joins.get_by_text("with the role write").wait_for()
    joins.get_by_role("button", name="Join").click()
    joins.wait_for_url(f"{hub.url}/settings/organizations/crew")
    joins.get_by_role("list", name="Members").get_by_text("bob").wait_for()
    assert joins.get_by_role("heading", name="Invitations").count() == 0
    page.reload()
    members = page.get_by_role("list", name="Members").get_by_role("listitem")
    page.get_by_label("Role of bob").select_option("read")
    page.locator(".toast", has_text="Now with the role read").wait_for()
    with hub.http("ann") as http:
        roles = {one["user"]: one["role"] for one in http.get("/api/organizations/crew/members").json()}
    assert roles == {"ann": "admin", "bob": "read"}
    page.get_by_label("Role of ann").select_option("read")
    page.locator(".toast", has_text="That did not work").wait_for()
    page.wait_for_function("() => document.querySelector('[aria-label=\"Role of ann\"]').value === 'admin'")
    page.get_by_role("button", name="Revoke invitation").click()
    page.locator(".toast", has_text="The link is revoked").wait_for()
    assert httpx.get(link).status_code == 404
    joins.get_by_role("button", name="Leave").click()
    joins.get_by_role("button", name="Leave crew now").click()
    joins.get_by_text("You are in no organization").wait_for()
    other.close()
    page.reload()
    page.wait_for_function("() => document.querySelectorAll('[aria-label=Members] li').length === 1")
    assert "ann (you)" in members.first.inner_text()
    card(page, "Delete this organization").get_by_role("button", name="Delete").click()
    page.get_by_label("Type crew").fill("crew")
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_text("You are in no organization").wait_for()
    with hub.http("ann") as http:
        assert http.get("/api/organizations/crew/overview").status_code == 404


def test_a_private_space_is_shared_and_moves_to_an_organization(tabs, hub):
    with hub.http("ann") as http:
        http.post("/api/repos/create", json={"name": "secret", "type": "space"}).raise_for_status()
        http.post("/api/organizations", json={"name": "movers"}).raise_for_status()
    page = signed_in(tabs, hub, "/spaces/ann/secret/settings", "ann")
    access = card(page, "Who sees it")
    access.get_by_text("Private", exact=True).click()
    with hub.http("bob") as bob:
        access.get_by_label("Guests").fill("nobody-here")
        access.get_by_role("button", name="Add").click()
        access.get_by_text("There is no user or organization").wait_for()
        assert bob.get("/api/spaces/ann/secret").status_code == 404
        access.get_by_label("Guests").fill("bob")
        access.get_by_role("button", name="Add").click()
        access.get_by_role("list", name="Guests").get_by_text("bob").wait_for()
        assert bob.get("/api/spaces/ann/secret").status_code == 200
        access.get_by_role("button", name="Remove bob").click()
        access.get_by_role("list", name="Guests").wait_for(state="detached")
        assert bob.get("/api/spaces/ann/secret").status_code == 404
    access.get_by_role("button", name="Make a link").click()
    link = access.get_by_role("status").locator("code").inner_text()
    assert httpx.get(link).status_code == 200
    access.get_by_role("button", name="Revoke the link").click()
    page.locator(".toast", has_text="The link is revoked").wait_for()
    assert httpx.get(link).status_code == 404
    move = card(page, "Rename or transfer")
    assert move.get_by_role("button", name="Move").is_disabled()
    move.get_by_label("Owner").fill("bob")
    move.get_by_role("button", name="Move").click()
    move.get_by_text("You may not make Spaces for bob").wait_for()
    move.get_by_label("Owner").fill("movers")
    move.get_by_label("Name").fill("shown")
    move.get_by_role("button", name="Move").click()
    page.wait_for_url(f"{hub.url}/spaces/movers/shown/settings")
    card(page, "Rename or transfer").wait_for()
    with hub.http("ann") as http:
        assert http.get("/api/spaces/movers/shown").json()["private"] is True
        assert http.get("/api/spaces/ann/secret").headers["location"] == "/api/spaces/movers/shown"


def test_an_admin_manages_users_invitations_and_tiers(tabs, hub):
    page = signed_in(tabs, hub, "/", "admin")
    page.get_by_role("button", name="Account of admin").click()
    page.get_by_role("menuitem", name="Administration").click()
    page.wait_for_url(f"{hub.url}/admin/users")
    form = card(page, "New user")
    form.get_by_label("Name").fill("not a name")
    form.get_by_role("button", name="Add").click()
    form.get_by_text("must be made of").wait_for()
    form.get_by_label("Name").fill("erna")
    form.get_by_role("button", name="Add").click()
    row = page.get_by_role("region", name="Users").get_by_role("row").filter(has=page.get_by_role("link", name="erna"))
    row.get_by_label("Tier of erna").select_option("pro")
    page.locator(".toast", has_text="Now of the tier pro").wait_for()
    row.get_by_role("button", name="Make erna an admin").click()
    row.get_by_text("Admin", exact=True).wait_for()
    with hub.http("admin") as http:
        found = {one["name"]: one for one in http.get("/api/users").json()}
        assert (found["erna"]["tier"], found["erna"]["admin"]) == ("pro", True)
    row.get_by_role("button", name="New password for erna").click()
    link = page.get_by_role("status").locator("code").inner_text()
    assert link.startswith(f"{hub.url}/reset/")
    page.get_by_role("link", name="Log of admin").click()
    page.wait_for_url(f"{hub.url}/admin/log?user=admin")
    page.get_by_role("region", name="Log").get_by_text("PATCH /api/users/erna").first.wait_for()
    page.get_by_label("User", exact=True).select_option("erna")
    page.get_by_text("No such entries").wait_for()
    page.get_by_label("User", exact=True).select_option("")
    page.get_by_label("Action contains").fill("PATCH /api/users")
    page.get_by_label("Action contains").press("Enter")
    page.wait_for_url("**/admin/log?action=PATCH*")
    rows = page.get_by_role("region", name="Log").get_by_role("row")
    rows.filter(has_text="POST").first.wait_for(state="detached")
    rows.filter(has_text="PATCH /api/users/erna (admin True)").get_by_role("cell", name="admin", exact=True).wait_for()
    page.get_by_role("link", name="Users").click()
    row.get_by_role("button", name="Delete erna").click()
    page.get_by_label("Type erna").fill("erna")
    page.get_by_role("button", name="Delete for good").click()
    row.wait_for(state="detached")
    page.get_by_role("link", name="Invitations").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("status").locator("code").inner_text()
    assert "Make an account" in httpx.get(link).text
    page.get_by_role("link", name="Tiers").click()
    page.get_by_label("Calls of free").fill("77")
    page.get_by_label("Streams of free").fill("5")
    page.get_by_role("button", name="Save free").click()
    page.locator(".toast", has_text="The limits are set").wait_for()
    with hub.http("admin") as http:
        tiers = {one["name"]: one for one in http.get("/api/tiers").json()}
    assert [tiers["free"][key] for key in ("calls", "streams", "requests", "pages")] == [77, 5, 1000, 200]
    page.get_by_label("Storage of free").fill("2.5")
    page.get_by_role("button", name="Save free").click()
    page.wait_for_function("() => document.querySelector('[aria-label=\"Save free\"]').disabled")
    with hub.http("admin") as http:
        assert {one["name"]: one["storage"] for one in http.get("/api/tiers").json()}["free"] == 2_500_000_000
    page.get_by_label("Priority of free").fill("99")
    page.get_by_role("button", name="Save free").click()
    page.get_by_text("A priority is a whole number below 10").wait_for()
    page.get_by_role("button", name="Reset free").click()
    page.locator(".toast", has_text="It is as it came").wait_for()
    page.wait_for_function("() => document.querySelector('[aria-label=\"Calls of free\"]').value === '0'")


def test_an_admin_sees_all_spaces_and_the_machine_and_others_do_not(tabs, hub):
    with hub.http("bob") as http:
        http.post("/api/repos/create", json={"name": "private", "type": "space", "private": True}).raise_for_status()
        assert http.get("/api/machine").status_code == 403
    page = signed_in(tabs, hub, "/admin/spaces", "admin")
    page.get_by_label("Search Spaces", exact=True).fill("private")
    row = page.get_by_role("region", name="All Spaces").get_by_role("row").filter(has_text="bob / private")
    row.get_by_text("Not valid").wait_for()  # this hub runs the Spaces of its admins only
    page.get_by_role("link", name="Machine").click()
    page.get_by_text("where the hub's data is").wait_for()
    with hub.http("admin") as http:
        found = http.get("/api/machine").json()
    assert 0 < found["disk"]["free"] < found["disk"]["total"]
    assert f"{found['processors']} processors" in page.locator(".meters").inner_text()
    other = tabs.context.browser.new_context().new_page()
    other.goto(f"{hub.url}/admin/users")
    other.get_by_text("Only admins of this hub").wait_for()
    other.context.close()


VIEWS = {
    "/settings/account": '[aria-label="Sessions"] li',
    "/settings/tokens": '[aria-label="Tokens"] li',
    "/settings/log": ".sheet td",
    "/settings/organizations": '[aria-label="Organizations"] li',
    "/settings/organizations/team": '[aria-label="Open invitations"] li',
    "/spaces/team/hidden/settings": '[aria-label="Guests"] li',
}


ADMIN_VIEWS = {
    "/admin/users": ".sheet td",
    "/admin/invitations": '[aria-label="Open invitations"] li',
    "/admin/tiers": ".sheet td",
    "/admin/spaces": ".sheet td",
    "/admin/machine": ".meters",
    "/admin/log?user=admin": ".sheet td",
}


@pytest.mark.parametrize(("user", "views"), [("ann", VIEWS), ("admin", ADMIN_VIEWS)])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_axe_finds_nothing_on_any_page_and_nothing_moves(chromium, hub, scheme, width, user, views):
    found = HubTabs(chromium, hub, color_scheme=scheme, bypass_csp=True)
    with hub.http("ann") as http:
        http.post("/api/organizations", json={"name": "team"})
        http.post("/api/organizations/team/invitations", json={"role": "read"}).raise_for_status()
        made = {"name": "hidden", "organization": "team", "type": "space", "private": True}
        http.post("/api/repos/create", json=made)
        http.put("/api/spaces/team/hidden/guests/bob").raise_for_status()
    with hub.http("admin") as http:
        http.post("/api/invitations", json={}).raise_for_status()
    try:
        page = signed_in(found, hub, "/", user)
        page.set_viewport_size({"width": width, "height": 900})
        problems, moved = {}, {}
        for path, ready in views.items():
            page.goto(f"{hub.url}{path}")
            page.locator(ready).first.wait_for()
            if (shift := page.evaluate(SHIFT)) > 0.02:
                moved[path] = shift
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                problems[path] = "wider than the window"
            page.evaluate(AXE.read_text())
            for one in page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]:
                problems[f"{path} {one['id']}"] = one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300]
        assert problems == {}
        assert moved == {}
    finally:
        found.context.close()


def test_allowed_applications_are_listed_and_revoked(tabs, hub):
    with contextlib.closing(Hub(hub.data)) as state:
        bob = state.accounts.get_user("bob")
        issued = state.applications.sign_in_program(bob, "hf (<b>a machine</b>)")
    page = signed_in(tabs, hub, "/settings/account", "bob")
    entry = page.get_by_role("list", name="Applications").get_by_role("listitem")
    entry.get_by_text("hf (<b>a machine</b>)").wait_for()
    entry.get_by_text("never used").wait_for()
    entry.get_by_role("button", name="Revoke").click()
    card(page, "Applications").get_by_text("There are none.").wait_for()
    bearer = {"authorization": f"Bearer {issued.access}"}
    assert httpx.get(f"{hub.url}/api/whoami-v2", headers=bearer).status_code == 401
