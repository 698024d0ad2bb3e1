"""Spaces of a hub by name, from JavaScript: private ones, sleeping ones, ours and a real Gradio app, and copies."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.hub.conftest import HubServer
from tests.hub.test_run import OURS, deploy, stage_is
from tests.js.programs import run

GRADIO = """
import gradio as gr
with gr.Blocks() as demo:
    box, total, out = gr.Textbox(), gr.State(0), gr.Textbox()
    def add(text, total):
        return f"{text} {total + 1}", total + 1
    box.submit(add, [box, total], [out, total], api_name="add")
demo.launch()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--sleep-after", "3600")
    deploy(server, "ours", OURS)
    deploy(server, "secret", OURS, private=True)
    deploy(server, "gradio", GRADIO, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n")
    stage_is(server, "admin/gradio", "RUNNING", within=180)
    yield server
    server.stop()


def said(hub, program, user="admin"):
    done = run("ours", program, hub.url, hub.tokens[user], exits=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_by_name(hub):
    program = """
    const token = process.argv[2], hub = URL_;
    const seen = [];
    const tell = (e) => [e.name, e.code];
    for (const name of ["admin/ours", "admin/secret"]) {
      const c = await Client.connect(name, { hub, token });
      seen.push((await c.predict("/greet", { name: "Ann" })).data[0]);
      seen.push(Object.keys((await c.predict("/seen", ["x"])).data[0]).includes("authorization"));
      c.close();
    }
    seen.push(await Client.connect("admin/secret", { hub }).catch(tell));
    seen.push(await Client.connect("admin/nothing", { hub, token }).catch(tell));
    const g = await Client.connect("admin/gradio", { hub, token });
    seen.push((await g.predict("/add", ["a"])).data[0], (await g.predict("/add", ["b"])).data[0]);
    g.close();
    console.log(JSON.stringify(seen));
    """
    missing = ["NotFoundError", "not_found"]
    assert said(hub, program) == ["Hello Ann!", False, "Hello Ann!", False, missing, missing, "a 1", "b 2"]


def test_one_that_sleeps_or_is_paused(hub):
    with hub.http("admin") as client:
        client.post("/api/spaces/admin/ours/sleeptime", json={"seconds": 0.1}).raise_for_status()
        stage_is(hub, "admin/ours", "SLEEPING")
        client.post("/api/spaces/admin/ours/sleeptime", json={"seconds": 3600}).raise_for_status()
        program = """
        const told = [];
        const status_callback = (s) => told.push(s.status);
        const c = await Client.connect("admin/ours", { hub: URL_, token: process.argv[2], status_callback });
        console.log(JSON.stringify([(await c.predict("/greet", ["you"])).data[0], told.at(0), told.at(-1)]));
        c.close();
        """
        assert said(hub, program) == ["Hello you!", "sleeping", "running"]
        client.post("/api/spaces/admin/ours/pause").raise_for_status()
        paused = """
        const told = [];
        const status_callback = (s) => told.push(s.status);
        const options = { hub: URL_, token: process.argv[2], status_callback };
        const e = await Client.connect("admin/ours", options).catch((e) => e);
        console.log(JSON.stringify([e.name, e.code, told.at(-1)]));
        """
        assert said(hub, paused) == ["BusyError", "space_unavailable", "paused"]
        client.post("/api/spaces/admin/ours/restart").raise_for_status()


def test_a_copy(hub):
    program = """
    const copy = await Client.duplicate("admin/ours", { hub: URL_, token: process.argv[2], to: "admin/copy" });
    const answer = (await copy.predict("/greet", ["copy"])).data[0];
    copy.close();
    const again = await Client.duplicate("admin/ours", { hub: URL_, token: process.argv[2], to: "admin/copy" });
    again.close();
    console.log(JSON.stringify([answer, copy.url === again.url, copy.url]));
    """
    answer, same, url = said(hub, program)
    assert (answer, same) == ("Hello copy!", True)
    assert "admin/copy" in url


def test_everybody_hands_the_client_out(hub):
    """The hub, a Space of ours, and a real Gradio app; pages of other origins may use them, on this machine."""
    for url in (hub.url, f"{hub.apps}/admin/ours", f"{hub.apps}/admin/gradio"):
        answer = httpx.get(f"{url}/--spaceport/client.js")
        assert answer.headers["content-type"].startswith("text/javascript")
    headers = {"origin": "http://localhost:3000", "access-control-request-method": "GET"}
    asked = {**headers, "access-control-request-headers": "authorization"}
    preflight = httpx.options(f"{hub.url}/api/spaces/admin/ours/host", headers=asked)
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    found = httpx.get(f"{hub.url}/api/spaces/admin/ours/host", headers={"origin": "http://localhost:3000"})
    assert found.headers["access-control-allow-origin"] == "http://localhost:3000"
    evil = httpx.get(f"{hub.url}/api/spaces/admin/ours/host", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers
