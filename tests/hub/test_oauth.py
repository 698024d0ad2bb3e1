"""The hub as a provider of OpenID Connect for its Spaces: who gets a token, for what, and what ends it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

from spaceport.errors import Conflict, InvalidInput
from spaceport.hub.identity import id_tokens, oauth_codes
from spaceport.hub.identity.id_tokens import IdTokens
from spaceport.hub.identity.oauth_clients import HF_COMMAND
from spaceport.hub.identity.oauth_codes import Authorization, AuthorizationCodes
from spaceport.hub.state import Hub
from spaceport.store.hub.session_ports import Session

ALL = "inference-api, read-repos, write-repos, manage-repos"
SPACES = {
    "bob/app": f"hf_oauth: true\nhf_oauth_scopes: [{ALL}, email]\nhf_oauth_expiration_minutes: 60",
    "bob/hidden": "hf_oauth: true",
    "bob/members": "hf_oauth: true\nhf_oauth_authorized_org: [crew]",
    "bob/plain": "title: It signs nobody in",
    "ann/secret": "title: A private one",
    "crew/shared": "title: A private one of ann's organization",
}
PRIVATE = ("bob/hidden", "ann/secret", "crew/shared")
VERIFIER = "a" * 43


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann", "bob")
    server.run("orgs", "add", "crew", "ann")
    for space, card in SPACES.items():
        owner, _, name = space.partition("/")
        with server.http("bob" if owner == "bob" else "ann") as client:
            body = {"name": name, "organization": owner, "type": "space", "sdk": "static", "private": space in PRIVATE}
            client.post("/api/repos/create", json=body).raise_for_status()
            files = {"README.md": f"---\nsdk: static\n{card}\n---\n".encode(), "index.html": b"hello"}
            commit(client, space, files).raise_for_status()
    yield server
    server.stop()


class App:
    """What an app knows: its id, its secret, and its address."""

    def __init__(self, hub, space="bob/app"):
        self.hub, self.space = hub, space
        with contextlib.closing(Hub(hub.data)) as state:
            found = state.spaces.find(*space.split("/"))
            self.id, self.secret = state.clients.id_of(found), state.clients.secret_of(found)
        port = hub.apps.rpartition(":")[2]
        self.address = f"http://{space.replace('/', '-')}.localhost:{port}/login/callback?_target_url=%2F"
        self.by_path = f"{hub.apps}/{space}/login/callback"

    def parameters(self, scope="openid profile", **more):
        found = {"response_type": "code", "client_id": self.id, "redirect_uri": self.address, "scope": scope}
        return {**found, "state": "s", "nonce": "n", **more}

    def ask(self, browser, scope="openid profile", **more):
        return browser.http.get("/oauth/authorize", params=self.parameters(scope, **more))

    def allow(self, browser, scope="openid profile", answer="allow", **more):
        """Where the browser goes, having answered the page if there is one."""
        page = self.ask(browser, scope, **more)
        if page.status_code != 200:
            return page
        proof = re.search(r'name="form" value="(\w+)"', page.text)[1]
        return browser.http.post(str(page.url), data={"form": proof, "answer": answer})

    def code(self, browser, scope="openid profile", **more):
        answer = self.allow(browser, scope, **more)
        assert answer.status_code == 303, answer.text
        return query_of(answer)["code"]

    def exchange(self, code, secret=None, **more):
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.address, **more}
        return httpx.post(f"{self.hub.url}/oauth/token", data=fields, auth=(self.id, secret or self.secret))

    def token(self, browser, scope="openid profile"):
        return self.exchange(self.code(browser, scope)).json()["access_token"]


def query_of(answer):
    return {key: value for key, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def holder(hub, token):
    return httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=30)


def test_an_app_learns_who_its_visitor_is(hub):
    app, found = App(hub), httpx.get(f"{hub.url}/.well-known/openid-configuration").json()
    assert (found["issuer"], found["authorization_endpoint"]) == (hub.url, f"{hub.url}/oauth/authorize")
    with browsing(hub, "ann") as (ann,):
        page = app.ask(ann)
        assert "Sign in to bob/app" in page.text
        assert "read your name" in page.text
        assert (
            f"form-action 'self' http://bob-app.localhost:{hub.apps.rpartition(':')[2]};"
            in (page.headers["content-security-policy"])
        )
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        answer = app.allow(ann)
        assert answer.headers["location"].startswith(f"{app.address}&code=")
        assert query_of(answer)["state"] == "s"
        got = app.exchange(query_of(answer)["code"]).json()
        assert (got["token_type"], got["expires_in"], got["scope"]) == ("bearer", 3600, "openid profile")
        assert "refresh_token" not in got
        key = jwt.PyJWK(httpx.get(found["jwks_uri"]).json()["keys"][0])
        claims = jwt.decode(got["id_token"], key, ["RS256"], audience=app.id, issuer=hub.url)
        assert (claims["nonce"], claims["preferred_username"]) == ("n", "ann")
        assert claims["orgs"][0]["name"] == "crew"
        with holder(hub, got["access_token"]) as client:
            said = client.get(found["userinfo_endpoint"]).json()
            assert {key: claims[key] for key in said} == said
            assert said["profile"] == f"{hub.url}/ann"
            who = client.get("/api/whoami-v2").json()
            assert (who["name"], who["auth"]["type"], who["auth"]["scopes"]) == ("ann", "oauth", ["openid", "profile"])
        assert app.allow(ann).status_code == 303, "it is not asked again"
        assert app.ask(ann, prompt="consent").status_code == 200
        assert app.ask(ann, "openid read-repos").status_code == 200, "for more it is"


def test_what_the_visitor_refuses_and_who_is_not_signed_in(hub):
    app = App(hub)
    with browsing(hub, None, "bob") as (nobody, bob):
        sent = app.ask(nobody)
        assert sent.headers["location"].startswith("/login?next=%2Foauth%2Fauthorize%3F")
        assert query_of(app.ask(nobody, prompt="none"))["error"] == "login_required"
        assert query_of(app.ask(bob, prompt="none"))["error"] == "consent_required"
        assert query_of(app.allow(bob, answer="deny")) == {
            "_target_url": "/",
            "error": "access_denied",
            "error_description": "The user has refused.",
            "state": "s",
        }
        assert bob.http.get("/api/applications").json() == []
        frame = bob.http.get("/oauth/authorize", params=app.parameters(), headers={"sec-fetch-dest": "iframe"})
        assert 'target="_blank"' in frame.text
        assert "Allow" not in frame.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": "x" * 43}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
        ({"nonce": "n" * 3000}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_to_the_app(hub, change, error):
    with browsing(hub, "ann") as (ann,):
        answer = App(hub).ask(ann, **change)
        assert (answer.status_code, query_of(answer)["error"], query_of(answer)["state"]) == (303, error, "s")


def test_a_browser_is_sent_to_the_spaces_own_addresses_alone(hub):
    app, port = App(hub), hub.apps.rpartition(":")[2]
    own = f"bob-app.localhost:{port}"
    with browsing(hub, "ann") as (ann,):
        app.allow(ann)
        for given, to in (
            (f"https://{own}/login/callback", f"http://{own}/login/callback?code="),
            (f"http://{own}/", f"http://{own}/?code="),
            (app.by_path, f"{app.by_path}?code="),
        ):
            assert app.ask(ann, redirect_uri=given).headers["location"].startswith(to)
        for given in (
            "",
            "nonsense",
            "javascript:alert(1)",
            f"http://bob-plain.localhost:{port}/",
            f"http://localhost:{port}/",
            f"http://{own}.evil.org/",
            f"http://evil.org/{own}/",
            f"http://{own}@evil.org/",
            f"http://me@{own}/",
            f"http://{own}:80/",
            f"http://{own}\\@evil.org/",
            f"http://{own}/#a",
            f"http://{own}/ x",
            f"http://{own}/é",
            f"http://{own}/\r\nx: y",
            f"{hub.apps}/bob/application/",
            f"{hub.apps}/bob/app",
            f"{hub.apps}/bob/app/../plain/",
            f"{hub.apps}/bob/app/%2e%2E/plain/",
            f"{hub.apps}/bob/app/..%2fplain/",
            f"{hub.apps}/ann/secret/",
            f"{hub.url}/",
            f"http://{own}/{'x' * 3000}",
        ):
            assert app.ask(ann, redirect_uri=given).status_code == 400, given


def test_who_may_not_see_a_space_does_not_learn_of_it_and_some_are_for_members(hub):
    with browsing(hub, "ann", "bob") as (ann, bob):
        unknown = [
            app.ask(ann, **change)
            for app, change in (
                (App(hub, "bob/hidden"), {}),
                (App(hub, "bob/plain"), {}),
                (App(hub), {"client_id": "none"}),
                (App(hub), {"client_id": "1-" + "0" * 32}),
            )
        ]
        assert {one.status_code for one in unknown} == {404}
        assert len({one.content for one in unknown}) == 1
        assert App(hub, "bob/hidden").ask(bob).status_code == 200
        members = App(hub, "bob/members")
        assert members.ask(ann).status_code == 200
        assert query_of(members.ask(bob))["error"] == "access_denied"


def test_only_the_page_that_asks_can_answer(hub):
    app = App(hub)
    with browsing(hub, "ann") as (ann,):
        url = str(app.ask(ann, prompt="consent").url)
        assert ann.http.post(url, data={"answer": "allow"}).status_code == 403
        foreign = {"origin": f"http://bob-app.localhost:{hub.apps.rpartition(':')[2]}"}
        assert ann.http.post(url, data={"answer": "allow"}, headers=foreign).status_code == 403
        token = {"authorization": f"Bearer {hub.tokens['ann']}"}
        assert httpx.post(url, data={"answer": "allow"}, headers=token).status_code == 403


def test_a_code_works_once_for_its_app_and_its_address(hub):
    app, other = App(hub), App(hub, "bob/members")
    with browsing(hub, "ann") as (ann,):
        assert app.exchange(app.code(ann), secret="wrong").status_code == 401
        assert other.exchange(app.code(ann)).json()["error"] == "invalid_grant"
        code = app.code(ann)
        assert app.exchange(code, redirect_uri=app.by_path).json()["error"] == "invalid_grant"
        assert app.exchange(code).json()["error"] == "invalid_grant", "the wrong use was its one use"
        code = app.code(ann)
        first = app.exchange(code).json()["access_token"]
        with holder(hub, first) as client:
            assert client.get("/api/whoami-v2").status_code == 200
            assert "used before" in app.exchange(code).json()["error_description"]
            assert client.get("/api/whoami-v2").status_code == 401, "a code that comes twice was stolen"
        digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        proven = {"code_challenge": digest, "code_challenge_method": "S256"}
        assert app.exchange(app.code(ann, **proven)).json()["error"] == "invalid_grant"
        assert app.exchange(app.code(ann, **proven), code_verifier="b" * 43).json()["error"] == "invalid_grant"
        assert app.exchange(app.code(ann), code_verifier=VERIFIER).json()["error"] == "invalid_grant"
        answer = app.exchange(app.code(ann, **proven), code_verifier=VERIFIER)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert app.exchange("none").status_code == 400
        assert app.exchange("", grant_type="password").json()["error"] == "unsupported_grant_type"
        assert app.exchange("", grant_type="refresh_token").json()["error"] == "unauthorized_client"
        code = app.code(ann)
        ann.http.delete("/api/sessions/current")
        assert app.exchange(code).json()["error"] == "invalid_grant", "the session has ended meanwhile"


def test_codes_are_bounded_and_expire(monkeypatch):
    codes, session = AuthorizationCodes(), Session(1, "ann", "", "", 0.0, 0.0, 9.0)
    authorization = Authorization(1, session, 1, 7, "http://a/", ("openid",), "", "", 60.0)
    first = codes.issue(authorization)
    monkeypatch.setattr(oauth_codes, "_MAX_CODES", 3)
    others = [codes.issue(authorization) for _ in range(3)]
    with pytest.raises(InvalidInput):
        codes.use(first, 7, "http://a/", "")
    now = oauth_codes.time.monotonic()
    monkeypatch.setattr(oauth_codes.time, "monotonic", lambda: now + 59)
    assert codes.use(others[0], 7, "http://a/", "") == authorization
    monkeypatch.setattr(oauth_codes.time, "monotonic", lambda: now + 61)
    with pytest.raises(InvalidInput, match="expired"):
        codes.use(others[1], 7, "http://a/", "")


DOES = {
    "see a private Space of one's own": ("GET", "/api/spaces/ann/secret", None),
    "read its files": ("GET", "/api/spaces/ann/secret/refs", None),
    "change it": ("POST", "/api/spaces/ann/secret/variables", {"key": "A", "value": "b"}),
    "manage it": ("PUT", "/api/spaces/ann/secret/settings", {"visibility": "private"}),
    "see one of an organization": ("GET", "/api/spaces/crew/shared", None),
    "read the files of that": ("GET", "/api/spaces/crew/shared/refs", None),
    "change a public one of others": ("POST", "/api/spaces/bob/app/variables", {"key": "A", "value": "b"}),
    "make one": ("POST", "/api/repos/create", {"name": "new", "type": "space", "sdk": "static"}),
    "make one for an organization": (
        "POST",
        "/api/repos/create",
        {"name": "new", "organization": "crew", "type": "space", "sdk": "static"},
    ),
    "list members": ("GET", "/api/organizations/crew/members", None),
    "make an organization": ("POST", "/api/organizations", {"name": "other"}),
    "make a token": ("POST", "/api/tokens", {"name": "x", "role": "write"}),
    "list sessions": ("GET", "/api/sessions", None),
    "list applications": ("GET", "/api/applications", None),
    "see public Spaces": ("GET", "/api/spaces/bob/app", None),
    "know who it is": ("GET", "/api/whoami-v2", None),
}
NOTHING = {"see public Spaces", "know who it is"}
CALL = NOTHING | {"see a private Space of one's own", "see one of an organization"}
READ = NOTHING | {"see a private Space of one's own", "read its files"}
WRITE = READ | {"change it"}


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("openid", NOTHING),
        ("openid profile", NOTHING),
        ("openid inference-api", CALL),
        ("openid read-repos", READ),
        ("openid inference-api read-repos", READ | CALL),
        ("openid write-repos", WRITE),
        ("openid manage-repos", WRITE | {"manage it", "make one"}),
    ],
)
def test_a_token_is_for_its_scopes_and_nothing_beyond(hub, scope, may):
    app = App(hub)
    with browsing(hub, "ann") as (ann,):
        for one in ann.http.get("/api/applications").json():
            ann.http.delete(f"/api/applications/{one['id']}")
        token = app.token(ann, scope)
        with holder(hub, token) as client:
            passed = set()
            for does, (method, path, body) in DOES.items():
                answer = client.request(method, path, **({} if body is None else {"json": body}))
                if answer.status_code < 300 or answer.status_code == 409:
                    passed.add(does)
                else:
                    assert answer.status_code in (401, 403, 404), (does, answer.text)
            assert passed == may
            seen = {one["id"] for one in client.get("/api/spaces").json() if one["private"]}
            expected = {"ann/secret": "see a private Space of one's own", "crew/shared": "see one of an organization"}
            assert seen == {space for space, does in expected.items() if does in may}


def test_what_ends_a_token(hub):
    app = App(hub)
    with browsing(hub, "ann", "ann") as (ann, elsewhere):
        tokens = [app.token(ann), app.token(elsewhere), app.token(elsewhere)]
        alive = [holder(hub, one) for one in tokens]

        def works():
            return [client.get("/api/whoami-v2").status_code == 200 for client in alive]

        assert works() == [True, True, True]
        assert ann.http.delete("/api/sessions/current").status_code == 200
        assert works() == [False, True, True], "it ends with the session"
        body, url = {"token": tokens[1]}, f"{hub.url}/oauth/revoke"
        other = App(hub, "bob/members")
        assert httpx.post(url, data=body, auth=(other.id, other.secret)).status_code == 200
        assert httpx.post(url, data=body, auth=(app.id, "wrong")).status_code == 401
        assert works() == [False, True, True], "another client ends nothing"
        assert httpx.post(url, data=body, auth=(app.id, app.secret)).status_code == 200
        assert works() == [False, False, True]
        (allowed,) = [one for one in elsewhere.http.get("/api/applications").json() if one["name"] == "bob/app"]
        assert allowed["kind"] == "space"
        assert allowed["usedAt"] is not None
        with browsing(hub, "bob") as (bob,):
            assert bob.http.delete(f"/api/applications/{allowed['id']}").status_code == 404
        assert elsewhere.http.delete(f"/api/applications/{allowed['id']}").status_code == 200
        assert works() == [False, False, False]
        assert app.ask(elsewhere).status_code == 200, "it has to ask again"
        for client in alive:
            client.close()


def test_a_space_with_another_owner_has_to_ask_again(hub):
    with hub.http("bob") as program:
        body = {"name": "moves", "type": "space", "sdk": "static"}
        program.post("/api/repos/create", json=body).raise_for_status()
        commit(program, "bob/moves", {"README.md": b"---\nsdk: static\nhf_oauth: true\n---\n"}).raise_for_status()
    app = App(hub, "bob/moves")
    with browsing(hub, "ann") as (ann,):
        token = app.token(ann)
        with hub.http("admin") as admin, holder(hub, token) as client:
            assert client.get("/api/whoami-v2").status_code == 200
            move = {"fromRepo": "bob/moves", "toRepo": "admin/moves", "type": "space"}
            admin.post("/api/repos/move", json=move).raise_for_status()
            assert client.get("/api/whoami-v2").status_code == 401
        moved = App(hub, "admin/moves")
        assert (moved.id, moved.secret) == (app.id, app.secret)
        assert moved.ask(ann).status_code == 200
        assert moved.token(ann) != token


def test_the_pages_quote_what_others_wrote(hub):
    evil = "<script>alert(1)</script>"
    with browsing(hub, "ann") as (ann,):
        ann.http.headers["accept"] = "text/html"
        page = App(hub).ask(ann, redirect_uri=f"http://{evil}/")
        assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
        assert "is no address of its own" in page.text
        assert evil not in page.text
        program = {"client_id": HF_COMMAND}
        asked = httpx.post(f"{hub.url}/oauth/device", data=program, headers={"user-agent": evil}).json()
        shown = ann.http.get(asked["verification_uri_complete"]).text
        assert "hf (&lt;script&gt;" in shown
        assert evil not in shown


def test_another_key_signs_while_tokens_of_the_one_before_are_valid(hub):
    """PyJWKClient does as apps do: it takes the key that a token names from the hub's address."""
    app, url = App(hub), f"{hub.url}/oauth/jwks"

    def sign_in(browser):
        return app.exchange(app.code(browser)).json()["id_token"]

    def verified(token):
        key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
        return key.key_id, jwt.decode(token, key, ["RS256"], audience=app.id, issuer=hub.url)["preferred_username"]

    with browsing(hub, "ann") as (ann,), hub.http("admin") as admin, hub.http("ann") as other:
        first = sign_in(ann)
        assert other.post("/api/openid-keys").status_code == 403
        rotated = admin.post("/api/openid-keys")
        assert rotated.status_code == 201
        assert rotated.json() == admin.get("/api/openid-keys").json()
        second = sign_in(ann)
        printed = hub.run("openid-keys", "rotate")
        third = sign_in(ann)
        names = [verified(token) for token in (first, second, third)]
        assert [name for _, name in names] == ["ann"] * 3
        kids = [kid for kid, _ in names]
        assert len(set(kids)) == 3
        assert rotated.json()["kid"] == kids[1]
        assert [line.split()[0] for line in printed.splitlines()] == kids[::-1]
        assert [one["kid"] for one in httpx.get(url).json()["keys"]] == kids[::-1]
        hub.kill()
        hub.start()
        assert [verified(token)[0] for token in (first, second, third)] == kids
        assert not {"d", "p", "q"} & set(httpx.get(url).json()["keys"][0]), "only what is public"


def test_a_former_key_is_shown_until_its_last_token_has_expired(tmp_path, monkeypatch):
    tokens, other = IdTokens(tmp_path / "openid.key"), IdTokens(tmp_path / "openid.key")
    first = tokens.keys()["keys"][0]["kid"]
    token = tokens.sign({"sub": "x"}, 10**9)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == id_tokens.MAX_LIFETIME_S, "no token outlives its key"
    second = other.rotate()
    assert [one["kid"] for one in tokens.keys()["keys"]] == [second, first], "another process sees it"
    assert jwt.get_unverified_header(tokens.sign({}, 1))["kid"] == second
    assert first not in (tmp_path / "openid.key").read_text()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("openid*.json")} == {0o600}
    now = time.time()
    monkeypatch.setattr(id_tokens.time, "time", lambda: now + id_tokens.MAX_LIFETIME_S + 60)
    assert [one["kid"] for one in tokens.keys()["keys"]] == [second]
    monkeypatch.setattr(id_tokens, "_MAX_FORMER", 1)
    tokens.rotate()
    with pytest.raises(Conflict, match="former keys"):
        tokens.rotate()
