"""`hf auth login` by browser: the program shows a code, and somebody who is signed in allows it."""

from __future__ import annotations

import re
import subprocess
import time

import httpx
import pytest
from tests.conftest import PEERS
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import HubServer, Peer

from spaceport.errors import NotFound, RateLimited
from spaceport.hub.identity import device_logins
from spaceport.hub.identity.device_logins import DEVICE_GRANT, DeviceLogins, Outcome
from spaceport.hub.identity.oauth_clients import HF_COMMAND
from spaceport.store.hub.ports import Owner

ANN = Owner(1, "ann", "free", False, 0.0)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann")
    yield server
    server.stop()


def start(hub):
    answer = httpx.post(f"{hub.url}/oauth/device", data={"client_id": HF_COMMAND})
    assert answer.status_code == 200, answer.text
    return answer.json()


def tokens(hub, grant_type=DEVICE_GRANT, **fields):
    data = {"client_id": HF_COMMAND, "grant_type": grant_type, **fields}
    return httpx.post(f"{hub.url}/oauth/token", data=data)


def decide(browser, address, answer="allow"):
    page = browser.http.get(address)
    assert page.status_code == 200, page.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return browser.http.post("/oauth/device/answer", data={**fields, "answer": answer})


def test_hf_auth_login_works_unmodified(hub, tmp_path):
    peer = Peer(hub, tmp_path / "home", None)
    command = [PEERS / "hub" / "bin" / "hf", "auth", "login"]
    environment = {**peer.environment, "PYTHONUNBUFFERED": "1"}
    program = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    try:
        said = ""
        while "enter the code" not in said:
            line = program.stdout.readline()
            assert line, said
            said += line
        address, code = re.search(r"http\S+", said)[0], re.search(r"enter the code: (\S+)", said)[1]
        with browsing(hub, None, "ann") as (nobody, ann):
            assert nobody.http.get(address).headers["location"].startswith("/login?next=%2Foauth%2Fdevice%3Fuser_code")
            page = ann.http.get("/oauth/device", params={"user_code": code.lower().replace("-", " ")})
            assert f"<b>{code}</b>" in page.text
            assert "127.0.0.1" in page.text
            assert decide(ann, address).status_code == 200
            assert program.wait(60) == 0, program.stdout.read()
            assert "Login successful" in program.stdout.read()
            assert "ann" in peer.hf("auth", "whoami")
            peer.hf("repos", "create", "from-hf", "--type", "space", "--space-sdk", "static")
            with hub.http("ann") as http:
                assert http.get("/api/spaces/ann/from-hf").status_code == 200
            (allowed,) = ann.http.get("/api/applications").json()
            assert allowed["kind"] == "program"
            assert allowed["name"].startswith("hf (")
            assert ann.http.delete(f"/api/applications/{allowed['id']}").status_code == 200
            assert "nvalid" in peer.hf("auth", "whoami", status=1)
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def test_what_a_program_is_told(hub):
    with browsing(hub, "ann") as (ann,):
        asked = start(hub)
        assert asked["verification_uri_complete"] == f"{asked['verification_uri']}?user_code={asked['user_code']}"
        secret = {"device_code": asked["device_code"]}
        assert tokens(hub, **secret).json()["error"] == "authorization_pending"
        assert tokens(hub, **secret).json()["error"] == "slow_down", "it asks too often"
        assert decide(ann, asked["verification_uri_complete"], "deny").status_code == 200
        assert tokens(hub, **secret).json()["error"] == "access_denied"
        assert tokens(hub, **secret).json()["error"] == "expired_token"
        assert ann.http.get(asked["verification_uri_complete"]).status_code == 404, "it was answered"
        asked = start(hub)
        assert ann.http.post("/oauth/device/answer", data={"user_code": asked["user_code"]}).status_code == 403
        wrong = httpx.post(f"{hub.url}/oauth/device", data={"client_id": "another"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def test_tokens_of_a_program_are_renewed_and_a_stolen_one_ends_them_all(hub):
    with browsing(hub, "ann") as (ann,):
        asked = start(hub)
        decide(ann, asked["verification_uri_complete"])
        ann.http.delete("/api/sessions/current")
    first = tokens(hub, device_code=asked["device_code"]).json()

    def status(token):
        return httpx.get(f"{hub.url}/api/whoami-v2", headers={"authorization": f"Bearer {token}"}).status_code

    assert status(first["access_token"]) == 200, "a program's goes on without the browser"
    assert status(first["refresh_token"]) == 401, "it is only good for a new one"
    second = tokens(hub, "refresh_token", refresh_token=first["refresh_token"]).json()
    assert status(second["access_token"]) == 200
    again = tokens(hub, "refresh_token", refresh_token=first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert [status(one["access_token"]) for one in (first, second)] == [401, 401]
    assert tokens(hub, "refresh_token", refresh_token=second["refresh_token"]).json()["error"] == "invalid_grant"


def test_guesses_of_a_code_are_bounded():
    logins = DeviceLogins()
    _, login = logins.start("hf", "10.0.0.1")
    for number in range(9):
        with pytest.raises(NotFound):
            logins.find(f"BCDF-GHJ{number}", ANN, "10.0.0.2")
    assert logins.find(login.code, ANN, "10.0.0.2") is login, "a right one does not count"
    with pytest.raises(NotFound):
        logins.find("BCDF-GHJK", ANN, "10.0.0.2")
    with pytest.raises(RateLimited):
        logins.find(login.code, ANN, "10.0.0.2")
    for number in range(2, 100):  # other accounts at one address
        other = Owner(number, f"user-{number}", "free", False, 0.0)
        try:
            logins.find("BCDF-GHJK", other, "10.0.0.3")
        except NotFound:
            continue
        except RateLimited:
            break
    assert number == 52
    for _ in range(100):
        logins.start("hf", "10.0.0.4")
    with pytest.raises(RateLimited):
        logins.start("hf", "10.0.0.4")


def test_logins_are_bounded_and_expire(monkeypatch):
    monkeypatch.setattr(device_logins, "_MAX_LOGINS", 3)
    logins, now = DeviceLogins(), time.monotonic()
    started = [logins.start("hf", f"10.0.0.{number}")[0] for number in range(4)]
    assert logins.poll(started[0]) is Outcome.EXPIRED, "the oldest gave way"
    assert logins.poll(started[1]) is Outcome.PENDING
    monkeypatch.setattr(device_logins.time, "monotonic", lambda: now + 901)
    assert logins.poll(started[1]) is Outcome.EXPIRED
