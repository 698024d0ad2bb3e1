"""Spaces that have moved and accounts that have another name: their old addresses lead to the new ones."""

from __future__ import annotations

import pytest
from tests.hub.browsing import PASSWORD, Browser, set_passwords

README = b"---\nsdk: static\n---\n"
HTML = {"accept": "text/html"}


def make(client, owner, name, *, private=False):
    body = {"name": name, "organization": owner, "type": "space", "sdk": "static", "private": private}
    client.post("/api/repos/create", json=body).raise_for_status()


def move(client, old, new):
    client.post("/api/repos/move", json={"fromRepo": old, "toRepo": new, "type": "space"}).raise_for_status()


def test_the_client_goes_on_with_the_old_name(hub, peer):
    program = """
api = HfApi()
api.create_repo("bob/first", repo_type="space", space_sdk="static")
api.move_repo("bob/first", "bob/second", repo_type="space")
at = dict(repo_id="bob/first", repo_type="space")
api.upload_file(path_or_fileobj=b"hello", path_in_repo="index.html", **at)
api.add_space_variable("bob/first", "KEY", "value")
read = open(hf_hub_download(filename="index.html", **at)).read()
found = api.space_info("bob/first").id
files = api.list_repo_files(**at)
commits = len(api.list_repo_commits(**at))
stage = str(api.get_space_runtime("bob/first").stage)
result = [found, read, "index.html" in files, commits, stage, list(api.get_space_variables("bob/second"))]
"""
    assert peer("bob").python(program) == ["bob/second", "hello", True, 1, "RUNNING", ["KEY"]]
    again = 'api = HfApi(); api.create_repo("bob/first", repo_type="space", space_sdk="static"); '
    found = peer("bob").python(again + 'result = [api.space_info("bob/" + one).id for one in ("first", "second")]')
    assert found == ["bob/first", "bob/second"], "a new Space of the name ends the redirect"


def test_what_a_redirect_keeps_and_who_gets_one(hub):
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http() as nobody:
        for name, private in (("seen", False), ("hidden", True)):
            make(ann, "ann", name, private=private)
            move(ann, f"ann/{name}", f"ann/{name}-now")
        for method, old, new in (
            ("GET", "/api/spaces/ANN/seen?blobs=true&x=%2F", "/api/spaces/ann/seen-now?blobs=true&x=%2F"),
            ("GET", "/spaces/ann/seen/resolve/main/a%20b", "/spaces/ann/seen-now/resolve/main/a%20b"),
            ("POST", "/api/spaces/ann/seen/commit/main", "/api/spaces/ann/seen-now/commit/main"),
            ("GET", "/api/spaces/by-subdomain/ann-seen", "/api/spaces/by-subdomain/ann-seen-now"),
            ("GET", "/spaces/ann/seen/tree/main", "/spaces/ann/seen-now/tree/main"),
            ("GET", "/spaces/ann/seen", "/spaces/ann/seen-now"),
        ):
            answer = bob.request(method, old)
            assert (answer.status_code, answer.headers.get("location")) == (307, new), old
            assert answer.headers["cache-control"] == "no-store"
        app = nobody.get(f"{hub.apps}/ann/seen/a%2Fb?c=%2F", headers={"origin": "https://example.org"})
        assert app.headers["location"] == f"{hub.apps}/ann/seen-now/a%2Fb?c=%2F"
        assert app.headers["vary"] == "Origin"
        called = nobody.post(f"{hub.apps}/ann/seen/gradio_api/call/x", json={"data": []})
        assert (called.status_code, called.headers["location"]) == (307, f"{hub.apps}/ann/seen-now/gradio_api/call/x")
        port = hub.apps.rpartition(":")[2]
        host = nobody.get(f"{hub.apps}/x", headers={"host": f"ann-seen.localhost:{port}"})
        assert host.headers["location"] == f"http://ann-seen-now.localhost:{port}/x"

        def answers(client, name):
            paths = (f"/api/spaces/ann/{name}", f"/spaces/ann/{name}/resolve/main/x", f"/spaces/ann/{name}")
            found = [client.get(one, headers=HTML) for one in (*paths, f"/api/spaces/by-subdomain/ann-{name}")]
            found.append(client.post(f"/api/spaces/ann/{name}/commit/main"))
            found.append(client.get(f"{hub.apps}/ann/{name}/x"))
            host = {"host": f"ann-{name}.localhost:{port}"}
            found += [client.get(f"{hub.apps}/x", headers=host), client.get(f"{hub.apps}/x", headers={**host, **HTML})]
            changing = ("ratelimit", "x-request-id", "date")
            return [
                (one.status_code, {**{k: v for k, v in one.headers.items() if k not in changing}}, one.content)
                for one in found
            ]

        for client in (bob, nobody):
            assert answers(client, "hidden") == answers(client, "hiddxn"), "missing and private are the same"
        assert {status for status, _, _ in answers(ann, "hidden")} == {307}
        named = {"name": "hidden", "organization": "ann", "type": "space"}
        assert ann.request("DELETE", "/api/repos/delete", json=named).status_code == 404, "nothing goes by an old name"


@pytest.fixture
def browser(hub):
    set_passwords(hub, "ann")
    return Browser(hub)


def test_an_account_that_is_renamed_takes_its_spaces_along(hub, browser):
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("admin") as admin, hub.http() as nobody:
        make(ann, "ann", "kept", private=True)
        ann.post("/api/organizations", json={"name": "crew"}).raise_for_status()
        make(ann, "crew", "ship")
        browser.sign_in("ann")
        change = {"name": "anna", "password": "wrong"}
        assert browser.http.put("/api/account/name", json=change).status_code == 401
        change["password"] = PASSWORD
        assert browser.http.put("/api/account/name", json={**change, "name": "bob"}).status_code == 409
        assert browser.http.put("/api/account/name", json=change).json() == {"name": "anna"}
        assert ann.get("/api/whoami-v2").json()["name"] == "anna"
        assert ann.get("/api/spaces/ann/kept").headers["location"] == "/api/spaces/anna/kept"
        assert ann.get("/api/spaces/anna/kept").json()["subdomain"] == "anna-kept"
        assert ann.get("/api/spaces/by-subdomain/ann-kept").headers["location"].endswith("/anna-kept")
        assert bob.get("/api/spaces/ann/kept").status_code == bob.get("/api/spaces/ann/kepx").status_code == 404
        assert bob.get("/api/users/ann/overview").headers["location"] == "/api/users/anna/overview"
        assert nobody.get("/ann", headers=HTML).content == nobody.get("/anx", headers=HTML).content
        assert admin.post("/api/users", json={"name": "ann"}).status_code == 409, "the name is kept"
        assert bob.post("/api/organizations", json={"name": "Ann"}).status_code == 409
        assert bob.patch("/api/organizations/crew", json={"name": "x"}).status_code == 403
        assert ann.patch("/api/organizations/crew", json={"name": "fleet"}).json() == {"name": "fleet", "tier": "free"}
        assert nobody.get("/api/spaces/crew/ship").headers["location"] == "/api/spaces/fleet/ship"
        hub.run("orgs", "rename", "fleet", "crew")
        assert nobody.get("/api/spaces/fleet/ship").headers["location"] == "/api/spaces/crew/ship"
        hub.run("users", "rename", "anna", "ann")
        assert ann.get("/api/spaces/anna/kept", follow_redirects=True).json()["id"] == "ann/kept"
        assert "belonged to" in hub.run("users", "rename", "bob", "anna", status=1)
        assert admin.patch("/api/users/bob", json={"name": "robert"}).json()["name"] == "robert"
        assert admin.patch("/api/users/robert", json={"name": "bob"}).json()["name"] == "bob"
