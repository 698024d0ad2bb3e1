"""A real Gradio app behind the hub: endpoints that share a name, and uploads that are somebody else's."""

from __future__ import annotations

import http.client
import json
import os
import time

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

P = "gradio_api"
# Rendered inside of another Blocks, `shared` of the root makes each inner pair share the name `shared_1` or `other_1`.
APP = """
import gradio as gr

def inner(names):
    with gr.Blocks() as blocks:
        x, out = gr.Textbox(), gr.Textbox()
        for name, visibility in names:
            gr.Button().click(lambda x, v=visibility: f"{v} {x}", x, out, api_name=name, api_visibility=visibility)
    return blocks

first = inner([("shared", "public"), ("shared_1", "undocumented")])
second = inner([("other", "undocumented"), ("other_1", "public")])
with gr.Blocks() as demo:
    x, out, file = gr.Textbox(), gr.Textbox(), gr.File()
    gr.Button().click(lambda x: x, x, out, api_name="shared")
    gr.Button().click(lambda x: x, x, out, api_name="other")
    gr.Button().click(lambda path: open(path).read(), file, out, api_name="read")
    first.render()
    second.render()
demo.launch()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "300")
    deploy(server, "gradio", APP, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n")
    deadline = time.monotonic() + 400
    with server.http() as client:
        while (stage := client.get("/api/spaces/admin/gradio/runtime").json()["stage"]) != "RUNNING":
            assert stage in ("BUILDING", "APP_STARTING"), stage
            assert time.monotonic() < deadline
            time.sleep(0.5)
    yield server
    server.stop()


def api(hub, user=None):
    headers = {"authorization": f"Bearer {hub.tokens[user]}"} if user else {}
    return httpx.Client(base_url=f"{hub.apps}/admin/gradio/", headers=headers, timeout=60)


@fault(
    kind="call",
    given="dependencies of a real Gradio app share an `api_name`, one public, one undocumented, in each order",
    before="the undocumented one answered a call of the name",
    now="the public one answers; each answers a call of its own id",
)
def test_a_name_that_two_functions_share_means_the_public_one(hub):
    with api(hub) as client:
        dependencies = client.get("config").json()["dependencies"]
        for name in ("shared_1", "other_1"):
            same = [(one["id"], one["api_visibility"]) for one in dependencies if one["api_name"] == name]
            assert sorted(visibility for _, visibility in same) == ["public", "undocumented"]
            for path, body in ((f"call/{name}", {"data": ["x"]}), (f"call/v2/{name}", {"x": "x"})):
                called = client.post(f"{P}/{path}", json=body, headers={"prefer": "wait"})
                assert called.json()["data"] == ["public x"]
            for index, visibility in same:
                session = f"{name}{index}"
                body = {"data": ["x"], "fn_index": index, "session_hash": session}
                client.post(f"{P}/queue/join", json=body).raise_for_status()
                lines = client.get(f"{P}/queue/data?session_hash={session}").text.splitlines()
                (done,) = [json.loads(line[6:]) for line in lines if "process_completed" in line]
                assert done["output"]["data"] == [f"{visibility} x"]


def spellings(path):
    """Other names of a file."""
    folder, name = os.path.split(path)
    parent, last = os.path.split(folder)
    yield from (f"{folder}/./{name}", f"{folder}//{name}", f"/{path}", f"{parent}/x/../{last}/{name}")
    yield from (f"{folder}/../{last}/{name}", f"/proc/self/root{path}", f"/dev/../proc/self/root{path}")
    yield f"../../{os.path.relpath(path, '/')}"


def file(path):
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def hers(hub):
    """The path of a file that ann has uploaded."""
    with api(hub, "ann") as ann:
        (path,) = ann.post(f"{P}/upload", files={"files": ("a.txt", b"hers")}).json()
    return path


def get(client, path):
    """The status and body of an answer; the path is sent as it is, as `curl --path-as-is` does."""
    line = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=60)
    line.request("GET", path, headers={k: v for k, v in client.headers.items() if k == "authorization"})
    answer = line.getresponse()
    content = answer.read()
    line.close()
    return answer.status, content


@fault(
    kind="access",
    given="`file=PATH`, `file/PATH` of somebody else's upload: `/./`, `//`, `..`, `%2e`, /proc/self/root",
    before="the app served it",
    now="403, under each name; its owner gets it under the name that the upload answered",
)
def test_uploads_of_others_are_not_served(hub, hers):
    with api(hub, "bob") as bob, api(hub) as nobody, api(hub, "ann") as ann:
        assert ann.get(f"{P}/file={hers}").text == "hers"
        assert ann.get(f"{P}/file/{hers}").text == "hers"
        for client in (bob, nobody):
            for path in (hers, *spellings(hers)):
                for quoted in (path, path.replace(".", "%2e"), path.replace("/", "%2F")):
                    for form in ("file=", "file/"):
                        status, content = get(client, f"/admin/gradio/{P}/{form}{quoted}")
                        assert (status, b"hers" in content) == (403, False), (form, quoted)


@fault(
    kind="access",
    given="a call of a Gradio app that names somebody else's upload: `call`, `run`, `api`, a page's join",
    before="the app read the file for anybody who knew its path, spelled otherwise or with `x-gradio-user: app`",
    now="422, however it is spelled and however it is called",
)
def test_uploads_of_others_are_not_read(hub, hers):
    with api(hub, "bob") as bob, api(hub, "ann") as ann:
        index = next(one["id"] for one in ann.get("config").json()["dependencies"] if one["api_name"] == "read")
        page = {"x-gradio-user": "app"}
        called = ann.post(f"{P}/call/read", json={"data": [file(hers)]}, headers={"prefer": "wait"})
        assert called.json()["data"] == ["hers"]
        assert ann.post(f"{P}/run/read", json={"data": [file(hers)]}).json()["data"] == ["hers"]
        for number, path in enumerate((hers, *spellings(hers))):
            body = {"data": [file(path)]}
            join = {**body, "fn_index": index, "session_hash": f"page{number}"}
            deep = {**body, "data": [{"x": [{"y": file(path)}]}]}
            for answer in (
                bob.post(f"{P}/call/read", json=body),
                bob.post(f"{P}/run/read", json=body),
                bob.post(f"{P}/run/read/", json=deep),
                bob.post(f"{P}/api/read", json=body),
                bob.post(f"{P}/queue/join", json=join, headers=page),
                bob.post(f"{P}/queue/join", json={**join, "session_hash": f"own{number}"}),
                bob.post(
                    f"{P}/component_server", json={**body, "component_id": 1, "fn_name": "x", "session_hash": "s"}
                ),
            ):
                assert answer.status_code == 422, (path, answer.text)
        for content in (b"\xff\xfe{\x00", b"{", b"NaN"):
            assert bob.post(f"{P}/run/read", content=content).status_code == 422
        joined = ann.post(f"{P}/queue/join", json={**join, "data": [file(hers)], "session_hash": "hers"}, headers=page)
        assert joined.status_code == 200
