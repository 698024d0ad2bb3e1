"""Passkeys in Chromium, with its virtual authenticator: made, used, renamed, deleted; and what is no answer."""

from __future__ import annotations

import pyotp
import pytest

from tests.hub.browsing import PASSWORD, Browser, set_passwords
from tests.hub.conftest import HubServer
from tests.web.conftest import Tabs

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
REGISTER = """async ({password, name}) => {
  const send = async (path, body) => {
    const headers = {'content-type': 'application/json'};
    const answer = await fetch(path, {method: 'POST', headers, body: JSON.stringify(body)});
    const found = await answer.json();
    if (!answer.ok) throw new Error(`${answer.status} ${found.error}`);
    return found;
  };
  const {options, ticket} = await send('/api/account/passkeys/options', {password});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({publicKey})).toJSON();
  return {made: await send('/api/account/passkeys', {ticket, credential, name}), ticket, credential};
}"""
ASSERT = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({publicKey})).toJSON();
}"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), environment={"SPACEPORT_TRUST_FORWARDED": "1"})
    set_passwords(server, "ann", "bob")
    server.url = server.url.replace("127.0.0.1", "localhost")
    yield server
    server.stop()


class Device:
    """A browser with an authenticator of its own; `page` is signed in as `user`, or on the page to sign in."""

    def __init__(self, chromium, hub, user=None):
        self.hub, self.context = hub, chromium.new_context()
        self.page = self.context.new_page()
        self.page.goto(f"{hub.url}/login?next=/settings/tokens")
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        added = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.authenticator = {"authenticatorId": added["authenticatorId"]}
        if user is not None:
            self.page.fill("input[name=name]", user)
            self.page.fill("input[name=password]", PASSWORD)
            self.page.get_by_role("button", name="Sign in", exact=True).click()
            self.page.wait_for_url(f"{hub.url}/settings/tokens")

    def register(self, name="Laptop", password=PASSWORD):
        return self.page.evaluate(REGISTER, {"password": password, "name": name})

    def sign_out(self):
        self.context.clear_cookies()
        self.page.goto(f"{self.hub.url}/login?next=/settings/tokens")

    def press(self):
        self.page.get_by_role("button", name="Sign in with a passkey").click()

    def said(self):
        self.page.locator("#passkey-problem:not(:empty)").wait_for()
        return self.page.text_content("#passkey-problem")


@pytest.fixture
def device(chromium, hub):
    opened = []

    def open_one(user=None):
        opened.append(Device(chromium, hub, user))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()


def assertion(device):
    """A good answer of the device, and the ticket that it is for."""
    with_ticket = Browser(device.hub).http.post("/api/passkey-challenges").json()
    return {"ticket": with_ticket["ticket"], "credential": device.page.evaluate(ASSERT, with_ticket["options"])}


def test_a_passkey_is_made_named_used_and_deleted(device, hub):
    ann = device("ann")
    made = ann.register()["made"]
    passkeys = "fetch('/api/account/passkeys').then(answer => answer.json())"
    assert ann.page.evaluate(passkeys) == [made]
    change = """([id, method, body]) => fetch(`/api/account/passkeys/${id}`,
      {method, body, headers: {'content-type': 'application/json'}}).then(answer => answer.status)"""
    assert ann.page.evaluate(change, [made["id"], "PATCH", '{"name": "Phone"}']) == 200
    assert ann.page.evaluate(change, [made["id"], "PATCH", '{"name": ""}']) == 400
    assert ann.page.evaluate(change, [made["id"] + 1, "PATCH", '{"name": "x"}']) == 404
    with pytest.raises(Exception, match="registered"):
        ann.register()  # the device knows that it has one
    ann.sign_out()
    ann.press()
    ann.page.wait_for_url(f"{hub.url}/settings/tokens")
    (found,) = ann.page.evaluate(passkeys)
    assert (found["name"], found["usedAt"] > 0) == ("Phone", True)
    bob = device("bob")
    assert bob.page.evaluate(change, [made["id"], "DELETE", None]) == 404, "it is not bob's"
    assert ann.page.evaluate(change, [made["id"], "DELETE", None]) == 200
    ann.sign_out()
    ann.press()
    assert "not known here" in ann.said()
    assert "/login" in ann.page.url


def test_what_is_not_this_users_consent_to_this_sign_in_counts_for_nothing(device, hub):
    bob = device("bob")
    with pytest.raises(Exception, match="401"):
        bob.register(password="wrong")
    first = bob.register()
    again = Browser(hub)
    assert again.sign_in("bob").status_code == 200
    twice = again.http.post("/api/account/passkeys", json={key: first[key] for key in ("ticket", "credential")})
    assert (twice.status_code, "start again" in twice.json()["error"]) == (401, True)
    other = again.http.post("/api/account/passkeys/options", json={"password": PASSWORD}).json()["ticket"]
    stale = again.http.post("/api/account/passkeys", json={"ticket": other, "credential": first["credential"]})
    assert stale.status_code == 400, "an answer to another challenge"
    nobody = Browser(hub)

    def send(body, **headers):
        return nobody.http.post("/api/sessions/passkey", json=body, headers=headers).status_code

    good = assertion(bob)
    assert send(good, origin="http://evil-space.localhost:1") == 403, "a page of another origin"
    assert send({**good, "ticket": assertion(bob)["ticket"]}) == 401, "the challenge of another ticket"
    assert send({**good, "ticket": other}) == 401, "a ticket for something else"
    changed = {**good["credential"], "response": {**good["credential"]["response"], "userHandle": "AAAA"}}
    assert send({**good, "credential": changed}) == 401, "another account's handle"
    for field in ("signature", "authenticatorData", "clientDataJSON"):
        value = good["credential"]["response"][field]
        forged = {**good["credential"], "response": {**good["credential"]["response"], field: value[:-4] + "AAAA"}}
        assert send({**good, "credential": forged}) == 401, field
    assert nobody.name() is None
    assert send(good) == 200
    assert send(good) == 401, "a challenge counts once"
    credential = bob.cdp.send("WebAuthn.getCredentials", bob.authenticator)["credentials"][0]
    bob.cdp.send("WebAuthn.removeCredential", {**bob.authenticator, "credentialId": credential["credentialId"]})
    bob.cdp.send("WebAuthn.addCredential", {**bob.authenticator, "credential": {**credential, "signCount": 0}})
    assert send(assertion(bob)) == 401, "a copy of the key, which has counted less"
    bob.cdp.send("WebAuthn.setUserVerified", {**bob.authenticator, "isUserVerified": False})
    bob.sign_out()
    bob.press()
    assert "cancelled" in bob.said()


@pytest.mark.parametrize(
    "credential",
    [
        None,
        7,
        {},
        {"id": 7},
        {"id": "AAAA"},
        {"id": "é" * 300, "rawId": "x", "type": "public-key", "response": {}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": None},
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {"clientDataJSON": "AAAA", "attestationObject": "oA"},
        },
        {"id": "A" * 60_000},
    ],
)
def test_an_answer_that_is_none_is_refused(hub, credential):
    browser = Browser(hub)
    assert browser.sign_in("ann").status_code == 200
    ticket = browser.http.post("/api/account/passkeys/options", json={"password": PASSWORD}).json()["ticket"]
    made = browser.http.post("/api/account/passkeys", json={"ticket": ticket, "credential": credential})
    assert made.status_code == 400, made.text
    ticket = browser.http.post("/api/passkey-challenges").json()["ticket"]
    signed = browser.http.post("/api/sessions/passkey", json={"ticket": ticket, "credential": credential})
    assert signed.status_code in (400, 401), signed.text


def test_a_space_cannot_sign_in_for_its_visitor(device, hub):
    """At a Space's own host the browser may offer the hub's passkey; the hub sees from where its answer came."""
    ann = device("ann")
    ann.register("For the hub")
    challenge = Browser(hub).http.post("/api/passkey-challenges").json()
    ann.page.goto(f"http://evil-space.localhost:{hub.apps.rpartition(':')[2]}/")
    tried = ann.page.evaluate(f"(options) => ({ASSERT})(options).catch(error => error.name)", challenge["options"])
    if tried != "SecurityError":
        stolen = {"ticket": challenge["ticket"], "credential": tried}
        assert Browser(hub).http.post("/api/sessions/passkey", json=stolen).status_code == 401


def test_a_passkey_is_for_the_hubs_name(hub):
    browser = Browser(hub)
    assert browser.http.post("/api/passkey-challenges").json()["options"]["rpId"] == "localhost"
    at_address = {"host": f"127.0.0.1:{hub.port}", "origin": f"http://127.0.0.1:{hub.port}"}
    refused = browser.http.post("/api/passkey-challenges", headers=at_address)
    assert (refused.status_code, f"http://localhost:{hub.port}" in refused.json()["error"]) == (400, True)
    public = {"x-forwarded-proto": "https", "x-forwarded-host": "hub.example.org", "origin": "https://hub.example.org"}
    found = browser.http.post("/api/passkey-challenges", headers=public)
    assert found.json()["options"]["rpId"] == "hub.example.org"
    plain = {"x-forwarded-host": "hub.example.org", "origin": "http://hub.example.org"}
    assert "https" in browser.http.post("/api/passkey-challenges", headers=plain).json()["error"]


def test_the_page_to_sign_in_is_clean(chromium, hub):
    tabs = Tabs(chromium)
    tabs.open(f"{hub.url}/login").wait_for_selector("#passkey:visible")
    assert tabs.wrong == []
    tabs.context.close()


def test_the_account_page_has_passkeys(device, hub):
    ann = device("ann")
    ann.page.goto(f"{hub.url}/settings/account")
    card = ann.page.locator("section.card", has=ann.page.get_by_role("heading", name="Passkeys"))
    card.get_by_role("textbox", name="Name", exact=True).fill("Desk <1>")
    card.get_by_label("Current password").fill("wrong")
    card.get_by_role("button", name="Add a passkey").click()
    card.get_by_text("The name or the password is wrong.").wait_for()
    card.get_by_label("Current password").fill(PASSWORD)
    card.get_by_role("button", name="Add a passkey").click()
    card.get_by_role("button", name="Rename Desk <1>").click()
    card.get_by_label("New name of Desk <1>").fill("Phone")
    card.get_by_label("New name of Desk <1>").press("Enter")
    entry = card.get_by_role("listitem").filter(has_text="Phone")
    entry.get_by_text("never used").wait_for()
    card.get_by_role("button", name="Delete Phone").click()
    entry.wait_for(state="detached")


def test_the_account_page_enrols_a_second_factor(device, hub):
    bob = device("bob")
    bob.page.goto(f"{hub.url}/settings/account")
    card = bob.page.locator("section.card", has=bob.page.get_by_role("heading", name="Second factor"))
    card.get_by_label("Current password").fill(PASSWORD)
    card.get_by_role("button", name="Set up").click()
    picture = card.get_by_alt_text("QR code of the secret")
    picture.wait_for()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    app = pyotp.TOTP(card.locator("code").text_content())
    card.get_by_label("Code that the app shows now").fill(app.now())
    card.get_by_role("button", name="Turn on").click()
    card.get_by_text("Recovery codes: keep them now").wait_for()
    codes = card.locator(".made code").text_content().split()
    assert len(codes) == 10
    bob.sign_out()
    bob.page.fill("input[name=name]", "bob")
    bob.page.fill("input[name=password]", PASSWORD)
    bob.page.get_by_role("button", name="Sign in", exact=True).click()
    bob.page.get_by_label("Code").fill(codes[0])
    bob.page.get_by_role("button", name="Sign in", exact=True).click()
    bob.page.wait_for_url(f"{hub.url}/settings/tokens")
    bob.page.goto(f"{hub.url}/settings/account")
    card.get_by_text("9 recovery codes are left").wait_for()
    card.get_by_text("Turn it off").click()
    form = card.locator("details")
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_role("button", name="Turn off").click()
    card.get_by_role("button", name="Set up").wait_for()
