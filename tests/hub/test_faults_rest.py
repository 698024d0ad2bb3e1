"""What is left behind: processes of builds, folders of Spaces that were not made, and what a restarted hub knows."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit
from tests.hub.test_run import OURS, README, runtime, stage_is

from spaceport.errors import Conflict
from spaceport.hub.runtime.build_process import BuildFailed, BuildLimits, Work
from spaceport.hub.spaces.directory import SpaceExists
from spaceport.hub.state import Hub

ESCAPE = """
import os, signal, sys, time
if os.fork() == 0:
    if {session}:
        os.setsid()
    open({note!r}, "w").write(str(os.getpid()))
    while True:
        {does}
        time.sleep(0.05)
while not os.path.exists({note!r}):
    time.sleep(0.01)
print("building", flush=True)
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@fault(
    kind="isolation",
    given="a package whose build kills its supervisor, and leaves a process that holds uv's pipe",
    before="the build waited for the pipe's end: for ever, or half an hour",
    now="the process group ends, and the output is read for two seconds more",
)
@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("does", ["pass", "print('x' * 1000, flush=True)"])
def test_a_build_does_not_wait_for_a_process_that_holds_its_pipe(tmp_path, session, does):
    note = tmp_path / "pid"
    work = Work(tmp_path / "log", BuildLimits())
    began = time.monotonic()
    with pytest.raises(BuildFailed):
        work.run([sys.executable, "-c", ESCAPE.format(session=session, does=does, note=str(note))])
    assert time.monotonic() - began < 15
    assert b"building" in (tmp_path / "log").read_bytes()
    pid = int(note.read_text())
    try:
        deadline = time.monotonic() + 5
        while not session and alive(pid):  # a session of its own cannot be found any more
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)


@pytest.fixture
def hub_state(tmp_path):
    hub = Hub(tmp_path / "hub")
    hub.claim()
    hub.first_admin()
    yield hub
    hub.close()


def folders(hub):
    place = hub.data / "spaces"
    return sorted(place.iterdir()) if place.exists() else []


def admin(hub):
    return hub.tokens.identify(hub.tokens.mint("admin", "t"))


@fault(
    kind="isolation",
    given="a Space whose record cannot be written: the disk is full, or two requests make the same name at once",
    before="its folder with an empty repository stayed for ever; the second of two got a 409 without the address",
    now="the folder is removed, and the error is the one of a name that is taken",
)
@pytest.mark.parametrize("error", [OSError("disk full"), Conflict("A Space with this name already exists.")])
def test_a_space_that_was_not_made_leaves_no_folder(hub_state, monkeypatch, error):
    identity = admin(hub_state)

    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(hub_state.spaces._store, "add_space", refuse)
    with pytest.raises(SpaceExists if isinstance(error, Conflict) else OSError):
        hub_state.spaces.create(identity, "admin", "x", "gradio", private=False)
    assert folders(hub_state) == []


def test_a_copy_that_was_not_made_leaves_nothing(hub_state, monkeypatch):
    identity, spaces = admin(hub_state), hub_state.spaces
    source = spaces.create(identity, "admin", "x", "gradio", private=False)
    monkeypatch.setattr(spaces, "head", lambda _: "0" * 40)  # which git cannot fetch
    before = folders(hub_state)
    with pytest.raises(Exception, match="git"):
        spaces.duplicate(identity, source, "admin", "y", private=False)
    assert folders(hub_state) == before
    assert [one.name for one in spaces.all()] == ["x"]


@fault(
    kind="app",
    given="a Space with `packages.txt`, after a restart of the hub",
    before="its `notices` were empty until the next build",
    now="they are kept beside its repository",
)
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_notices_outlive_the_hub(tmp_path, end):
    hub = HubServer(tmp_path / "hub", "--start-timeout", "60")
    with hub.http("admin") as client:
        client.post("/api/repos/create", json={"name": "noted", "type": "space"}).raise_for_status()
        files = {"README.md": README, "app.py": OURS.encode(), "packages.txt": b"ffmpeg\n"}
        commit(client, "admin/noted", files).raise_for_status()
    stage_is(hub, "admin/noted", "RUNNING", within=90)
    before = runtime(hub, "admin/noted")["notices"]
    assert "packages.txt" in before[0]
    getattr(hub, end)()
    hub.start()
    try:
        assert runtime(hub, "admin/noted")["notices"] == before
        with hub.http("admin") as client:  # of another revision they are not
            lines = [
                {"key": "header", "value": {"summary": "x"}},
                {"key": "deletedFile", "value": {"path": "packages.txt"}},
            ]
            content = "\n".join(map(json.dumps, lines))
            client.post("/api/spaces/admin/noted/commit/main", content=content).raise_for_status()
        stage_is(hub, "admin/noted", "RUNNING", within=90)
        assert "notices" not in runtime(hub, "admin/noted")
    finally:
        hub.stop()


@fault(
    kind="app",
    given="a README.md in UTF-16, as PowerShell's `>` writes it",
    before="committed; its front matter was passed over without a word, so that the Space was another than it says",
    now="refused: save it as UTF-8",
)
@pytest.mark.parametrize(("encoding", "status"), [("utf-16", 400), ("utf-8", 200), ("utf-8-sig", 200)])
def test_a_readme_in_another_encoding(hub, encoding, status):
    with hub.http("admin") as client:
        client.post("/api/repos/create", json={"name": encoding, "type": "space"}).raise_for_status()
        text = "---\ntitle: Words é\nsdk: static\n---\n".encode(encoding)
        answer = commit(client, f"admin/{encoding}", {"README.md": text})
        found = client.get(f"/api/spaces/admin/{encoding}").json()
    assert answer.status_code == status
    assert found["cardData"].get("title") == (None if status == 400 else "Words é")
    assert found["sdk"] == ("gradio" if status == 400 else "static")
    assert status == 200 or "save it as UTF-8" in answer.json()["error"]
