"""The second factor: an authenticator app is enrolled, asked for, lost; a code counts once, and guesses are bounded."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote

import pyotp
import pytest
from tests.hub.browsing import PASSWORD, browsing, set_passwords
from tests.hub.conftest import HubServer

from spaceport.hub.state import Hub

FACTOR = "/api/account/second-factor"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob", "admin")
    yield server
    server.stop()


@pytest.fixture
def app(hub):
    """Ann's authenticator app, and her recovery codes."""
    with browsing(hub, "ann") as (ann,):
        secret = ann.http.post(FACTOR, json={"password": PASSWORD}).json()["secret"]
        codes = ann.http.put(FACTOR, json={"code": pyotp.TOTP(secret).now()}).json()["recoveryCodes"]
        yield pyotp.TOTP(secret), codes
    with contextlib.closing(Hub(hub.data)) as state:
        state.second_factor.turn_off(state.accounts.get_user("ann"))


def fresh(app):
    """A code of the next step: the one of now may have been used."""
    return app.at(time.time() + 30)


def first_step(browser, name="ann"):
    answer = browser.sign_in(name)
    assert answer.status_code == 202, answer.text
    assert browser.name() is None, "the password alone signs nobody in"
    return answer.json()["ticket"]


def second_step(browser, ticket, code):
    return browser.http.post("/api/sessions", json={"ticket": ticket, "code": code})


def test_it_is_enrolled_with_the_password_and_a_code(hub):
    with browsing(hub, "bob") as (bob,):
        assert bob.http.post(FACTOR, json={"password": "wrong"}).status_code == 401
        assert bob.http.put(FACTOR, json={"code": "123456"}).status_code == 409
        found = bob.http.post(FACTOR, json={"password": PASSWORD}).json()
        uri = pyotp.parse_uri(found["uri"])
        assert (uri.secret, uri.name, uri.issuer) == (found["secret"], "bob", hub.url.partition("://")[2])
        assert ElementTree.fromstring(unquote(found["picture"]).partition(",")[2]).tag.endswith("svg")
        wrong = bob.http.put(FACTOR, json={"code": "000000" if uri.now() != "000000" else "1"})
        assert (wrong.status_code, "clock" in wrong.json()["error"]) == (400, True)
        assert bob.http.get(FACTOR).json() == {"on": False, "recoveryCodes": 0}
        assert bob.sign_in("bob").status_code == 200, "it is asked for once it is confirmed"
        codes = bob.http.put(FACTOR, json={"code": uri.now()}).json()["recoveryCodes"]
        assert len(set(codes)) == 10
        assert bob.http.get(FACTOR).json() == {"on": True, "recoveryCodes": 10}
        assert bob.http.post(FACTOR, json={"password": PASSWORD}).status_code == 409, "nobody replaces one that is on"
        with contextlib.closing(sqlite3.connect(hub.data / "hub.db")) as file:
            dump = "\n".join(file.iterdump())
        assert found["secret"] not in dump
        assert not any(one in dump or one.replace("-", "") in dump for one in codes)
        assert bob.http.request("DELETE", FACTOR, json={"password": "wrong"}).status_code == 401
        assert bob.http.request("DELETE", FACTOR, json={"password": PASSWORD}).status_code == 200
        assert bob.sign_in("bob").status_code == 200


def test_a_code_of_the_app_is_the_second_step_and_counts_once(hub, app):
    totp, _ = app
    with browsing(hub, None, None) as (browser, thief):
        ticket = first_step(browser)
        code = fresh(totp)
        assert second_step(browser, ticket, "000000" if code != "000000" else "1").status_code == 401
        assert second_step(browser, ticket, f" {code[:3]} {code[3:]} ").status_code == 200
        assert browser.name() == "ann"
        assert second_step(thief, first_step(thief), code).status_code == 401, "a code that was seen is worth nothing"
        assert second_step(thief, first_step(thief), totp.at(time.time() - 30)).status_code == 401, (
            "nor is an older one"
        )
        assert second_step(thief, ticket, totp.at(time.time() + 60)).status_code == 401, "the ticket is used up"
        for forged in ("", "x", ticket[:-5] + "AAAAA", "A" * 20_000):
            assert second_step(thief, forged, code).status_code == 401
        assert thief.name() is None


def test_a_recovery_code_signs_in_once_and_new_ones_replace_all(hub, app):
    _, codes = app
    with browsing(hub, None, None) as (browser, thief):
        assert second_step(browser, first_step(browser), codes[0].upper()).status_code == 200
        assert second_step(thief, first_step(thief), codes[0]).status_code == 401
        assert browser.http.get(FACTOR).json() == {"on": True, "recoveryCodes": 9}
        assert browser.http.post("/api/account/recovery-codes", json={"password": "no"}).status_code == 401
        new = browser.http.post("/api/account/recovery-codes", json={"password": PASSWORD}).json()["recoveryCodes"]
        assert not {*new} & {*codes}
        assert second_step(thief, first_step(thief), codes[1]).status_code == 401
        assert second_step(thief, first_step(thief), new[1]).status_code == 200


def test_a_new_password_by_a_link_does_not_replace_the_second_factor(hub, app):
    totp, _ = app
    link = hub.run("users", "password", "ann").strip()
    with browsing(hub, None, None) as (browser, other):
        answer = browser.http.post("/api/password-resets", json={"reset": link, "password": PASSWORD})
        assert (answer.status_code, browser.name()) == (202, None)
        link = hub.run("users", "password", "ann").strip()
        page = other.http.post(link, data={"password": PASSWORD})
        assert (page.status_code, other.name()) == (200, None)
        (fields,) = [dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))]
        done = other.http.post("/login", data={**fields, "code": fresh(totp)})
        assert (done.status_code, other.name()) == (303, "ann")


def test_the_page_asks_for_the_code_and_goes_where_one_wanted_to(hub, app):
    _, codes = app
    with browsing(hub, None) as (browser,):
        known = {"name": "ann", "password": PASSWORD, "next": "/settings/tokens"}
        page = browser.http.post("/login", data=known)
        assert 'autocomplete="one-time-code"' in page.text
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        again = browser.http.post("/login", data={**fields, "code": "nonsense"})
        assert (again.status_code, "was used before" in again.text, "one-time-code" in again.text) == (401, True, True)
        late = browser.http.post("/login", data={"ticket": "old", "code": codes[5]})
        assert (late.status_code, "start again" in late.text, 'name="password"' in late.text) == (401, True, True)
        done = browser.http.post("/login", data={**fields, "code": codes[5]})
        assert (done.headers["location"], browser.name()) == ("/settings/tokens", "ann")


def test_guesses_of_codes_are_bounded_and_the_owner_still_gets_in_from_where_they_were(hub, app):
    _, codes = app
    with browsing(hub, None) as (owner,), browsing(hub, None) as (attacker,):
        assert second_step(owner, first_step(owner), codes[2]).status_code == 200
        owner.http.delete("/api/sessions/current")
        ticket = first_step(attacker)
        statuses = [second_step(attacker, ticket, f"{number:06}").status_code for number in range(30)]
        assert 0 < statuses.count(401) <= 10
        assert statuses[-1] == 429
        assert second_step(attacker, ticket, codes[3]).status_code == 429, "even the right one tells nothing now"
        assert second_step(owner, first_step(owner), codes[4]).status_code == 200


def test_an_admin_turns_it_off_for_who_lost_the_device(hub):
    with browsing(hub, "bob", "admin") as (bob, admin):
        secret = bob.http.post(FACTOR, json={"password": PASSWORD}).json()["secret"]
        bob.http.put(FACTOR, json={"code": pyotp.TOTP(secret).now()}).raise_for_status()
        assert bob.sign_in("bob").status_code == 202
        assert bob.http.delete("/api/users/bob/second-factor").status_code == 403
        assert admin.http.delete("/api/users/bob/second-factor").status_code == 200
        assert bob.sign_in("bob").status_code == 200
        assert "bob has no second factor" in hub.run("users", "second-factor-off", "bob", status=1)


def test_who_has_no_password_is_told_to_set_one_first(hub):
    hub.run("users", "add", "plain")
    set_passwords(hub, "plain")
    with browsing(hub, "plain") as (plain,):
        with contextlib.closing(sqlite3.connect(hub.data / "hub.db")) as file:
            file.execute("DELETE FROM passwords WHERE user = (SELECT id FROM owners WHERE name = 'plain')")
            file.commit()
        refused = plain.http.post(FACTOR, json={})
        assert (refused.status_code, "password first" in refused.json()["error"]) == (409, True)
