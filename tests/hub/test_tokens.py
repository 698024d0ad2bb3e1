"""Tokens: made on a page or by the API, fine-grained, found again by their check sum, and logged."""

from __future__ import annotations

import re
import subprocess

import httpx
import pytest
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import CLI, ENVIRONMENT, HubServer

SPACES = ("ann/secret", "ann/other", "crew/shared")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob")
    server.run("orgs", "add", "crew", "ann")
    server.run("orgs", "role", "crew", "bob", "write")
    with server.http("ann") as ann:
        for space in SPACES:
            owner, _, name = space.partition("/")
            body = {"name": name, "organization": owner, "type": "space", "sdk": "static", "private": True}
            assert ann.post("/api/repos/create", json=body).status_code == 200
    yield server
    server.stop()


def holder(hub, token):
    return httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=30)


def made(browser, name, role, **more):
    answer = browser.http.post("/api/tokens", json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def statuses(client, space):
    """Of seeing it, reading its files, changing it, and managing it."""
    return [
        client.get(f"/api/spaces/{space}").status_code,
        client.get(f"/api/spaces/{space}/refs").status_code,
        client.post(f"/api/spaces/{space}/variables", json={"key": "A", "value": "b"}).status_code,
        client.put(f"/api/spaces/{space}/settings", json={"visibility": "private"}).status_code,
    ]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("call", [200, 403, 403, 403]),
        ("read", [200, 200, 403, 403]),
        ("write", [200, 200, 200, 403]),
        ("manage", [200, 200, 200, 200]),
    ],
)
@pytest.mark.parametrize("scope", ["ann/secret", "ann", "crew", "crew/shared"])
def test_a_fine_grained_token_may_what_its_scopes_say_and_no_more(hub, scope, right, expected):
    with (
        browsing(hub, "ann") as (ann,),
        holder(
            hub, made(ann, f"{scope.replace('/', ' ')} {right}", "fineGrained", scopes=[f"{scope}:{right}"])
        ) as token,
    ):
        for space in SPACES:
            inside = scope in (space, space.partition("/")[0])
            assert statuses(token, space) == (expected if inside else [404] * 4), space
        inside = [space for space in SPACES if scope in (space, space.partition("/")[0])]
        assert sorted(one["id"] for one in token.get("/api/spaces").json()) == sorted(inside)
        owner = scope.partition("/")[0]
        new = {"name": "new", "organization": owner, "type": "space", "sdk": "static"}
        may_make = right == "manage" and scope == owner
        assert token.post("/api/repos/create", json=new).status_code == (200 if may_make else 403)
        assert token.request("DELETE", "/api/repos/delete", json=new).status_code == (200 if may_make else 404)
        about = token.get("/api/whoami-v2").json()["auth"]["accessToken"]
        assert (about["role"], about["fineGrained"]["scoped"][0]["permissions"]) == ("fineGrained", [right])
        for method, path in (("POST", "/api/organizations"), ("GET", "/api/tokens"), ("GET", "/api/users")):
            assert token.request(method, path, json={"name": "more"}).status_code == 403, path


def test_an_admin_s_fine_grained_token_has_nothing_of_an_admin(hub):
    hub.run("users", "admin", "bob", "on")
    with browsing(hub, "bob") as (bob,):
        with holder(hub, made(bob, "narrow", "fineGrained", scopes=["bob:manage"])) as token:
            assert token.get("/metrics").status_code == 403
            assert token.get("/api/spaces/ann/secret").status_code == 404
            assert token.get("/api/spaces").json() == []
            assert token.patch("/api/users/bob", json={"tier": "pro"}).status_code == 403
        assert bob.http.get("/api/spaces/ann/secret").status_code == 200
    hub.run("users", "admin", "bob", "off")


def test_a_scope_ends_with_the_role_and_with_the_space(hub):
    hub.run("orgs", "role", "crew", "bob", "write")
    with browsing(hub, "bob", "ann") as (bob, ann):
        scopes = ["crew/shared:write", "crew:call"]
        with holder(hub, made(bob, "crew", "fineGrained", scopes=scopes)) as token:
            assert statuses(token, "crew/shared") == [200, 200, 200, 403]
            hub.run("orgs", "leave", "crew", "bob")
            assert statuses(token, "crew/shared") == [404] * 4
            assert token.get("/api/spaces").json() == []
            hub.run("orgs", "role", "crew", "bob", "write")
            ann.http.request(
                "DELETE", "/api/repos/delete", json={"name": "shared", "organization": "crew", "type": "space"}
            )
            body = {"name": "shared", "organization": "crew", "type": "space", "sdk": "static", "private": True}
            assert ann.http.post("/api/repos/create", json=body).status_code == 200
            assert statuses(token, "crew/shared") == [200, 403, 403, 403], "the scope was the Space's, not its name's"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "fineGrained"},
        {"role": "write", "scopes": ["ann:call"]},
        {"role": "fineGrained", "scopes": ["ann"]},
        {"role": "fineGrained", "scopes": ["ann:own"]},
        {"role": "fineGrained", "scopes": ["ann:call"] * 101},
        {"role": "fineGrained", "scopes": "ann:call"},
        {"role": "king"},
        {"days": 0},
        {"days": 1e300},
        {"days": True},
        {"name": "<b>"},
        {"name": 5},
    ],
)
def test_what_no_token_can_be(hub, wrong):
    with browsing(hub, "ann") as (ann,):
        assert ann.http.post("/api/tokens", json={"name": "wrong", "role": "read", **wrong}).status_code == 400
        for strange in ("bob:call", "bob/x:call", "ann/none:read"):
            answer = ann.http.post("/api/tokens", json={"name": "wrong", "role": "fineGrained", "scopes": [strange]})
            assert answer.status_code == 404, strange


def test_a_token_is_listed_with_its_last_use_and_ends_at_once(hub):
    with browsing(hub, "ann", "bob") as (ann, bob):
        secret = made(ann, "laptop", "write", days=30)
        with holder(hub, secret) as token:
            assert token.post("/api/validate-yaml", json={"content": ""}).status_code == 200
            listed = next(one for one in ann.http.get("/api/tokens").json() if one["name"] == "laptop")
            assert (listed["role"], listed["usedFrom"], listed["scopes"]) == ("write", "127.0.0.1", [])
            assert listed["shown"] == secret[:8]
            assert secret not in ann.http.get("/api/tokens").text
            assert abs(listed["expiresAt"] - listed["createdAt"] - 30 * 86_400) < 1
            done = ann.http.get("/api/account/log", params={"credential": "token laptop"}).json()
            assert [(one["action"], one["status"]) for one in done] == [
                ("POST /api/validate-yaml", 200),
                ("used from 127.0.0.1, for the first time", 0),
            ]
            assert bob.http.delete(f"/api/tokens/{listed['id']}").status_code == 404
            assert bob.http.get("/api/account/log", params={"credential": "token laptop"}).json() == []
            assert ann.http.delete(f"/api/tokens/{listed['id']}").status_code == 200
            assert token.get("/api/whoami-v2").status_code == 401


def test_a_token_is_shown_once_and_a_bad_lifetime_is_refused(hub):
    with browsing(hub, None, "ann") as (nobody, ann):
        assert nobody.http.get("/settings/tokens").headers["location"] == "/login?next=/settings/tokens"
        given = {"name": "from the page", "role": "fineGrained", "scopes": ["ann/secret:call", "ann/other:read"]}
        secret = ann.http.post("/api/tokens", json=given).json()["token"]
        assert re.fullmatch(r"hf_\w{34}", secret)
        (listed,) = [one for one in ann.http.get("/api/tokens").json() if one["name"] == "from the page"]
        assert listed["scopes"] == ["ann/secret:call", "ann/other:read"]
        for path in ("/settings/tokens", "/api/tokens"):
            assert secret not in ann.http.get(path).text
        with holder(hub, secret) as token:
            assert statuses(token, "ann/other") == [200, 200, 403, 403]
        foreign = {"origin": "https://example.org"}
        assert ann.http.post("/api/tokens", json={**given, "name": "x"}, headers=foreign).status_code == 403
        assert ann.http.post("/api/tokens", json={**given, "name": "x", "days": "soon"}).status_code in (400, 422)
        assert ann.http.delete(f"/api/tokens/{listed['id']}").status_code == 200
        assert "from the page" not in ann.http.get("/api/tokens").text


def test_the_operator_finds_whose_token_lies_about(hub):
    def check(text):
        command = [*CLI, "tokens", "check", "--data-dir", str(hub.data)]
        done = subprocess.run(command, input=text + "\n", capture_output=True, text=True, env=ENVIRONMENT)
        return done.stdout + done.stderr

    secret = hub.run("tokens", "add", "bob", "leaked", "--scope", "bob:read").strip()
    assert "tokens revoke bob 'leaked'" in check(secret)
    assert "typed wrong" in check(secret[:-1] + ("A" if secret[-1] != "A" else "B"))
    assert "bob:read" in hub.run("tokens", "ls", "bob")
    hub.run("tokens", "revoke", "bob", "leaked")
    assert "was revoked" in check(secret)
    with browsing(hub, "bob") as (bob,):
        bob.http.post("/api/organizations", json={"name": "crew"})
    assert "POST /api/organizations" in hub.run("tokens", "log", "bob")
