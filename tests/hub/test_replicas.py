"""Several replicas of one Space: calls spread over them, sessions stay with their state, what dies is replaced."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time

import httpx
import pytest
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy, runtime

from spaceport import Client
from spaceport.client.errors import AppError

MEET = """
from pathlib import Path

def meet(text):
    \"\"\"A call "meet" waits until one runs at another replica.\"\"\"
    if text == "meet":
        home = Path(os.environ["HOME"])
        (home / f"met-{os.getpid()}").touch()
        deadline = time.time() + 60
        while len(list(home.glob("met-*"))) < 2 and time.time() < deadline:
            time.sleep(0.01)
"""
OURS = f"""
import os, time
import spaceport as sp
{MEET}
space = sp.Space()

@space.api
def slow(text: str, seconds: float) -> list:
    began = time.time()
    with open(os.environ["HOME"] + "/runs", "a") as file:
        file.write(text + chr(10))
    meet(text)
    time.sleep(seconds)
    return [os.getpid(), began, time.time()]

def add(x, total):
    return [os.getpid(), (total or 0) + x], (total or 0) + x

total = sp.State()
space.api(add, inputs=[sp.Number(), total], outputs=[sp.JSON(), total])
"""
GRADIO = f"""
import os, time
import gradio as gr
{MEET}
def slow(text, seconds):
    began = time.time()
    meet(text)
    time.sleep(seconds)
    return [os.getpid(), began, time.time()]

def add(x, total):
    return [os.getpid(), total + x], total + x

with gr.Blocks() as demo:
    text, number, out, total = gr.Textbox(), gr.Number(value=0), gr.JSON(), gr.State(0)
    gr.Button().click(slow, [text, number], out, api_name="slow")
    gr.Button().click(add, [number, total], [out, total], api_name="add")
demo.launch()
"""
README = "---\nsdk: gradio\nsdk_version: 6.31.0\n{}spaceport:\n  replicas: 2\n---\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "120")
    deploy(server, "ours", OURS, README.format("tags: [spaceport]\n").encode())
    deploy(server, "gradio", GRADIO, README.format("").encode())
    yield server
    server.stop()


@pytest.fixture(params=["admin/ours", "admin/gradio"])
def space(hub, request):
    both_are_up(hub, request.param)
    return request.param


def both_are_up(hub, space):
    deadline = time.monotonic() + 120
    while (found := runtime(hub, space)).get("replicas") != {"current": 2, "requested": 2}:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def notes(hub, *, ours):
    found = []
    for note in hub.data.glob("spaces/*/replica-*.json"):
        with contextlib.suppress(FileNotFoundError):  # a replica that has just ended
            found.append(json.loads(note.read_text()))
    return [note for note in found if note["ours"] == ours]


def test_calls_run_side_by_side(hub, space):
    with Client(space, hub=hub.url, verbose=False) as client:
        jobs = [client.submit("meet", 0.5, api_name="/slow") for _ in range(6)]
        ran = [job.result() for job in jobs]
    assert len({pid for pid, _, _ in ran}) == 2
    for pid, began, _ in ran:  # one at a time at each, as its author wants
        assert not any(other == pid and start < began < end for other, start, end in ran)
    assert any(pid != other and start < began < end for pid, began, _ in ran for other, start, end in ran)


def test_sessions_stay_where_their_state_is(hub, space):
    used = {}
    for number in range(8):
        with Client(space, hub=hub.url, verbose=False) as client:
            found = [client.predict(x, api_name="/add") for x in (1, 2, 3)]
        assert [total for _, total in found] == [1, 3, 6]
        used[number] = {pid for pid, _ in found}
        assert len(used[number]) == 1
    assert len(set.union(*used.values())) == 2


def test_a_replica_that_dies_is_replaced(hub, space):
    with Client(space, hub=hub.url, verbose=False) as client, Client(space, hub=hub.url, verbose=False) as other:
        (pid, _), clients = client.predict(1, api_name="/add"), [client, other]
        places = {pid: client}
        while len(places) < 2:  # sessions of both
            clients.append(Client(space, hub=hub.url, verbose=False))
            (pid_of_other, _) = clients[-1].predict(1, api_name="/add")
            places.setdefault(pid_of_other, clients[-1])
        os.killpg(pid, signal.SIGKILL)
        while pid in [int(note["id"].partition("-")[0]) for note in notes(hub, ours=space == "admin/ours")]:
            time.sleep(0.01)
        with pytest.raises(AppError, match="state was lost"):
            client.predict(2, api_name="/add")
        assert client.predict(2, api_name="/add")[1] == 2
        (survivor,) = [one for at, one in places.items() if at != pid]
        assert survivor.predict(2, api_name="/add")[1] == 3
        both_are_up(hub, space)
        for one in clients[2:]:
            one.close()


def test_a_page_stays_with_its_replica(hub):
    """With its cookie; what passes on is Gradio's own."""
    both_are_up(hub, "admin/gradio")
    used = set()
    for visitor in range(6):
        session = f"page{visitor}"
        with httpx.Client(base_url=f"{hub.apps}/admin/gradio/", timeout=30, headers={"x-gradio-user": "app"}) as page:
            assert page.get("").status_code == 200
            assert "spaceport-replica" in page.cookies
            index = next(one["id"] for one in page.get("config").json()["dependencies"] if one["api_name"] == "add")
            for total in (1, 2, 3):
                body = {"data": [1, None], "fn_index": index, "session_hash": session}
                page.post("gradio_api/queue/join", json=body).raise_for_status()
                lines = page.get(f"gradio_api/queue/data?session_hash={session}").text.splitlines()
                done = [json.loads(line[6:]) for line in lines if "process_completed" in line]
                ((pid, found), _) = done[0]["output"]["data"]
                assert found == total
            used.add(pid)
    assert len(used) == 2


def test_replicas_go_on_when_the_hub_is_killed(hub):
    both_are_up(hub, "admin/ours")
    with httpx.Client(base_url=f"{hub.apps}/admin/ours/gradio_api/", timeout=60) as api:
        jobs = [api.post("call/slow", json={"data": [f"hub{i}", 4]}).json()["event_id"] for i in range(4)]
        while [api.get(f"jobs/{job}").json()["state"] for job in jobs].count("running") < 2:
            time.sleep(0.05)
    before = {note["epoch"] for note in notes(hub, ours=True)}
    hub.kill()
    hub.start()
    with httpx.Client(base_url=f"{hub.apps}/admin/ours/gradio_api/", timeout=60) as api:
        for job in jobs:
            while not (view := api.get(f"jobs/{job}").json())["finished_at"]:
                time.sleep(0.05)
            assert view["state"] == "succeeded", view
    assert {note["epoch"] for note in notes(hub, ours=True)} == before
    (runs,) = [path.read_text().split() for path in hub.data.glob("spaces/*/home/runs")]
    assert [runs.count(f"hub{i}") for i in range(4)] == [1] * 4


def test_a_session_finds_its_state_after_a_restart_of_the_hub(hub):
    both_are_up(hub, "admin/ours")
    with httpx.Client(timeout=60) as http:

        def add(session):
            body = {"data": [1, None], "session_hash": session}
            answer = http.post(
                f"{hub.apps}/admin/ours/gradio_api/call/add", json=body, headers={"prefer": "wait"}
            ).json()
            return answer["data"][0]

        first = {f"known{i}": add(f"known{i}") for i in range(6)}
        hub.kill()
        hub.start()
        for session, (pid, total) in first.items():
            assert add(session) == [pid, total + 1]
