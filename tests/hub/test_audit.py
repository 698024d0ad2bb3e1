"""The log of all accounts: who signed in, made and used tokens, and changed what; for admins, by API and command."""

from __future__ import annotations

import pytest
from tests.hub.browsing import PASSWORD, Browser, browsing, set_passwords
from tests.hub.conftest import HubServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob")
    yield server
    server.stop()


def entries(hub, **wanted):
    with hub.http("admin") as admin:
        answer = admin.get("/api/audit", params={"limit": 1000, **wanted})
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]


def actions(hub, **wanted):
    return [one["action"] for one in entries(hub, **wanted)]


def test_signing_in_is_logged_whether_it_works_or_not(hub):
    with browsing(hub, "bob", None) as (bob, nobody):
        nobody.sign_in("bob", "not the password")
        nobody.sign_in("my secret password, typed as a name", "x")
        nobody.http.post("/login", data={"name": "bob", "password": "neither is this"})
        bob.http.delete("/api/sessions/current")
        found = entries(hub, action="/api/sessions")[:4]
    shown = [(one["action"], one["status"], one["account"]) for one in found]
    assert shown == [
        ("DELETE /api/sessions/current", 200, "bob"),
        ("POST /api/sessions", 401, ""),
        ("POST /api/sessions", 401, "bob"),
        ("POST /api/sessions", 200, "bob"),
    ]
    assert {one["address"] for one in found} == {"127.0.0.1"}
    assert entries(hub, account="BOB", action="/login")[0]["status"] == 401
    assert "secret password" not in str(entries(hub))


def test_what_was_done_to_a_space_and_with_which_credential(hub):
    with browsing(hub, "ann") as (ann,), hub.http("ann") as program, hub.http("bob") as bob, hub.http() as nobody:
        made = {"name": "words", "type": "space", "sdk": "static"}
        program.post("/api/repos/create", json=made).raise_for_status()
        ann.http.put("/api/spaces/ann/words/settings", json={"visibility": "private"}).raise_for_status()
        assert bob.put("/api/spaces/ann/words/settings", json={}).status_code == 404
        assert nobody.put("/api/spaces/ann/words/settings", json={}).status_code == 404
        ann.http.put("/api/spaces/ann/words/guests/bob").raise_for_status()
        move = {"fromRepo": "ann/words", "toRepo": "ann/maps", "type": "space"}
        program.post("/api/repos/move", json=move).raise_for_status()
        program.request("DELETE", "/api/repos/delete", json={**made, "name": "maps"}).raise_for_status()
    found = [(one["account"], one["credential"].split()[0], one["action"]) for one in entries(hub, space="Ann/words")]
    assert found == [
        ("ann", "token", "POST /api/repos/move (to ann/maps)"),
        ("ann", "browser", "PUT /api/spaces/ann/words/guests/bob"),
        ("ann", "browser", "PUT /api/spaces/ann/words/settings (private)"),
        ("ann", "token", "POST /api/repos/create"),
    ]
    assert actions(hub, space="ann/maps") == ["DELETE /api/repos/delete"]
    assert "PUT /api/spaces/ann/words/settings" in actions(hub, account="bob")


def test_tokens_and_members_and_tiers(hub):
    with browsing(hub, "ann") as (ann,), hub.http("admin") as admin:
        token = ann.http.post("/api/tokens", json={"name": "ci", "role": "write"}).json()["token"]
        program = Browser(hub)
        program.http.headers = {"authorization": f"Bearer {token}"}
        program.http.get("/api/whoami-v2").raise_for_status()
        (number,) = [one["id"] for one in ann.http.get("/api/tokens").json() if one["name"] == "ci"]
        ann.http.delete(f"/api/tokens/{number}").raise_for_status()
        ann.http.post("/api/organizations", json={"name": "crew"}).raise_for_status()
        admin.patch("/api/users/bob", json={"tier": "pro"}).raise_for_status()
        admin.put("/api/tiers/pro", json={"calls": 7}).raise_for_status()
        admin.delete("/api/tiers/pro").raise_for_status()
    assert actions(hub, account="ann")[:4] == [
        "POST /api/organizations (crew)",
        f"DELETE /api/tokens/{number} (token ci)",
        "used from 127.0.0.1, for the first time",
        "POST /api/tokens (token ci, write)",
    ]
    changed = ["DELETE /api/tiers/pro", "PUT /api/tiers/pro (calls 7)", "PATCH /api/users/bob (tier pro)"]
    assert actions(hub, account="admin")[:3] == changed


def test_commands_and_deleted_accounts_stay_over_a_restart(hub):
    hub.run("users", "add", "carl")
    hub.run("users", "email", "carl", "carl@example.org")
    set_passwords(hub, "carl")
    with browsing(hub, "carl") as (carl,):
        carl.http.request("DELETE", "/api/account", json={"confirm": "carl", "password": PASSWORD}).raise_for_status()
    hub.kill()
    hub.start()
    assert actions(hub, account="carl") == ["DELETE /api/account", "POST /api/sessions"]
    said = [(one["credential"], one["action"]) for one in entries(hub, action="spaceport users")]
    assert said == [
        ("command line", "spaceport users email name=carl address=carl@example.org"),
        ("command line", "spaceport users add name=carl tier=free"),
    ]
    printed = hub.run("audit", "ls", "--account", "carl", "--limit", "1")
    assert printed.rstrip().endswith("DELETE /api/account from 127.0.0.1")
    assert " 200 carl browser " in printed
    assert len(hub.run("audit", "ls", "--limit", "3").splitlines()) == 3


def test_it_is_for_admins_and_in_pages(hub):
    with hub.http("ann") as ann, hub.http("admin") as admin:
        assert ann.get("/api/audit").status_code == 403
        first = admin.get("/api/audit", params={"limit": 2}).json()
        second = admin.get("/api/audit", params={"limit": 2, "before": first["next"]}).json()
        ids = [one["id"] for one in (*first["entries"], *second["entries"])]
        assert len(ids) == 4
        assert ids == sorted(ids, reverse=True)
        for wrong in ("x", "-1", "9" * 20):
            assert admin.get("/api/audit", params={"before": wrong}).status_code == 400
        assert admin.get("/api/audit", params={"account": "nobody-at-all"}).json() == {"entries": [], "next": None}
