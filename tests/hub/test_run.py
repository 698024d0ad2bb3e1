"""Spaces that run: ours and a real Gradio app, called by name with both clients, asleep and awake."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from tests.conformance.test_golden import JS
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

from spaceport import Client
from spaceport.client.errors import SpaceNotFound

OURS = """
import time
import spaceport as sp
space = sp.Space()

@space.api
def greet(name: str) -> str:
    return f"Hello {name}!"

@space.api
def seen(x: str, request: sp.Request) -> dict:
    return dict(request.headers)

@space.api
def slowly(seconds: float) -> str:
    time.sleep(seconds)
    return f"Hello after {seconds:g} s"

@space.api
def count(n: int):
    for i in range(n):
        yield i
"""
README = b"---\nsdk: gradio\ntags: [spaceport]\n---\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--sleep-after", "3", "--start-timeout", "60", builds=True)
    yield server
    server.stop()


def deploy(hub, name, app, readme=README, user="admin", **more):
    with hub.http(user) as client:
        client.post("/api/repos/create", json={"name": name, "type": "space", **more}).raise_for_status()
        files = {"README.md": readme, "app.py": app.encode()}
        commit(client, f"{user}/{name}", files).raise_for_status()


def runtime(hub, space, user=None):
    with hub.http(user) as client:
        return client.get(f"/api/spaces/{space}/runtime").json()


def stage_is(hub, space, *stages, within=30):
    deadline = time.monotonic() + within
    while (found := runtime(hub, space, "admin"))["stage"] not in stages:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_our_space_is_called_by_name(hub, peer):
    deploy(hub, "ours", OURS)
    assert runtime(hub, "admin/ours")["stage"] in ("BUILDING", "APP_STARTING")  # nobody has asked for it
    stage_is(hub, "admin/ours", "RUNNING")
    with Client("admin/ours", hub=hub.url, verbose=False) as client:
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
        assert list(client.submit(3, api_name="/count")) == [0, 1, 2]
    assert runtime(hub, "admin/ours")["stage"] == "RUNNING"
    program = "result = gradio_client.Client('admin/ours', verbose=False).predict('Ann', api_name='/greet')"
    assert peer().python(f"import gradio_client\n{program}") == "Hello Ann!"


def test_the_config_of_a_space_that_starts_slowly_is_read_by_who_accepts_gzip_and_by_pages(hub):
    """Its response starts before the Space does, so that what follows cannot be compressed any more."""
    deploy(hub, "slow-start", OURS.replace("import time", "import time\ntime.sleep(3)"))
    with httpx.Client(headers={"accept-encoding": "gzip, br", "origin": "http://localhost:3000"}) as client:
        slow, quick = (client.get(f"{hub.apps}/admin/slow-start/config", timeout=60) for _ in range(2))
    assert slow.content.startswith(b" ")
    assert slow.json() == quick.json()
    assert quick.headers["content-encoding"] == "gzip"
    for answer in (slow, quick):
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_a_private_space_is_hidden_and_sees_no_token(hub):
    deploy(hub, "private", OURS, visibility="private")
    with pytest.raises(SpaceNotFound):
        Client("admin/private", hub=hub.url, verbose=False)
    with hub.http("ann") as ann:
        place = f"{hub.apps}/admin/private/config"
        assert ann.get(place).content == ann.get(f"{hub.apps}/admin/nothing/config").content
    with Client("admin/private", hub=hub.url, token=hub.tokens["admin"], verbose=False) as client:
        headers = client.predict("x", api_name="/seen")
    assert not {"authorization", "x-hf-authorization", "cookie"} & set(headers)
    assert hub.tokens["admin"] not in json.dumps(headers)
    assert headers["x-gradio-server"].endswith("/admin/private")


def test_an_idle_space_sleeps_and_wakes(hub):
    deploy(hub, "sleepy", OURS)
    with Client("admin/sleepy", hub=hub.url, verbose=False) as client:
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
    stage_is(hub, "admin/sleepy", "SLEEPING")
    with Client("admin/sleepy", hub=hub.url, verbose=False) as client:
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"


def test_a_new_revision_takes_over_and_a_paused_space_refuses(hub, peer):
    deploy(hub, "changing", OURS)
    with Client("admin/changing", hub=hub.url, verbose=False) as client:
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
    slow = "import time\ntime.sleep(2)\n" + OURS.replace("Hello", "Bye")
    with hub.http("admin") as admin:
        commit(admin, "admin/changing", {"app.py": slow.encode()}).raise_for_status()
    stages, answers = [], []
    with Client("admin/changing", hub=hub.url, verbose=False) as client:
        running = client.submit(5, api_name="/slowly")
        while not stages or stages[-1] != "RUNNING":  # one serves until the other does
            stages.append(runtime(hub, "admin/changing")["stage"])
            answers.append(client.predict("Bob", api_name="/greet"))
        assert client.predict("Bob", api_name="/greet") == "Bye Bob!"
        assert running.result() == "Hello after 5 s"  # what runs may end
    assert stages[0].startswith("RUNNING_")
    assert answers[0] == "Hello Bob!"
    assert sorted(answers, reverse=True) == answers
    admin = peer("admin")
    assert admin.python("result = HfApi().pause_space('admin/changing').stage") == "PAUSED"
    with hub.http("admin") as author:  # which starts nothing now
        commit(author, "admin/changing", {"app.py": OURS.replace("Hello", "Bye").encode()}).raise_for_status()
    with hub.http() as nobody:
        answer = nobody.post(f"{hub.apps}/admin/changing/gradio_api/call/greet", json={"data": ["Bob"]})
        assert (answer.status_code, "paused" in answer.json()["error"]) == (503, True)
    admin.python("result = HfApi().restart_space('admin/changing').stage")
    with Client("admin/changing", hub=hub.url, verbose=False) as client:
        assert client.predict("Bob", api_name="/greet") == "Bye Bob!"
    with hub.http("ann") as ann:
        assert ann.post("/api/spaces/admin/changing/pause").status_code == 403


def test_a_space_that_cannot_run_says_why(hub):
    deploy(hub, "broken", "raise SystemExit('no luck')", b"---\nsdk: gradio\ntags: [spaceport]\n---\n")
    deploy(hub, "empty", "", b"---\napp_file: main.py\ntags: [spaceport]\n---\n")
    deploy(hub, "others", OURS, user="ann")
    found = {}
    for space in ("admin/broken", "admin/empty", "ann/others"):
        with hub.http() as client:
            answer = client.get(f"{hub.apps}/{space}/", timeout=60)
            found[space] = answer.status_code, answer.json()["error"][:40], runtime(hub, space)["stage"]
    assert found == {
        "admin/broken": (503, "The app did not start: it ended. Its run", "RUNTIME_ERROR"),
        "admin/empty": (503, "There is no file main.py.", "NO_APP_FILE"),
        "ann/others": (503, "This hub runs the Spaces of its admins o", "CONFIG_ERROR"),
    }
    hub.kill()
    hub.start()
    assert {space: runtime(hub, space)["stage"] for space in found} == {space: told[2] for space, told in found.items()}


GRADIO = """
import gradio as gr

def add(x, total):
    return f"total={total + x}", total + x

def steps(n):
    for i in range(int(n)):
        yield f"step {i}"

with gr.Blocks() as demo:
    number, total, out = gr.Number(), gr.State(0), gr.Textbox()
    file, size = gr.File(), gr.Number()
    gr.Button().click(add, [number, total], [out, total], api_name="add")
    gr.Button().click(steps, number, out, api_name="steps")
    gr.Button().click(lambda path: open(path).read(), file, out, api_name="read")
demo.launch()
"""


def test_a_real_gradio_app_is_called_by_name(hub, peer, tmp_path):
    deploy(hub, "blocks", GRADIO, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n")
    stage_is(hub, "admin/blocks", "RUNNING", "SLEEPING", within=500)  # this hub builds its environment
    (tmp_path / "a.txt").write_text("hello file")
    program = """
from gradio_client import Client, handle_file
client = Client("admin/blocks", verbose=False)
result = [client.predict(5, api_name="/add"), client.predict(6, api_name="/add"),
          list(client.submit(3, api_name="/steps")), client.predict(handle_file(sys.argv[1]), api_name="/read")]
"""
    expected = ["total=5", "total=11", ["step 0", "step 1", "step 2"], "hello file"]
    assert peer().python(program, str(tmp_path / "a.txt")) == expected
    with Client("admin/blocks", hub=hub.url, verbose=False) as client:
        assert [client.predict(one, api_name="/add") for one in (1, 2)] == ["total=1", "total=3"]
    javascript = (
        'import { Client } from "@gradio/client";\n'
        f'const client = await Client.connect("{hub.apps}/admin/blocks/");\n'
        'console.log((await client.predict("/add", [7])).data[0]); process.exit(0);'
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", javascript], cwd=JS, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "total=7", done.stderr


def replicas(hub):
    """Processes that work in the hub's folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if hub.data in place.readlink().parents:
                found.append(int(place.parent.name))
    return found


def test_nothing_stays_when_the_hub_stops_or_is_killed(tmp_path):
    server = HubServer(tmp_path)
    deploy(server, "ours", OURS)
    for ended in (server.kill, server.stop):
        with Client("admin/ours", hub=server.url, verbose=False) as client:
            assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
        assert len(replicas(server)) == 1
        ended()
        if ended == server.kill:
            server.start()
    assert not replicas(server)


def test_a_static_space_is_served(hub):
    with hub.http("ann") as ann:  # nothing of it runs here: the hub need not trust ann
        ann.post("/api/repos/create", json={"name": "page", "type": "space", "sdk": "static"}).raise_for_status()
        files = {"README.md": b"---\nsdk: static\n---\n", "index.html": b"<h1>Hello</h1>", "sub/a.txt": b"0123456789"}
        commit(ann, "ann/page", files).raise_for_status()
        assert runtime(hub, "ann/page")["stage"] == "RUNNING"
        page = ann.get(f"{hub.apps}/ann/page/")
        assert (page.text, page.headers["content-type"]) == ("<h1>Hello</h1>", "text/html; charset=utf-8")
        port = hub.apps.rpartition(":")[2]
        own = ann.get(f"{hub.apps}/sub/a.txt", headers={"host": f"ann-page.localhost:{port}", "range": "bytes=2-4"})
        assert (own.status_code, own.text) == (206, "234")
        known = {"if-none-match": page.headers["etag"]}
        assert ann.get(f"{hub.apps}/ann/page/", headers=known).status_code == 304
        for missing in ("nothing.txt", "../jobs.db", "%2e%2e/%2e%2e/hub.db", "config"):
            assert ann.get(f"{hub.apps}/ann/page/{missing}").status_code == 404
        assert ann.post(f"{hub.apps}/ann/page/gradio_api/call/x", json={"data": []}).status_code == 405
        commit(ann, "ann/page", {"index.html": b"<h1>Bye</h1>"}).raise_for_status()
        assert ann.get(f"{hub.apps}/ann/page/").text == "<h1>Bye</h1>"
