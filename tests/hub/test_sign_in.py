"""Signing in with a browser: sessions, cookies, who may send what, guesses, sign-up, and new passwords."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.hub.browsing import PASSWORD, Browser, browsing, set_passwords
from tests.hub.conftest import HubServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob", "admin")
    yield server
    server.stop()


def test_a_session_is_an_identity_on_every_route_until_it_ends(hub):
    with browsing(hub, None, "ann") as (nobody, ann):
        assert (nobody.name(), ann.name()) == (None, "ann")
        assert ann.http.get("/api/whoami-v2").json()["auth"] == {"type": "session"}
        assert ann.http.post("/api/repos/create", json={"name": "mine", "type": "space"}).status_code == 200
        (session,) = ann.http.get("/api/sessions").json()
        assert (session["device"], session["address"], session["current"]) == ("Firefox", "127.0.0.1", True)
        cookie = next(one for one in ann.http.cookies.jar if "session" in one.name)
        assert cookie.name == f"spaceport-session-{hub.port}"
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
        assert ann.http.delete("/api/sessions/current").status_code == 200
        assert ann.name() is None
        ann.http.cookies.set(cookie.name, cookie.value)
        assert ann.name() is None, "the session has ended, not only the cookie"


def test_the_unmodified_clients_read_whose_session_it_is(hub):
    """A session counts for programs that send no Origin as long as they only read."""
    with browsing(hub, "ann") as (ann,):
        plain = {name: value for name, value in ann.http.headers.items() if name != "origin"}
        with httpx.Client(base_url=hub.url, cookies=ann.http.cookies, headers=plain) as program:
            assert program.get("/api/whoami-v2").status_code == 200
            refused = program.post("/api/repos/create", json={"name": "csrf", "type": "space"})
            assert refused.status_code == 403


@pytest.mark.parametrize(
    "origin", ["null", "http://127.0.0.1:1", "http://evil-space.localhost:{port}", "https://x.org"]
)
def test_another_page_can_neither_change_nor_read_with_a_session(hub, origin):
    with browsing(hub, "ann") as (ann,):
        foreign = {"origin": origin.format(port=hub.port)}
        for method, path, body in (
            ("POST", "/api/repos/create", {"name": "csrf", "type": "space"}),
            ("DELETE", "/api/sessions", None),
            ("POST", "/logout", None),
        ):
            assert ann.http.request(method, path, json=body, headers=foreign).status_code == 403, path
        assert ann.http.get("/api/whoami-v2", headers=foreign).status_code == 401
        with browsing(hub, None) as (victim,):
            known = {"name": "ann", "password": PASSWORD}
            assert victim.http.post("/api/sessions", json=known, headers=foreign).status_code == 403
            assert victim.http.post("/login", data=known, headers=foreign).status_code in (200, 403)
            assert victim.name() is None, "nobody is signed in by another page"
        assert ann.name() == "ann"


def test_a_session_is_new_at_each_sign_in_and_a_cookie_that_was_set_from_outside_counts_for_nothing(hub):
    with browsing(hub, "ann") as (ann,):
        name = f"spaceport-session-{hub.port}"
        before = ann.http.cookies[name]
        assert ann.sign_in("ann").status_code == 200
        after = ann.http.cookies[name]
        assert before != after
        twice = f"{name}={after}; {name}={before}"
        assert httpx.get(f"{hub.url}/api/whoami-v2", headers={"cookie": twice}).status_code == 401
        assert httpx.get(f"{hub.url}/api/whoami-v2", headers={"cookie": f"{name}={before}"}).status_code == 401
        with browsing(hub, None) as (fixed,):
            fixed.http.cookies.set(name, before)
            chosen = fixed.sign_in("ann").headers.get_list("set-cookie")
            assert before not in str(chosen)


def test_sessions_survive_a_killed_hub_and_can_be_ended_elsewhere(hub):
    with browsing(hub, "ann", "ann", "bob") as (laptop, phone, bob):
        hub.kill()
        hub.start()
        assert (laptop.name(), phone.name()) == ("ann", "ann")
        others = [one["id"] for one in laptop.http.get("/api/sessions").json() if not one["current"]]
        assert bob.http.delete(f"/api/sessions/{others[0]}").status_code == 404
        assert laptop.http.delete("/api/sessions").status_code == 200
        assert (laptop.name(), phone.name(), bob.name()) == ("ann", None, "bob")


def test_what_keeps_an_account_safe_needs_a_session(hub):
    with hub.http("ann") as program:
        for method, path in (("GET", "/api/sessions"), ("PUT", "/api/account/password"), ("DELETE", "/api/account")):
            assert program.request(method, path, json={}).status_code == 403
    reads = hub.run("tokens", "add", "admin", "reads", "--role", "read").strip()
    with httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {reads}"}) as reader:
        assert reader.get("/metrics").status_code == 200
        assert reader.post("/api/users", json={"name": "x"}).status_code == 403, "a token that may read changes nothing"


def test_guesses_are_bounded_and_the_owner_still_gets_in_from_where_they_were(hub):
    hub.run("users", "add", "target")
    set_passwords(hub, "target")
    with browsing(hub, "target") as (owner,), browsing(hub, None) as (attacker,):
        owner.http.delete("/api/sessions/current")
        statuses = [attacker.sign_in("target", f"guess {number}").status_code for number in range(60)]
        assert statuses == [401] * 10 + [429] * 50
        right = attacker.sign_in("target")
        assert right.status_code == 429, "even the right one tells nothing now"
        assert int(right.headers["retry-after"]) > 60
        assert owner.sign_in("target").status_code == 200, "the browser that was signed in before is counted by itself"
        owner.http.delete("/api/sessions/current")
        with browsing(hub, None) as (thief,):
            thief.http.cookies.set(f"spaceport-device-{hub.port}", "0" * 32 + "." + "0" * 64)
            assert thief.sign_in("target").status_code == 429, "a device cookie cannot be made up"


def test_a_wrong_name_is_as_wrong_as_a_wrong_password(hub):
    with browsing(hub, None) as (browser,):
        answers = [browser.sign_in(name, "nonsense") for name in ("ann", "nobody-at-all", "x" * 5000)]
        assert {one.status_code for one in answers} == {401}
        assert len({one.content for one in answers}) == 1
        assert browser.http.post("/api/sessions", json={"name": "ann"}).status_code == 400
        assert browser.sign_in("ann", "x" * 5000).status_code == 401


def test_signing_up_takes_an_invitation_and_a_good_password(hub):
    with browsing(hub, None, "admin") as (new, admin):
        about = {"name": "carol", "password": PASSWORD}
        assert new.http.post("/api/sign-up", json=about).status_code == 403
        assert new.http.post("/api/sign-up", json={**about, "invitation": "nonsense"}).status_code == 404
        link = admin.http.post("/api/invitations", json={"days": 1}).json()["link"]
        (listed,) = admin.http.get("/api/invitations").json()
        weak = new.http.post("/api/sign-up", json={**about, "invitation": link, "password": "carol2024"})
        assert weak.status_code == 400
        assert "easy to guess" in weak.json()["error"]
        assert new.http.post("/api/sign-up", json={**about, "invitation": link, "name": "ANN"}).status_code == 409
        assert new.http.post("/api/sign-up", json={**about, "invitation": link}).status_code == 201
        assert new.name() == "carol"
        assert admin.http.delete(f"/api/invitations/{listed['id']}").status_code == 404, "it is used up"
        assert (
            new.http.post("/api/sign-up", json={"name": "dave", "password": PASSWORD, "invitation": link}).status_code
            == 404
        )


def test_the_pages_sign_up_with_an_invitation_into_an_organization_sign_in_and_out(hub):
    hub.run("orgs", "add", "crew", "ann")
    link = hub.run("invites", "add", "crew", "--role", "write", "--uses", "2").strip()
    with browsing(hub, None, "bob") as (new, bob):
        page = new.http.get(link)
        assert "Make an account" in page.text
        assert page.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        bad = new.http.post(link, data={"name": '"><script>', "password": PASSWORD})
        assert bad.status_code == 400
        assert "<script>" not in bad.text
        made = new.http.post(link, data={"name": "erin", "password": PASSWORD})
        assert (made.status_code, made.headers["location"]) == (303, "/")
        joined = new.http.get("/api/whoami-v2").json()["orgs"]
        assert [(one["name"], one["roleInOrg"]) for one in joined] == [("crew", "write")]
        assert new.http.post("/logout").status_code == 303
        assert new.http.get("/settings/account").headers["location"] == "/login?next=/settings/account"
        wrong = new.http.post("/login", data={"name": "erin", "password": "wrong", "next": "/settings/account"})
        assert (wrong.status_code, "wrong." in wrong.text) == (401, True)
        signed = new.http.post("/login", data={"name": "erin", "password": PASSWORD, "next": "/settings/account"})
        assert signed.headers["location"] == "/settings/account"
        assert new.http.get("/settings/account").status_code == 200
        assert "Firefox" in new.http.get("/api/sessions").text
        assert "Join crew" in bob.http.get(link).text
        (form,) = bob.forms(link)
        assert bob.http.post(link, data={**form, "form": "0"}).status_code == 403
        assert bob.http.post(link, data=form).headers["location"] == "/settings/organizations/crew"
        assert new.http.get(link).status_code == 404


@pytest.mark.parametrize("target", ["//evil.org", "https://evil.org", "/\\evil.org", "/\nx", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(hub, target):
    with browsing(hub, None) as (browser,):
        answer = browser.http.post("/login", data={"name": "bob", "password": PASSWORD, "next": target})
        assert answer.headers["location"] == "/"
        assert browser.http.get("/login", params={"next": target}).headers["location"] == "/"


def test_a_new_password_ends_the_other_sessions_and_needs_the_old_one(hub):
    hub.run("users", "add", "frank")
    link = hub.run("users", "password", "frank").strip()
    with browsing(hub, None, None, "admin") as (frank, other, admin):
        assert frank.http.get(link).status_code == 200
        assert frank.http.post(link, data={"password": "frank"}).status_code in (400, 422)
        assert frank.http.post(link, data={"password": PASSWORD}).status_code == 303
        assert frank.name() == "frank"
        assert frank.http.get(link).status_code == 404, "it works once"
        assert other.sign_in("frank").status_code == 200
        new = PASSWORD + " two"
        changed = {"current": "wrong", "new": new}
        assert frank.http.put("/api/account/password", json=changed).status_code == 401
        changed["current"] = PASSWORD
        foreign = {"origin": "https://example.org"}
        assert frank.http.put("/api/account/password", json=changed, headers=foreign).status_code == 403
        done = frank.http.put("/api/account/password", json=changed)
        assert (done.status_code, frank.name(), other.name()) == (200, "frank", None)
        assert (other.sign_in("frank").status_code, other.sign_in("frank", new).status_code) == (401, 200)
        reset = admin.http.post("/api/users/frank/password-reset").json()["link"]
        answer = other.http.post("/api/password-resets", json={"reset": reset, "password": PASSWORD})
        assert (answer.status_code, frank.name(), other.name()) == (200, None, "frank")


def test_one_deletes_one_s_own_account_with_its_name_and_password(hub):
    hub.run("users", "add", "gone")
    set_passwords(hub, "gone")
    with browsing(hub, "gone") as (browser,):
        asked = browser.http.request("DELETE", "/api/account", json={})
        assert (asked.status_code, "With gone go 0 Spaces" in asked.json()["error"]) == (400, True)
        wrong = browser.http.request("DELETE", "/api/account", json={"confirm": "gone", "password": "wrong"})
        assert wrong.status_code == 401
        done = browser.http.request("DELETE", "/api/account", json={"confirm": "gone", "password": PASSWORD})
        assert (done.status_code, browser.name()) == (200, None)


def test_the_first_start_says_how_the_admin_signs_in(tmp_path):
    server = HubServer(tmp_path / "hub", "--sign-up", "open")
    try:
        with browsing(server, None, None) as (admin, new):
            link = re.search(r"http\S+/reset/\S+", server.process.stdout.readline())[0]
            assert admin.http.post(link, data={"password": PASSWORD}).status_code == 303
            assert admin.name() == "admin"
            assert new.http.post("/signup", data={"name": "zoe", "password": PASSWORD}).status_code == 303
            assert new.name() == "zoe"
    finally:
        server.stop()


def test_behind_https_the_cookie_is_the_hosts_own(tmp_path):
    server = HubServer(tmp_path / "hub", environment={"SPACEPORT_TRUST_FORWARDED": "1"})
    try:
        set_passwords(server, "ann")
        browser = Browser(server)
        browser.http.headers["origin"] = "https://hub.org"
        browser.http.headers["x-forwarded-proto"] = "https"
        browser.http.headers["x-forwarded-host"] = "hub.org"
        found = browser.sign_in("ann").headers.get_list("set-cookie")
        session = next(one for one in found if "session" in one)
        attributes = r"HttpOnly; Max-Age=\d+; Path=/; SameSite=lax; Secure"
        assert re.match(rf"__Host-spaceport-session=\S{{43}}; {attributes}", session)
        browser.http.headers["authorization"] = f"Bearer {server.tokens['ann']}"
        for name in ("one", "two"):
            made = browser.http.post("/api/repos/create", json={"name": name, "type": "space", "sdk": "static"})
            assert made.json()["url"] == f"https://hub.org/spaces/ann/{name}"
        paged = browser.http.get("/api/spaces?limit=1&sort=createdAt")
        assert paged.links["next"]["url"].startswith("https://hub.org/api/spaces?limit=1&sort=createdAt&cursor=")
        browser.http.close()
    finally:
        server.stop()
