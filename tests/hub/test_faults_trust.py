"""Whose code a hub runs without `--trust-spaces`: its admins', however it came to be theirs, and nobody else's."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit
from tests.hub.test_run import README, deploy, runtime, stage_is

# It leaves a file with its process id wherever it runs.
APP = """
import os
from pathlib import Path
(Path({marks!r}) / os.environ["SPACE_ID"].replace("/", " ")).write_text(str(os.getpid()))
import spaceport as sp
space = sp.Space()

@space.api
def about() -> str:
    return os.environ["SPACE_ID"]
"""


class Marks:
    """What has run, and where."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = APP.format(marks=str(folder))

    def names(self):
        return sorted(one.name for one in self.folder.iterdir())

    def runs(self, space):
        with contextlib.suppress(OSError, ValueError):
            status = Path(f"/proc/{(self.folder / space.replace('/', ' ')).read_text()}/stat").read_text()
            return status.rpartition(")")[2].split()[0] != "Z"
        return False


@pytest.fixture
def marks(tmp_path):
    folder = tmp_path / "marks"
    folder.mkdir()
    return Marks(folder)


@pytest.fixture
def hub(request, tmp_path):
    server = HubServer(tmp_path / "hub", *request.param)
    yield server
    server.stop()


def about(hub, space):
    call = f"{hub.apps}/{space}/gradio_api/call/about"
    return httpx.post(call, json={"data": []}, headers={"prefer": "wait"}, timeout=60)


def ends(marks, space, within=15):
    deadline = time.monotonic() + within
    while marks.runs(space):
        assert time.monotonic() < deadline, f"{space} goes on"
        time.sleep(0.1)


@pytest.mark.parametrize("hub", [["--trust-spaces"]], indirect=True)
@fault(
    kind="access",
    given="a hub that ran everybody's Spaces is killed (`kill -9`), and starts again without `--trust-spaces`",
    before="it took over the Spaces of others than admins, and they went on; replicas that ended were replaced",
    now="they are stopped; those of admins are taken over",
)
def test_others_replicas_are_not_taken_over(hub, marks):
    for user in ("admin", "ann"):
        deploy(hub, "app", marks.app, user=user)
    for user in ("admin", "ann"):
        stage_is(hub, f"{user}/app", "RUNNING", within=90)
    before = (marks.folder / "admin app").read_text()
    hub.kill()
    assert marks.runs("admin/app")
    assert marks.runs("ann/app")
    hub.options = ()
    hub.start()
    ends(marks, "ann/app")
    answer = about(hub, "ann/app")
    assert answer.status_code == 503
    assert "--trust-spaces" in answer.text
    assert runtime(hub, "ann/app", "admin")["stage"] == "CONFIG_ERROR"
    assert about(hub, "admin/app").json()["data"] == ["admin/app"]
    assert (marks.folder / "admin app").read_text() == before
    assert marks.runs("admin/app")


@pytest.mark.parametrize("hub", [[]], indirect=True)
@fault(
    kind="access",
    given="`spaceport users admin bob off` while a Space of bob runs, and an admin who moves a running Space to ann",
    before="bob's Space ran on until it slept or ended, and a second replica that ended was replaced",
    now="it ends within seconds, and runs again when bob is an admin again; a Space that is moved ends at once",
)
def test_what_runs_ends_when_its_owner_is_an_admin_no_more(hub, marks):
    hub.run("users", "admin", "bob", "on")
    for user in ("bob", "admin"):
        deploy(hub, "app", marks.app, user=user)
    for user in ("bob", "admin"):
        stage_is(hub, f"{user}/app", "RUNNING", within=90)
    hub.run("users", "admin", "bob", "off")
    with hub.http("admin") as admin:
        body = {"fromRepo": "admin/app", "toRepo": "ann/app", "type": "space"}
        admin.post("/api/repos/move", json=body).raise_for_status()
    ends(marks, "admin/app")
    ends(marks, "bob/app")
    for space in ("bob/app", "ann/app"):
        assert about(hub, space).status_code == 503
        assert runtime(hub, space, "admin")["stage"] == "CONFIG_ERROR"
    hub.run("users", "admin", "bob", "on")
    assert about(hub, "bob/app").json()["data"] == ["bob/app"]
    assert marks.names() == ["admin app", "bob app"], "what was moved has not run at ann's"


@pytest.mark.parametrize("hub", [[]], indirect=True)
def test_nobody_but_admins_makes_code_run(hub, marks):
    """Each way by which a Space's files come to be somebody's: deployed, duplicated, moved, renamed, committed."""
    deploy(hub, "app", marks.app)
    stage_is(hub, "admin/app", "RUNNING", within=90)
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("admin") as admin:
        deploy(hub, "own", marks.app, user="ann")
        assert ann.post("/api/organizations", json={"name": "team"}).status_code == 201
        hub.run("orgs", "role", "team", "admin", "admin")
        made = ann.post("/api/repos/create", json={"name": "of-team", "organization": "team", "type": "space"})
        assert made.status_code == 200
        commit(ann, "team/of-team", {"README.md": README, "app.py": marks.app.encode()}).raise_for_status()
        for repository in ("ann/copy", "team/copy"):
            copied = ann.post("/api/spaces/admin/app/duplicate", json={"repository": repository})
            assert copied.status_code == 200, copied.text
        taken = [
            ann.post("/api/spaces/admin/app/duplicate", json={"repository": "admin/by-ann"}),
            ann.post("/api/repos/move", json={"fromRepo": "ann/own", "toRepo": "admin/own", "type": "space"}),
            ann.post("/api/repos/move", json={"fromRepo": "admin/app", "toRepo": "ann/app", "type": "space"}),
            ann.post("/api/repos/create", json={"name": "x", "organization": "admin", "type": "space"}),
            commit(ann, "admin/app", {"app.py": b"raise SystemExit"}),
            ann.post("/api/spaces/admin/app/variables", json={"key": "LD_PRELOAD", "value": "/x"}),
        ]
        assert [one.status_code for one in taken] == [403] * len(taken)
        admin.put("/api/spaces/admin/app/settings", json={"private": True}).raise_for_status()
        admin.put("/api/spaces/admin/app/guests/bob", json={}).raise_for_status()
        assert bob.get("/api/spaces/admin/app").status_code == 200
        assert commit(bob, "admin/app", {"app.py": b"raise SystemExit"}).status_code == 403, "a guest calls, no more"
        moved = ann.post("/api/repos/move", json={"fromRepo": "ann/own", "toRepo": "team/own", "type": "space"})
        assert moved.status_code == 200
        for space in ("ann/copy", "team/own", "team/of-team", "team/copy"):
            assert ann.post(f"/api/spaces/{space}/restart").status_code == 200
            assert about(hub, space).status_code == 503
            assert httpx.get(f"{hub.apps}/{space}/config", timeout=60).status_code == 503
            assert runtime(hub, space, "ann")["stage"] == "CONFIG_ERROR"
        body = {"fromRepo": "team/own", "toRepo": "admin/chosen", "type": "space"}
        assert admin.post("/api/repos/move", json=body).status_code == 200
        stage_is(hub, "admin/chosen", "RUNNING", within=90)
    assert marks.names() == ["admin app", "admin chosen"]
    assert about(hub, "admin/chosen").json()["data"] == ["admin/chosen"]
