"""Calls as jobs of the hub: asleep, over a kill -9 of the hub or of a replica, for our Spaces and a real Gradio app."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy, replicas, runtime

from spaceport import Client, handle_file
from spaceport.client.errors import AppError, JobLost

GRADIO = """
import os, tempfile, time
import gradio as gr

def slow(text, seconds):
    with open(os.environ["HOME"] + "/runs", "a") as file:
        file.write(text + chr(10))
    time.sleep(seconds)
    return f"done {text}"

def hold(text, path):
    with open(os.environ["HOME"] + "/runs", "a") as file:
        file.write(text + chr(10))
    while path and not os.path.exists(path):
        time.sleep(0.02)
    return f"done {text}"

def add(x, total):
    return f"total={total + x}", total + x

def steps(n):
    for i in range(int(n)):
        time.sleep(0.05)
        yield "abc"[: i + 1]

def copy(path):
    out = tempfile.mkdtemp() + "/copy.txt"
    open(out, "w").write(open(path).read() + "!")
    return out

def fail(text):
    raise gr.Error(f"no {text}", title="Sorry", duration=3)

def seen(request: gr.Request):
    return dict(request.headers)

with gr.Blocks() as demo:
    text, number, out, total = gr.Textbox(), gr.Number(value=0), gr.Textbox(), gr.State(0)
    gr.Button().click(slow, [text, number], out, api_name="slow")
    gr.Button().click(hold, [text, text], out, api_name="hold")
    gr.Button().click(lambda text, path: hold(text, path), [text, text], out, api_name="turns")
    gr.Button().click(add, [number, total], [out, total], api_name="add")
    gr.Button().click(steps, number, out, api_name="steps")
    gr.Button().click(copy, gr.File(), gr.File(), api_name="copy")
    gr.Button().click(fail, text, out, api_name="fail")
    gr.Button().click(seen, None, gr.JSON(), api_name="seen")
demo.queue(default_concurrency_limit=2).launch()
"""
OURS = """
import os, time
from pathlib import Path
import spaceport as sp
space = sp.Space()

@space.api(concurrency_limit=None)
def slow(text: str, seconds: float) -> str:
    with open(os.environ["HOME"] + "/runs", "a") as file:
        file.write(text + chr(10))
    time.sleep(seconds)
    return f"done {text}"

@space.api(concurrency_limit=None)
def hold(text: str, path: str) -> str:
    while not os.path.exists(path):
        time.sleep(0.02)
    return f"done {text}"

@space.api
def shout(file: Path) -> Path:
    return file

@space.api
def count(n: int):
    for i in range(n):
        time.sleep(0.02)
        yield "x" * i

@space.api(validator=lambda age: sp.validate(age >= 18, "too young"))
def enter(age: int) -> str:
    return f"welcome at {age}"
"""
SPACES = {
    "gradio": (GRADIO, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n"),
    "ours": (OURS, b"---\ntags: [spaceport]\n---\n"),
}
P = "gradio_api"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60", environment={"SPACEPORT_DRAIN_S": "1"})
    for name, (app, readme) in SPACES.items():
        deploy(server, name, app, readme)
    yield server
    server.stop()


@pytest.fixture(params=["gradio", "ours"])
def space(request, hub):
    return f"admin/{request.param}"


def api(hub, space, user=None):
    headers = {"authorization": f"Bearer {hub.tokens[user]}"} if user else {}
    return httpx.Client(base_url=f"{hub.apps}/{space}/{P}/", headers=headers, timeout=60)


def submit(client, name, *data, **headers):
    answer = client.post(f"call/{name}", json={"data": list(data)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["event_id"]


def outcome(client, job, within_s=60):
    """The job once it has ended."""
    deadline = time.monotonic() + within_s
    while (view := client.get(f"jobs/{job}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, view
        time.sleep(0.05)
    return view


def ranks_are(jobs, expected):
    """Wait until jobs have these ranks. `jobs`: the client of each job's caller, by the job's id."""
    deadline = time.monotonic() + 30
    while (ranks := [client.get(f"jobs/{job}").json()["rank"] for job, client in jobs.items()]) != expected:
        assert time.monotonic() < deadline, ranks
        time.sleep(0.1)


def state_is(client, job, state):
    deadline = time.monotonic() + 30
    while (view := client.get(f"jobs/{job}").json())["state"] != state:
        assert time.monotonic() < deadline, view
        time.sleep(0.02)
    return view


def runs(hub):
    found = [path.read_text().split() for path in hub.data.glob("spaces/*/home/runs")]
    return [line for lines in found for line in lines]


def stage_is(hub, space, stage):
    deadline = time.monotonic() + 30
    while runtime(hub, space)["stage"] != stage:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_every_way_to_call_works(hub, space):
    with api(hub, space) as client:
        job = submit(client, "slow", "a", 0)
        text = client.get(f"call/slow/{job}").text
        assert text.splitlines()[:2] == ["event: complete", 'data: ["done a"]']
        assert client.get(f"call/slow/{job}").text == text  # again
        waited = client.post("call/v2/slow", json={"text": "b", "seconds": 0}, headers={"prefer": "wait"})
        assert waited.json()["data"] == ["done b"]
        streamed = client.post("call/slow", json={"data": ["c", 0]}, headers={"accept": "text/event-stream"})
        assert 'data: ["done c"]' in streamed.text
        again = [submit(client, "slow", "d", 0, **{"idempotency-key": "k"}) for _ in range(2)]
        assert again[0] == again[1]
        wrong = client.post("call/v2/slow", json={"text": "b", "sconds": 0})
        assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "sconds"])
        assert client.post("call/sloww", json={"data": []}).json()["detail"].endswith("Did you mean /slow?")
        document = client.get("openapi.json").json()
        assert f"/{P}/call/v2/slow" in document["paths"]
        assert client.get("info").json()["spaceport"]["v"] == 1


def test_several_calls_in_one_request_are_jobs_of_the_hub(hub, space):
    with api(hub, space, "ann") as ann, api(hub, space, "bob") as bob:
        calls = [{"name": "slow", "body": {"data": [f"m{i}", 0]}} for i in range(5)]
        calls.append({"name": "sloww", "body": {"data": []}})
        text = ann.post("calls", json={"calls": calls}, headers={"accept": "text/event-stream"}).text
        first, *rest = text.split("\n\n")
        *accepted, refused = json.loads(first.partition("data: ")[2])
        assert (refused["status"], refused["code"]) == (404, "not_found")
        messages = [json.loads(one.partition("data: ")[2]) for one in rest if "data: {" in one]
        ends = {one["event_id"]: one["output"]["data"] for one in messages if one["msg"] == "process_completed"}
        assert [ends[one["event_id"]] for one in accepted] == [[f"done m{i}"] for i in range(5)]
        job = accepted[0]["event_id"]
        assert [user.get(f"jobs/{job}").status_code for user in (ann, bob)] == [200, 404]


def test_a_stream_is_forwarded_step_by_step(hub):
    with Client("admin/gradio", hub=hub.url, verbose=False) as client:
        job = client.submit(3, api_name="/steps")
        assert list(job) == ["a", "ab", "abc"]
    with Client("admin/ours", hub=hub.url, verbose=False) as client:
        assert list(client.submit(4, api_name="/count")) == ["", "x", "xx", "xxx"]


def test_an_apps_own_error_arrives_whole(hub):
    with Client("admin/gradio", hub=hub.url, verbose=False) as client:
        with pytest.raises(AppError) as caught:
            client.predict("luck", api_name="/fail")
        assert (caught.value.message, caught.value.title, caught.value.duration) == ("no luck", "Sorry", 3)


def test_jobs_have_a_rank_and_belong_to_their_caller(hub, space, tmp_path):
    go = tmp_path / "go"
    with api(hub, space, "ann") as ann, api(hub, space, "bob") as bob, api(hub, space) as nobody:
        jobs = [submit(ann, "hold", f"r{i}", str(go)) for i in range(2)]
        for job in jobs:
            state_is(ann, job, "running")
        if space == "admin/gradio":  # its limit is 2
            waits = [submit(ann, "hold", f"never{i}", "") for i in range(3)]
            ranks_are(dict.fromkeys(waits, ann), [0, 1, 2])
            for job in reversed(waits):
                assert ann.delete(f"jobs/{job}").json()["state"] == "cancelled"
        for other in (bob, nobody):
            assert other.get(f"jobs/{jobs[0]}").status_code == 404
            assert other.delete(f"jobs/{jobs[0]}").status_code == 404
        assert ann.delete(f"jobs/{jobs[0]}").json()["state"] == "cancelled"
        go.touch()
        assert outcome(ann, jobs[1])["data"] == ["done r1"]
        listed = [one["id"] for one in ann.get("jobs").json()["jobs"]]
        assert set(jobs) <= set(listed)
        assert nobody.get("jobs").json()["jobs"] == []
    time.sleep(0.3)
    assert not [line for line in runs(hub) if line.startswith("never")]


def test_callers_take_turns_and_higher_tiers_go_first(hub, tmp_path):
    go = tmp_path / "go"  # nobody else calls this endpoint: it has measured nothing, and nobody has had a turn
    with (
        api(hub, "admin/gradio") as nobody,
        api(hub, "admin/gradio", "ann") as ann,
        api(hub, "admin/gradio", "bob") as bob,
        api(hub, "admin/gradio", "admin") as pro,
    ):
        running = [submit(bob, "turns", f"many{i}", str(go)) for i in range(2)]
        for job in running:
            state_is(bob, job, "running")
        waits = {submit(bob, "turns", f"many{i}", ""): bob for i in range(8)}
        waits[submit(ann, "turns", "few", "")] = ann
        waits[submit(nobody, "turns", "nobody", "")] = nobody
        waits[submit(pro, "turns", "pro", "")] = pro
        # one of bob's lies with the app already; a PRO caller is next, and then ann, of whom nothing went yet
        ranks_are(waits, [0, 3, 4, 5, 6, 7, 8, 9, 2, 10, 1])
        go.touch()
        for job, client in waits.items():
            assert outcome(client, job)["state"] == "succeeded"


def test_a_sleeping_space_takes_calls_and_uploads_and_gives_outputs(hub, peer, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    program = """
import gradio_client
client = gradio_client.Client("admin/gradio", verbose=False, download_files=False)
result = client.predict(gradio_client.handle_file(sys.argv[1]), api_name="/copy")["path"]
"""
    made = peer().python(program, str(tmp_path / "a.txt"))
    put_to_sleep(hub, "admin/gradio")
    with api(hub, "admin/gradio") as client:
        assert client.get(f"file={made}").text == "hello!"
        begun = time.monotonic()
        (place,) = client.post("upload", files={"files": ("b.txt", b"asleep")}).json()
        file = {"path": place, "meta": {"_type": "gradio.FileData"}}
        job = submit(client, "copy", file)
        assert client.get("../config").json()["title"] == "Gradio"
        accepted_s = time.monotonic() - begun
        assert runtime(hub, "admin/gradio")["stage"] != "RUNNING", accepted_s
        found = outcome(client, job)
        assert client.get(f"file={found['data'][0]['path']}").text == "asleep!"
        assert found["data"][0]["url"] == f"{hub.apps}/admin/gradio/{P}/file={found['data'][0]['path']}"
    with api(hub, "admin/gradio", "ann") as ann, api(hub, "admin/gradio", "bob") as bob:
        (hers,) = ann.post("upload", files={"files": ("c.txt", b"hers")}).json()
        assert (ann.get(f"file={hers}").status_code, bob.get(f"file={hers}").status_code) == (200, 403)
        refused = bob.post("call/copy", json={"data": [{"path": hers, "meta": {"_type": "gradio.FileData"}}]})
        assert refused.status_code == 422


def test_our_spaces_check_arguments_before_a_call_is_accepted(hub):
    def jobs(client):
        return len(client.get("jobs?limit=100").json()["jobs"])

    with api(hub, "admin/ours", "bob") as client:
        outcome(client, submit(client, "count", 1))
        before = jobs(client)
        refused = client.post("call/count", json={"data": ["many"]})
        assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "n"])
        alone = httpx.post(f"{replica(hub, 'admin/ours')}call/count", json={"data": ["many"]})
        assert alone.json()["detail"] == refused.json()["detail"]
        young = client.post("call/enter", json={"data": [5]})
        assert (young.status_code, young.json()["detail"][0]["message"]) == (422, "too young")
        assert client.post("check/enter", json={"data": [5]}).status_code == 422
        assert client.post("check/enter", json={"data": [50]}).status_code == 204
        assert jobs(client) == before
        assert outcome(client, submit(client, "count", "2"))["data"] == ["x"]  # nothing is lost with it
        assert outcome(client, submit(client, "enter", 50))["data"] == ["welcome at 50"]


def test_our_spaces_take_and_return_files(hub, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with Client("admin/ours", hub=hub.url, verbose=False) as client:
        assert Path(client.predict(handle_file(tmp_path / "a.txt"), api_name="/shout")).read_text() == "hello"


def test_state_is_kept_and_its_loss_is_reported(hub, peer):
    with Client("admin/gradio", hub=hub.url, verbose=False) as client:
        assert [client.predict(x, api_name="/add") for x in (1, 2)] == ["total=1", "total=3"]
        kill(hub, "admin/gradio")
        stage_is(hub, "admin/gradio", "SLEEPING")
        with pytest.raises(AppError, match="state was lost"):
            client.predict(3, api_name="/add")
        assert client.predict(3, api_name="/add") == "total=3"  # fresh


def put_to_sleep(hub, space):
    with hub.http("admin") as admin:
        admin.post(f"/api/spaces/{space}/sleeptime", json={"seconds": 0.1}).raise_for_status()
        stage_is(hub, space, "SLEEPING")
        admin.post(f"/api/spaces/{space}/sleeptime", json={"seconds": 3600}).raise_for_status()


def note_of(hub, space):
    notes = [json.loads(note.read_text()) for note in hub.data.glob("spaces/*/replica-*.json")]
    (found,) = [note for note in notes if note["ours"] == (space == "admin/ours")]
    return found


def replica(hub, space):
    """Its own address."""
    return f"http://{note_of(hub, space)['address']}/{P}/"


def kill(hub, space):
    """kill -9 of the replica, with its children."""
    os.killpg(int(note_of(hub, space)["id"].partition("-")[0]), signal.SIGKILL)


def test_calls_survive_the_kill_of_a_replica(hub, space):
    with api(hub, space) as client:
        submit(client, "slow", "warm", 0)
        running = [submit(client, "slow", f"lost{space}{i}", 30) for i in range(2)]
        for job in running:
            state_is(client, job, "running")
        again = submit(client, "slow", f"again{space}", 1, **{"spaceport-retries": "1"})
        if space == "admin/ours":
            state_is(client, again, "running")
        waiting = [submit(client, "slow", f"w{space}{i}", 0) for i in range(20)] if space == "admin/gradio" else []
        time.sleep(0.3)
        kill(hub, space)
        for job in running:
            assert outcome(client, job)["error"]["code"] == "interrupted"
        assert outcome(client, again)["data"] == [f"done again{space}"]
        assert [outcome(client, job)["state"] for job in waiting] == ["succeeded"] * len(waiting)
    for line in [f"lost{space}0", *(f"w{space}{i}" for i in range(len(waiting)))]:
        assert runs(hub).count(line) == 1


def test_calls_survive_the_kill_of_the_hub(hub, space):
    with api(hub, space) as client:
        outcome(client, submit(client, "slow", "warm", 0))
        running = [submit(client, "slow", f"h{space}{i}", 5) for i in range(2)]
        for job in running:
            state_is(client, job, "running")
        waiting = [submit(client, "slow", f"v{space}{i}", 0) for i in range(20)]
        time.sleep(0.2)
        before = replicas(hub)
        hub.kill()
        hub.start()
    with api(hub, space) as client:
        for job in running:
            end = outcome(client, job)
            if space == "admin/ours":
                assert end["state"] == "succeeded"
            else:
                assert end["error"]["code"] == "interrupted"
        assert [outcome(client, job)["state"] for job in waiting] == ["succeeded"] * len(waiting)
        assert set(before) & set(replicas(hub))  # it was taken over
        for line in [f"h{space}0", *(f"v{space}{i}" for i in range(20))]:
            assert runs(hub).count(line) == 1


def test_a_page_keeps_gradios_own_queue(hub):
    with api(hub, "admin/gradio") as client:
        names = [one["api_name"] for one in client.get("../config").json()["dependencies"]]
        body = {"data": ["page", 0], "fn_index": names.index("slow"), "session_hash": "page1", "trigger_id": None}
        event = client.post("queue/join", json=body, headers={"x-gradio-user": "app"}).json()["event_id"]
        assert client.get(f"jobs/{event}").status_code == 404
        messages = [
            json.loads(line[5:]) for line in client.get("queue/data?session_hash=page1").text.split("\n\n") if line
        ]
        assert [one["event_id"] for one in messages if one["msg"] == "process_completed"] == [event]
        body["session_hash"] = "caller1"
        event = client.post("queue/join", json=body).json()["event_id"]
        assert client.get(f"jobs/{event}").status_code == 200


def test_a_lost_job_is_reported_as_lost(hub):
    with Client("admin/gradio", hub=hub.url, verbose=False) as client:
        with pytest.raises(JobLost):
            client.job("0" * 32).result(timeout=10)


def test_a_waiting_call_outlives_a_restart_of_its_space(hub, space):
    with api(hub, space) as client, hub.http("admin") as admin:
        outcome(client, submit(client, "slow", "warm", 0))
        admin.post(f"/api/spaces/{space}/restart").raise_for_status()
        jobs = [submit(client, "slow", f"x{space}", 0)]
        for _ in range(3):  # while it starts
            time.sleep(0.2)
            admin.post(f"/api/spaces/{space}/restart").raise_for_status()
            jobs.append(submit(client, "slow", f"x{space}", 0))
        assert [outcome(client, job)["state"] for job in jobs] == ["succeeded"] * 4
        admin.post(f"/api/spaces/{space}/pause").raise_for_status()
        assert client.get(f"jobs/{jobs[0]}").json()["state"] == "succeeded"  # results can be read
        assert client.get("../config").status_code == 200
        refused = client.post("call/slow", json={"data": ["y", 0]})
        assert (refused.status_code, "paused" in refused.json()["detail"]) == (503, True)
        admin.post(f"/api/spaces/{space}/restart").raise_for_status()


def test_a_session_belongs_to_its_user(hub):
    body = {"data": [1, None], "session_hash": "hers"}

    def first(user):
        with api(hub, "admin/gradio", user) as client:
            return client.post("call/add", json=body, headers={"prefer": "wait"})

    assert first("ann").json()["data"] == ["total=1", None]
    for again in (False, True):
        if again:
            hub.kill()
            hub.start()
        assert [first(user).status_code for user in ("bob", None)] == [404, 404]
    assert first("ann").json()["data"] == ["total=2", None]  # its state is there still: the replica was taken over


def test_a_file_may_have_any_name(hub):
    with api(hub, "admin/gradio") as client:
        name = "50%25 größer & more.txt"
        (place,) = client.post("upload", files={"files": (name, b"text")}).json()
        found = client.get(f"file={quote(place)}")
        assert (found.status_code, found.text) == (200, "text")


def test_streams_are_told_that_the_hub_stops(hub):
    """They used to be cut off after five seconds, with a traceback each in the hub's log."""
    with api(hub, "admin/ours") as http:
        quick = http.post("call/slow", json={"data": ["quick", 0.5]}).json()["event_id"]
        slow = http.post("call/slow", json={"data": ["slow", 60]}).json()["event_id"]
        with http.stream("GET", f"call/slow/{quick}") as first, http.stream("GET", f"call/slow/{slow}") as second:
            hub.process.send_signal(signal.SIGTERM)
            assert '["done quick"]' in first.read().decode()
            assert 'data: "Server stopped unexpectedly."' in second.read().decode()
    hub.stop()
    hub.start()
    with api(hub, "admin/ours") as http:
        while not (view := http.get(f"jobs/{slow}").json())["finished_at"]:
            time.sleep(0.1)
        assert (view["state"], view["error"]["code"]) == ("failed", "interrupted")  # no retries are allowed
