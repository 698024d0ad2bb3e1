"""The addresses of returned files are those that the caller used, also behind a hub."""

from __future__ import annotations

import json

import pytest
from tests.conftest import APPS, Server
from tests.faults import fault

HUB = "https://apps.example.com/ann/paths"
ENDPOINTS = ["one", "several", "steps", "chat", "message", "cached"]


@pytest.fixture(scope="module", params=["alone", "started by a hub"])
def server(tmp_path_factory, request):
    environment = {} if request.param == "alone" else {"SPACEPORT_LINK": "1"}
    found = Server(APPS / "paths.py", tmp_path_factory.mktemp("paths"), environment)
    found.expected = found.url if request.param == "alone" else HUB
    yield found
    found.kill()


def urls(value):
    if isinstance(value, dict):
        own = [value["url"]] if isinstance(value.get("url"), str) else []
        return own + [url for one in value.values() for url in urls(one)]
    return [url for one in value for url in urls(one)] if isinstance(value, list) else []


@fault(
    kind="call",
    given="a Space of ours on a hub that returns a `Path` (alone, in lists, chats; `run`, `call`)",
    before="its `url` is the replica's own address, `http://127.0.0.1:<port>/…`",
    now="the address that the caller used; an app that no hub started does not believe the header",
)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("header", [HUB, HUB + "/"])
def test_addresses_of_files(server, endpoint, header):
    headers = {"x-gradio-server": header}
    answer = server.http.post(f"/gradio_api/run/{endpoint}", json={"data": []}, headers=headers)
    found = urls(answer.json()["data"])
    event_id = server.call(endpoint, [], **headers).json()["event_id"]
    stream = server.http.get(f"/gradio_api/call/{endpoint}/{event_id}?events=all", headers=headers).text
    for line in stream.split("\n"):
        if line.startswith("data: ") and "url" in line:
            found += urls(json.loads(line[6:]))
    assert found
    assert all(url.startswith(f"{server.expected}/gradio_api/file=") for url in found), found
    if server.expected != server.url:
        assert "127.0.0.1" not in answer.text + stream


def test_documents_and_requests(server):
    headers = {"x-gradio-server": HUB}
    assert server.http.get("/config", headers=headers).json()["root"] == server.expected
    answer = server.http.post("/gradio_api/run/root", json={"data": []}, headers=headers)
    assert answer.json()["data"] == [server.expected]


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "https://a/`x`", "//evil", ""])
def test_what_is_no_address(server, wrong):
    root = server.http.get("/config", headers={"x-gradio-server": wrong}).json()["root"]
    assert root.startswith("http://")
    assert not set("`()") & set(root)
    if server.expected == server.url:
        assert root == server.url
