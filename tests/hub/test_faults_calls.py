"""Calls of a Space of ours on a hub are as they are without it: files in every form, cancels, results of any size."""

from __future__ import annotations

import base64
import json
import time

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy, stage_is

from spaceport import Client
from spaceport.client.errors import JobCancelledError, JobLost
from spaceport.errors import SpaceportError
from spaceport.hub.queues.upstream.events import MAX_EVENT

P = "gradio_api"
APP = """
import asyncio, time
from pathlib import Path
import spaceport as sp
space = sp.Space()

@space.api
def read(file: Path) -> str:
    return f"{file.name}: {file.read_text()}"

@space.api
def sizes(files: list[Path]) -> list:
    return [file.stat().st_size for file in files]

@space.api(concurrency_limit=1)
async def slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "slept"

@space.api
def large(n: int) -> str:
    return "x" * n

@space.api
def steps(n: int):
    yield "x"
    time.sleep(1)  # a reader that comes late gets both steps as one value
    yield "x" * n
    time.sleep(1)
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    deploy(server, "app", APP)
    stage_is(server, "admin/app", "RUNNING", within=90)
    yield server
    server.stop()


@pytest.fixture(params=["hub", "alone"])
def api(request, hub):
    """Our Space through the hub, and the same one without it."""
    if request.param == "hub":
        base = f"{hub.apps}/admin/app/{P}/"
    else:
        (record,) = hub.data.glob("spaces/*/replica-*.json")
        base = f"http://{json.loads(record.read_text())['address']}/{P}/"
    with httpx.Client(base_url=base, timeout=60) as client:
        yield client


def call(api, name, *data):
    return api.post(f"call/{name}", json={"data": list(data)}, headers={"prefer": "wait"})


def data_url(content):
    return f"data:text/plain;base64,{base64.b64encode(content).decode()}"


@fault(
    kind="call",
    given="a path from `upload` without `meta`, and a `data:` URL, in a call of a Space of ours on a hub",
    before="a file that was never uploaded was accepted by the hub, because its form is right; the call failed later",
    now="runs as without the hub; what cannot be read is refused with the same answer, before the call is accepted",
)
def test_files_without_meta_and_data_urls(api):
    (path,) = api.post("upload", files={"files": ("a.txt", b"hello")}).json()
    for value in ({"path": path}, {"path": path, "meta": None}, {"path": path, "meta": {"_type": "gradio.FileData"}}):
        assert call(api, "read", value).json()["data"] == ["a.txt: hello"]
    for more in ({}, {"meta": {"_type": "gradio.FileData"}}, {"path": None, "meta": None}):
        value = {"url": data_url(b"in a URL"), **more}
        assert call(api, "read", value).json()["data"][0].endswith(": in a URL")
    assert call(api, "sizes", [{"path": path}, {"url": data_url(b"123")}]).json()["data"] == [[5, 3]]
    for wrong in (
        {"path": "/etc/passwd"},
        {"path": path + "x"},
        {"url": "data:text/plain;base64,!!!"},
        {"url": "data:"},
    ):
        answer = call(api, "read", wrong)
        assert answer.status_code == 422, (wrong, answer.text)
        assert answer.json()["detail"][0]["loc"][0] == "body"


@fault(
    kind="call",
    given="a call of a Space on a hub without a token, cancelled by its session, by its id and by our client",
    before="our client's request named no session, and the hub's 404 was passed over",
    now="it is stopped, and the slot is free at once; another session cannot cancel it",
)
def test_a_cancel_without_a_token(hub, api):
    def submitted(**more):
        return api.post("call/slow", json={"data": [600], **more}).json()["event_id"]

    def ends(job):
        return [api.get(f"jobs/{one}").json()["state"] for one in job]

    named, own = submitted(session_hash="mine"), submitted()
    while api.get(f"jobs/{named}").json()["state"] != "running":
        time.sleep(0.05)
    assert api.delete(f"jobs/{named}?session_hash=other").status_code == 404
    assert api.post("cancel", json={"event_id": named, "session_hash": "other", "fn_index": 0}).status_code == 404
    assert api.post("cancel", json={"event_id": named, "session_hash": "mine", "fn_index": 0}).json()["success"]
    assert api.delete(f"jobs/{own}").json()["state"] == "cancelled"
    assert ends([named, own]) == ["cancelled"] * 2
    assert call(api, "slow", 0).json()["data"] == ["slept"]


def test_our_client_cancels_without_a_token(hub):
    with Client("admin/app", hub=hub.url, verbose=False) as client:
        job = client.submit(600, api_name="/slow")
        while job.status().code.name != "PROCESSING":
            time.sleep(0.05)
        assert job.cancel()
        with pytest.raises((JobCancelledError, JobLost)):
            job.result(timeout=10)
        assert client.predict(0, api_name="/slow") == "slept"


@fault(
    kind="limit",
    given="a result, or a step, of more than 16 MB through a hub",
    before="the limit stood in no document, and no test looked at the error",
    now="the call ends `too_large`, and its text names the limit; 16 MB are taken",
)
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("endpoint", ["large", "steps"])
def test_the_largest_result_through_a_hub(hub, endpoint, over):
    around = {"large": '[""]', "steps": '[[["append",[],""]]]'}[endpoint]
    size = MAX_EVENT - len(around) + (endpoint == "steps")  # of the second step the first letter is known
    with Client("admin/app", hub=hub.url, verbose=False) as client:
        if not over:
            assert len(client.predict(size, api_name=f"/{endpoint}")) == size
            return
        with pytest.raises(SpaceportError, match="larger than 16 MB, the hub's limit") as raised:
            client.predict(size + 1, api_name=f"/{endpoint}")
        assert raised.value.code == "too_large"
