"""Organizations and their roles, by the unmodified `huggingface_hub`, over HTTP and on the command line."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

from spaceport import Client
from spaceport.hub.state import Hub

APP = """
import os
import spaceport as sp
space = sp.Space()

@space.api
def about() -> list:
    return [os.environ["SPACE_ID"], os.getpid()]
"""
WHOAMI = (
    'found = HfApi().whoami(); result = [found["name"], [[one["name"], one["roleInOrg"]] for one in found["orgs"]]]'
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--trust-spaces")
    yield server
    server.stop()


def invite(hub, organization, role, by, **offer):
    with hub.http(by) as client:
        made = client.post(f"/api/organizations/{organization}/invitations", json={"role": role, **offer})
        assert made.status_code == 201, made.text
        return made.json()["link"]


def accept(hub, link, user):
    with hub.http(user) as client:
        return client.post("/api/invitations/accept", json={"invitation": link})


@pytest.fixture(scope="module")
def team(hub):
    """`team` has ann as its admin and bob as a contributor."""
    with hub.http("ann") as client:
        assert client.post("/api/organizations", json={"name": "team"}).json() == {"name": "team", "role": "admin"}
    link = invite(hub, "team", "contributor", "ann")
    assert link.startswith(f"{hub.url}/join/")
    assert accept(hub, link, "bob").json() == {"organization": "team"}
    assert accept(hub, link, "admin").status_code == 404, "it could be used once"
    return "team"


def test_the_client_sees_organizations_members_and_roles(hub, peer, team):
    assert peer("bob").python(WHOAMI) == ["bob", [["team", "contributor"]]]
    program = """
api = HfApi()
members = [[one.username, one.role] for one in api.list_organization_members("team")]
orgs = [one.name for one in api.get_user_overview("bob").orgs]
result = [members, api.get_organization_overview("team").num_users, orgs]
"""
    assert peer("ann").python(program) == [[["ann", "admin"], ["bob", "contributor"]], 2, ["team"]]
    assert "orgs" in peer("bob").hf("auth", "whoami")
    with hub.http("admin") as admin:
        assert admin.get("/api/organizations/nothing/members").status_code == 404


def test_a_contributor_changes_what_it_made_and_a_transfer_needs_both_sides(hub, peer, team):
    program = """
api = HfApi()
api.create_repo("team/ours", repo_type="space", space_sdk="static", private=True)
api.upload_file(path_or_fileobj=b"hello", path_in_repo="index.html", repo_id="team/ours", repo_type="space")
result = [one.id for one in api.list_spaces(author="team")]
"""
    assert peer("bob").python(program) == ["team/ours"]
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("admin") as admin, hub.http() as nobody:
        ann.post("/api/repos/create", json={"name": "anns", "organization": "team", "type": "space", "sdk": "static"})
        assert bob.put("/api/spaces/team/anns/settings", json={"private": True}).status_code == 403
        assert nobody.get("/api/spaces/team/ours").headers["x-error-code"] == "RepoNotFound"
        assert [one["id"] for one in ann.get("/api/spaces?author=team").json()] == ["team/anns", "team/ours"]
        stolen = bob.post("/api/repos/move", json={"fromRepo": "team/anns", "toRepo": "bob/anns", "type": "space"})
        assert stolen.status_code == 403
        given = bob.post("/api/repos/move", json={"fromRepo": "team/ours", "toRepo": "ann/ours", "type": "space"})
        assert given.status_code == 403, "nobody can put a Space into somebody else's account"
        taken = {"fromRepo": "team/ours", "toRepo": "team/anns", "type": "space"}
        assert admin.post("/api/repos/move", json=taken).status_code == 409
    moved = (
        'HfApi().move_repo("team/ours", "bob/mine", repo_type="space"); result = HfApi().space_info("bob/mine").private'
    )
    assert peer("bob").python(moved) is True
    with hub.http("ann") as ann, hub.http("bob") as bob:
        assert ann.get("/api/spaces/team/ours").status_code == ann.get("/api/spaces/bob/mine").status_code == 404
        assert bob.get("/api/spaces/team/ours").headers["location"] == "/api/spaces/bob/mine"
        assert bob.get("/spaces/bob/mine/resolve/main/index.html").text == "hello"
        address = f"{hub.apps}/bob/mine/index.html"
        assert bob.get(address).text == "hello"
        assert ann.get(f"{hub.apps}/team/ours/index.html").status_code == 404


def test_who_loses_a_role_loses_the_sight_of_private_spaces_at_once(hub, team):
    with hub.http("ann") as ann, hub.http("bob") as bob:
        ann.post("/api/organizations", json={"name": "crew"})
        ann.post("/api/repos/create", json={"name": "x", "organization": "crew", "type": "space", "private": True})
        assert bob.get("/api/spaces/crew/x").status_code == 404
        accept(hub, invite(hub, "crew", "read", "ann"), "bob")
        assert bob.get("/api/spaces/crew/x").status_code == 200
        assert bob.put("/api/spaces/crew/x/settings", json={}).status_code == 403
        assert ann.put("/api/organizations/crew/members/bob", json={"role": "write"}).status_code == 200
        assert bob.put("/api/spaces/crew/x/settings", json={"private": True}).status_code == 200
        assert ann.put("/api/organizations/crew/members/bob", json={"role": "king"}).status_code == 400
        assert ann.delete("/api/organizations/crew/members/bob").status_code == 200
        assert bob.get("/api/spaces/crew/x").status_code == 404
        assert bob.get("/api/spaces", params={"author": "crew"}).json() == []
        assert ann.post("/api/organizations/crew/leave").status_code == 409, "somebody must be its admin"
        demoted = ann.put("/api/organizations/crew/members/ann", json={"role": "read"})
        assert demoted.status_code == 409


def test_an_invitation_gives_no_better_role_away_and_can_be_revoked(hub, team):
    weaker = invite(hub, "team", "read", "ann", uses=5)
    assert accept(hub, weaker, "ann").status_code == 200
    with hub.http("ann") as ann:
        (listed,) = ann.get("/api/organizations/team/invitations").json()
        assert (listed["role"], listed["inviter"], listed["usesLeft"]) == ("read", "ann", 4)
        assert ann.get("/api/organizations/team/members").json()[0]["role"] == "admin"
        assert ann.delete(f"/api/organizations/team/invitations/{listed['id']}").status_code == 200
        assert ann.delete(f"/api/organizations/team/invitations/{listed['id']}").status_code == 404
        for wrong in ({"days": 91}, {"uses": 0}, {"uses": True}, {"days": "7"}, {"uses": 1.5}):
            answer = ann.post("/api/organizations/team/invitations", json={"role": "read", **wrong})
            assert answer.status_code == 400, wrong
        assert ann.delete("/api/organizations/team/invitations/x").status_code == 400
    assert accept(hub, weaker, "admin").status_code == 404


def test_a_name_that_looks_like_another_is_refused_and_so_is_a_former_one(hub):
    for name in ("arnn", "Ian.l"):
        hub.run("users", "add", name)
    for alike in ("amn", "lan-1", "ARNN"):
        assert alike in hub.run("users", "add", alike, status=1)
    assert "reserved" in hub.run("users", "add", "Settings", status=1)
    with hub.http("bob") as bob:
        assert bob.post("/api/organizations", json={"name": "lan-1"}).status_code == 409
        assert bob.post("/api/organizations", json={"name": "a/b"}).status_code == 400
    assert "0 Spaces" in hub.run("users", "rm", "arnn", "--yes")
    assert "was deleted" in hub.run("users", "add", "arnn", status=1)


def test_deleting_an_account_says_what_goes_with_it_and_asks(hub):
    token = hub.run("users", "add", "leaver").split()[-1]
    hub.tokens["leaver"] = token
    with hub.http("leaver") as leaver, hub.http("admin") as admin, hub.http("ann") as ann:
        leaver.post("/api/organizations", json={"name": "leavers"})
        leaver.post("/api/repos/create", json={"name": "app", "type": "space", "sdk": "static"})
        assert ann.delete("/api/users/leaver").status_code == 403
        asked = admin.request("DELETE", "/api/users/leaver", json={"confirm": "yes"})
        assert asked.status_code == 400
        assert "leaver/app" in asked.json()["error"]
        kept = admin.request("DELETE", "/api/users/leaver", json={"confirm": "leaver"})
        assert "only admin of leavers" in kept.json()["error"]
        assert leaver.get("/api/spaces/leaver/app").status_code == 200, "nothing was deleted"
        gone = leaver.request("DELETE", "/api/organizations/leavers", json={"confirm": "leavers"})
        assert gone.json() == {"removed": "leavers", "spaces": []}
        gone = admin.request("DELETE", "/api/users/leaver", json={"confirm": "leaver"})
        assert gone.json() == {"removed": "leaver", "spaces": ["leaver/app"]}
        assert leaver.get("/api/whoami-v2").status_code == 401
        assert ann.get("/api/spaces/leaver/app").status_code == 404
        assert admin.patch("/api/users/admin", json={"admin": False}).status_code == 409
        assert admin.request("DELETE", "/api/users/admin", json={"confirm": "admin"}).status_code == 409


def test_the_commands_do_it_while_the_hub_runs(hub):
    hub.run("orgs", "add", "works", "ann")
    hub.run("orgs", "role", "works", "bob", "write")
    assert "bob" in hub.run("orgs", "members", "works")
    assert "works" in hub.run("orgs", "ls")
    link = hub.run("invites", "add", "works", "--role", "admin", "--hub", hub.url).strip()
    assert "admin" in hub.run("invites", "ls", "works")
    assert accept(hub, link, "bob").status_code == 200
    hub.run("orgs", "leave", "works", "ann")
    with hub.http("bob") as bob:
        assert [one["user"] for one in bob.get("/api/organizations/works/members").json()] == ["bob"]
    assert "deleted" in hub.run("orgs", "rm", "works", status=1), "nobody has confirmed it"
    hub.run("orgs", "rm", "works", "--yes")
    assert "works" not in hub.run("orgs", "ls")
    hub.run("users", "admin", "bob", "on")
    with hub.http("bob") as bob:
        assert {one["name"] for one in bob.get("/api/users").json()} > {"ann", "bob"}
        assert bob.post("/api/users", json={"name": "carol", "tier": "pro"}).status_code == 201
        assert bob.patch("/api/users/carol", json={"tier": "none"}).status_code == 400
        assert bob.patch("/api/users/carol", json={"tier": "free"}).json()["tier"] == "free"
    hub.run("users", "admin", "bob", "off")


@pytest.fixture(scope="module")
def app(hub, team):
    """A Space of bob that runs."""
    deploy(hub, "app", APP, user="bob")
    return "bob/app"


def about(hub, space):
    with Client(space, hub=hub.url, token=hub.tokens["bob"], verbose=False) as client:
        return client.predict(api_name="/about")


def test_a_space_that_was_moved_knows_its_new_name_and_who_removes_it_ends_it(hub, app):
    name, process = about(hub, app)
    assert name == app
    with hub.http("bob") as bob:
        moved = bob.post("/api/repos/move", json={"fromRepo": app, "toRepo": "team/app2", "type": "space"})
        assert moved.json() == {"url": f"{hub.url}/spaces/team/app2", "name": "team/app2"}
    assert ends(process)
    name, process = about(hub, "team/app2")
    assert name == "team/app2"
    with contextlib.closing(Hub(hub.data)) as state:  # as `spaceport orgs rm` does, in another process
        state.remove_account(state.accounts.get_organization("team"))
    assert ends(process), "the hub finds out by itself"


def ends(process):
    deadline = time.monotonic() + 30
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{process}").exists()
