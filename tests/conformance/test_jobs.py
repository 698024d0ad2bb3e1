"""Calls as their callers and the operator look at them afterwards: listing, reading, cancelling, calling again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from tests.conftest import ROOT, Server

OPERATOR = {"authorization": "Bearer operator"}


def command(*words: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "spaceport.cli.main", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def server(serve):
    return serve("observed", SPACEPORT_OPERATOR_TOKEN="operator")


def say(server, text, endpoint="say", **body):
    answer = server.http.post(f"/gradio_api/call/{endpoint}", json={"data": [text], **body})
    job_id = answer.json()["event_id"]
    server.events(endpoint, job_id)
    return job_id


def test_listings_filter_and_page(server):
    mine = [say(server, f"{number}", session_hash="mine") for number in range(3)]
    failed = say(server, "no", "fail", session_hash="mine")
    other = say(server, "x", session_hash="other")

    def listed(headers=None, **query):
        answer = server.http.get("/gradio_api/jobs", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return [job["id"] for job in answer.json()["jobs"]], answer.json()["next"]

    assert listed() == ([], None)
    assert listed(session_hash="mine") == ([failed, *reversed(mine)], None)
    assert listed(session_hash="mine", state="failed,cancelled") == ([failed], None)
    assert listed(session_hash="mine", endpoint="say", limit=2) == ([mine[2], mine[1]], mine[1])
    assert listed(session_hash="mine", endpoint="say", limit=2, before=mine[1]) == ([mine[0]], None)
    assert listed(session_hash="mine", since=time.time() + 60) == ([], None)
    assert listed(OPERATOR, all="true") == ([other, failed, *reversed(mine)], None)
    for wrong in ({"state": "lost"}, {"limit": "0"}, {"since": "yesterday"}):
        answer = server.http.get("/gradio_api/jobs", params={"session_hash": "mine", **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    refused = server.http.get("/gradio_api/jobs", params={"all": "true"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_failed_call_can_be_made_again_and_no_other(server):
    done, failed = say(server, "x"), say(server, "no", "fail")
    answer = server.http.post(f"/gradio_api/jobs/{failed}/retry")
    assert answer.status_code == 201
    again = answer.json()["event_id"]
    assert answer.headers["location"] == f"/gradio_api/jobs/{again}"
    assert server.events("fail", again)[-1][0] == "error"
    assert again != failed
    refused = server.http.post(f"/gradio_api/jobs/{done}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "succeeded" in refused.json()["detail"]
    assert server.http.post("/gradio_api/jobs/unknown/retry").status_code == 404


def test_a_call_that_a_kill_interrupted_can_be_made_again(serve):
    server = serve("chaos")
    job_id = server.call("slow", ["abc"]).json()["event_id"]
    server.kill()
    server.start()
    assert server.http.get(f"/gradio_api/jobs/{job_id}").json()["error"]["code"] == "interrupted"
    again = server.http.post(f"/gradio_api/jobs/{job_id}/retry").json()["event_id"]
    assert server.events("slow", again)[-1][:2] == ("complete", '["abc"]')


def test_the_command_line(serve, tmp_path):
    server = serve("chaos")
    data = str(server.data)
    done = server.call("echo", ["hi"]).json()["event_id"]
    server.events("echo", done)
    for _ in range(10):
        server.call("slow", ["first"])  # 2 s each
    waiting = server.call("slow", ["second"]).json()["event_id"]
    shown = command("jobs", "ls", data)
    assert done in shown
    assert "before it)" in shown
    listed = json.loads(command("jobs", "ls", data, "--json", "--state", "queued"))
    assert listed["jobs"][0]["id"] == waiting
    assert json.loads(command("jobs", "show", data, done))["data"] == ["hi"]
    assert json.loads(command("jobs", "cancel", data, waiting))["state"] == "cancelled"
    assert "conflict: The job has already succeeded" in command("jobs", "cancel", data, done, status=1)
    assert "forbidden" not in command("jobs", "ls", server.url)
    token = (server.data / "operator.token").read_text()
    assert done in command("jobs", "ls", server.url, "--token", token)
    server.kill()
    (server.data / "server.json").unlink()
    assert "No server of" in command("jobs", "ls", data, status=1)
    assert "No server of" in command("jobs", "show", data, done, status=1)


def test_a_backup_is_a_data_folder(serve, tmp_path):
    server = serve("chaos")
    done = server.call("echo", ["kept"]).json()["event_id"]
    server.events("echo", done)
    server.call("slow", ["first"])
    waiting = server.call("slow", ["second"]).json()["event_id"]
    copy = tmp_path / "copy"
    assert "files are in" in command("backup", str(server.data), str(copy))
    assert "not empty" in command("backup", str(server.data), str(copy), status=1)
    server.kill()
    restored = Server(server.app, copy, {})
    try:
        assert restored.http.get(f"/gradio_api/jobs/{done}").json()["data"] == ["kept"]
        assert restored.events("slow", waiting)[-1][:2] == ("complete", '["second"]')
    finally:
        restored.kill()
