"""Signing in with a real OpenID Connect provider: who gets in as whom, with which roles, and who does not."""

from __future__ import annotations

import contextlib
import time

import pytest
from tests.hub.browsing import PASSWORD, Browser, browsing, set_passwords
from tests.hub.conftest import HubServer
from tests.hub.openid_provider import OpenIdServer, callback_of, environment, finish, sign_in

from spaceport.hub.state import Hub

RULES = "engineers=research:write; CN=Leads,OU=x=research:admin; staff=tier:pro"


@pytest.fixture(scope="module")
def provider():
    server = OpenIdServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, provider):
    server = HubServer(tmp_path_factory.mktemp("hub"), environment=environment(provider, GROUPS=RULES))
    with contextlib.closing(Hub(server.data)) as state:
        state.organizations.add("research", state.accounts.get_user("admin"))
    set_passwords(server, "ann", "bob", "admin")
    provider.start(f"{server.url}/login/openid/callback")
    yield server
    server.stop()


def roles(browser):
    found = browser.http.get("/api/whoami-v2").json()
    return found["name"], {one["name"]: one["roleInOrg"] for one in found["orgs"]}


def tier_of(hub, user):
    with contextlib.closing(Hub(hub.data)) as state:
        return state.accounts.get_user(user).tier


def test_a_member_of_a_group_gets_an_account_whose_roles_follow_the_groups(hub, provider):
    with browsing(hub, None) as (new,):
        assert "Continue with Acme &lt;ID&gt;" in new.http.get("/login").text
        provider.be(
            "1", preferred_username="carol", groups=["engineers", "staff"], email="c@x.org", email_verified=True
        )
        done = sign_in(new, next="/settings/tokens")
        assert (done.status_code, done.headers["location"]) == (303, "/settings/tokens")
        assert roles(new) == ("carol", {"research": "write"})
        assert tier_of(hub, "carol") == "pro"
        provider.be("1", preferred_username="renamed there", groups=["CN=Leads,OU=x"])
        sign_in(new)
        assert roles(new) == ("carol", {"research": "admin"}), "the same account, whatever it is called there"
        assert tier_of(hub, "carol") == "free"
        provider.be("1", groups=[])
        sign_in(new)
        assert roles(new) == ("carol", {})


def test_who_is_in_no_group_gets_no_account_without_an_invitation(hub, provider):
    provider.be("2", preferred_username="dave", groups=["others"])
    with browsing(hub, None) as (new,):
        refused = sign_in(new)
        assert (refused.status_code, new.name()) == (403, None)
        assert "ask the hub&#x27;s admin" in refused.text
        assert sign_in(new, invitation="nonsense").status_code == 404
        link = hub.run("invites", "add", "research", "--role", "read").strip()
        page = new.http.get(link).text
        assert f"invitation={link.rpartition('/')[2]}" in page
        assert sign_in(new, invitation=link).status_code == 303
        assert roles(new)[0] == "dave"
        assert new.http.get(link).status_code == 404, "it is used up"


@pytest.mark.parametrize("verified", [True, False])
def test_nobody_becomes_a_user_of_the_same_name_or_address(hub, provider, verified):
    """The account of a provider belongs to whom it was made for, or who has linked it."""
    number = f"thief-{verified}"
    provider.be(number, preferred_username="ann", email="ann@x.org", email_verified=verified, groups=["engineers"])
    with browsing(hub, None) as (thief,):
        assert sign_in(thief).status_code == 303
        name, _ = roles(thief)
        assert name.startswith("ann-")
        linked = thief.http.get("/api/account/openid").json()["linked"]
        assert [one["email"] for one in linked] == (["ann@x.org"] if verified else [""])
    for odd, made in (
        ("admin", "admin-2"),
        ("login", "login-2"),
        ("../<b>", "b"),
        ("日本", "user"),
        ("A" * 300, "A" * 40),
    ):
        provider.be(f"{number} {odd[:9]}", preferred_username=odd, groups=["engineers"])
        with browsing(hub, None) as (other,):
            sign_in(other)
            found = roles(other)[0]
            assert found == made or found.startswith(made.removesuffix("2")), (odd, found)
            assert not other.http.get("/api/whoami-v2").json().get("isAdmin")


def test_who_is_signed_in_links_the_account_and_nobody_else_can(hub, provider):
    provider.be("bob there", groups=["engineers"])
    with browsing(hub, "bob", "ann", None) as (bob, ann, other):
        foreign = bob.http.post("/api/account/openid", headers={"origin": "https://evil.org"})
        assert foreign.status_code == 403
        url = callback_of(bob, bob.http.post("/api/account/openid").json()["url"])
        assert finish(other, url).status_code == 401, "another browser cannot"
        assert finish(bob, url).headers["location"] == "/settings/account"
        assert finish(bob, url).status_code == 401, "it works once"
        assert bob.http.get("/api/account/openid").json()["provider"] == "Acme <ID>"
        sign_in(other)
        assert roles(other) == ("bob", {"research": "write"})
        taken = finish(ann, callback_of(ann, ann.http.post("/api/account/openid").json()["url"]))
        assert (taken.status_code, "another user" in taken.text) == (409, True)
        begun = ann.http.post("/api/account/openid").json()["url"]
        assert ann.sign_in("bob").status_code == 200
        assert finish(ann, callback_of(ann, begun)).status_code == 401, "the link was begun by somebody else"
        assert bob.http.delete("/api/account/openid").status_code == 200
        assert bob.http.delete("/api/account/openid").status_code == 404
        other.http.delete("/api/sessions/current")
        sign_in(other)
        made = roles(other)[0]
        assert made != "bob"
        assert other.http.delete("/api/account/openid").status_code == 409, "it is the only way in"
        hub.run("users", "unlink", made)
        assert "no linked account" in hub.run("users", "unlink", made, status=1)


def test_answers_that_do_not_belong_to_this_browser_and_sign_in_are_refused(hub, provider):
    provider.be("1", groups=["engineers"])
    with browsing(hub, None, None) as (victim, attacker):
        begun = victim.http.get("/login/openid").headers["location"]
        good = callback_of(victim, begun)
        other = callback_of(attacker, attacker.http.get("/login/openid").headers["location"])
        assert finish(attacker, good).status_code == 401, "a state of another browser"
        assert finish(victim, other).status_code == 401
        assert finish(victim, good).status_code == 401, "a sign-in that failed has to start again"
        assert (victim.name(), attacker.name()) == (None, None)

        def answer(change_there=lambda url: url, change_here=lambda url: url):
            begun = victim.http.get("/login/openid").headers["location"]
            return finish(victim, change_here(callback_of(victim, change_there(begun))))

        assert answer().status_code == 303
        victim.http.delete("/api/sessions/current")
        nonce = answer(change_there=lambda url: url.replace("nonce=", "nonce=x"))
        assert (nonce.status_code, "nonce" in nonce.text) == (401, True)
        issuer = answer(change_here=lambda url: url.replace("iss=", "iss=https%3A%2F%2Fevil.org%2F"))
        assert (issuer.status_code, "another provider" in issuer.text) == (401, True)
        challenge = answer(change_there=lambda url: url.replace("code_challenge=", "code_challenge=A")[: -0 or None])
        assert challenge.status_code == 401, "a code that was asked for with another verifier"
        replayed = []

        def keep(url):
            replayed.append(url)
            return url

        assert answer(change_here=keep).status_code == 303
        code = replayed[0].partition("code=")[2].partition("&")[0]
        again = answer(change_here=lambda url: url.replace(url.partition("code=")[2].partition("&")[0], code))
        assert (again.status_code, "refused" in again.text) == (401, True)
        said = victim.http.get("/login/openid").headers["location"].partition("state=")[2].partition("&")[0]
        error = finish(victim, f"/login/openid/callback?state={said}&error=access_denied&error_description=<b>no")
        assert (error.status_code, "&lt;b&gt;no" in error.text, "<b>no" in error.text) == (401, True, False)


@pytest.mark.parametrize("target", ["//evil.org", "https://evil.org", "/\\evil.org", "/\nx"])
def test_signing_in_leads_nowhere_else(hub, provider, target):
    provider.be("1", groups=["engineers"])
    with browsing(hub, None) as (browser,):
        assert sign_in(browser, next=target).headers["location"] == "/"


def test_the_provider_changes_its_keys_is_down_and_comes_back(hub, provider):
    provider.be("1", groups=["engineers"])
    callback = f"{hub.url}/login/openid/callback"
    with browsing(hub, None) as (browser,):
        assert sign_in(browser).status_code == 303
        provider.start(callback)
        provider.be("1", groups=["engineers"])
        assert sign_in(browser).status_code == 303, "the new keys are read"
        begun = browser.http.get("/login/openid").headers["location"]
        url = callback_of(browser, begun)
        provider.stop()
        down = finish(browser, url)
        assert (down.status_code, "cannot be reached" in down.text) == (502, True)
        assert Browser(hub).sign_in("ann", PASSWORD).status_code == 200, "passwords work meanwhile"
        for skew_s, status in ((45, 303), (-45, 303), (3600, 401), (-7200, 401)):
            provider.start(callback, skew_s=skew_s)
            time.sleep(2.1)  # the hub reads a provider's keys again after two seconds at the earliest
            provider.be("1", groups=["engineers"])
            assert sign_in(browser).status_code == status, skew_s
        provider.start(callback)


def test_a_hub_without_a_provider_says_so_and_bad_settings_are_named(tmp_path):
    server = HubServer(tmp_path / "hub")
    try:
        with browsing(server, None) as (browser,):
            assert browser.http.get("/login/openid").status_code == 404
            assert "Continue with" not in browser.http.get("/login").text
    finally:
        server.stop()
    for options, said in (
        (["--oidc-issuer", "http://login.example.org", "--oidc-client-id", "x"], "https address"),
        (["--oidc-issuer", "https://login.example.org"], "CLIENT_ID"),
        (["--oidc-issuer", "https://a.org", "--oidc-client-id", "x", "--oidc-scopes", "email"], "openid"),
        (
            ["--oidc-issuer", "https://a.org", "--oidc-client-id", "x", "--oidc-groups", "a=b:owner"],
            "group=organization",
        ),
    ):
        assert said in server.run("hub", "--port", "0", "--apps-port", "0", *options, status=1)
