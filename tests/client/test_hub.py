"""`owner/name` on a hub: addresses, stages, and where a token goes. The hub's answers are as hub-api §1 says."""

from __future__ import annotations

import contextvars
import http.server
import json
import sys
import threading
import types
from typing import ClassVar

import pytest
from tests.odd import OddServer, served

from spaceport import AsyncClient, Client
from spaceport.client.errors import AuthenticationError, ServerError, SpaceNotFound, SpaceNotRunning


class Hub(http.server.BaseHTTPRequestHandler):
    """`spaces` maps ids to (host, stages told one after another); `seen` has (path, authorization)."""

    spaces: ClassVar[dict] = {}
    seen: ClassVar[list] = []
    posted: ClassVar[list] = []

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("authorization")))
        if self.path == "/api/whoami-v2":
            mine = self.headers.get("authorization") == "Bearer hf_mine"
            return self.answer(*((200, {"name": "me"}) if mine else (401, {"error": "Invalid token."})))
        space_id = self.path.removeprefix("/api/spaces/").partition("/runtime")[0]
        private = space_id.endswith("private") and self.headers.get("authorization") != "Bearer hf_mine"
        if space_id not in self.spaces or private:
            return self.answer(401, {"error": "Invalid username or password."})
        host, stages = self.spaces[space_id]
        if self.path.endswith("/runtime"):
            stage = stages.pop(0) if len(stages) > 1 else stages[0]
            return self.answer(
                200, {"stage": stage, "hardware": {"current": "cpu-basic"}, "errorMessage": "broken here"}
            )
        return self.answer(200, {"id": space_id, "host": host, "private": False})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.path, self.headers.get("authorization")))
        self.posted.append((self.path, body))
        source = self.path.removeprefix("/api/spaces/").removesuffix("/duplicate")
        if not body["repository"].startswith("me/"):
            return self.answer(403, {"error": "You may not write there."})
        self.spaces[body["repository"]] = (self.spaces[source][0], ["BUILDING", "RUNNING"])
        return self.answer(200, {"url": f"http://hub/spaces/{body['repository']}"})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(basic):
    Hub.spaces = {
        "me/running": (basic.url, ["RUNNING"]),
        "me/private": (basic.url, ["RUNNING"]),
        "me/building": (basic.url, ["BUILDING", "APP_STARTING", "RUNNING"]),
        "me/asleep": (basic.url, ["SLEEPING", "RUNNING"]),
        "me/paused": (basic.url, ["PAUSED"]),
        "me/broken": (basic.url, ["RUNTIME_ERROR"]),
        "me/unbuilt": ("", ["NO_APP_FILE"]),
    }
    Hub.seen, Hub.posted = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["running", "building", "asleep"])
def test_a_space_is_called_by_its_name(hub, name, capsys):
    with Client(f"me/{name}", hub=hub) as client:
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
        assert client.space_id == f"me/{name}"
    said = capsys.readouterr().out
    assert "Loaded as API" in said
    assert ("building" in said) == (name == "building")
    assert ("asleep" in said) == (name == "asleep")


@pytest.mark.parametrize("variable", ["SPACEPORT_HUB", "HF_ENDPOINT"])
def test_the_hub_comes_from_the_environment(hub, variable, monkeypatch):
    monkeypatch.setenv(variable, hub)
    with Client("me/running", verbose=False) as client:
        assert client.predict("Ann", api_name="/greet") == "Hello Ann!"


@pytest.mark.parametrize(("name", "stage"), [("paused", "PAUSED"), ("broken", "RUNTIME_ERROR"), ("unbuilt", None)])
def test_a_space_that_does_not_run_says_so(hub, name, stage):
    with pytest.raises(SpaceNotRunning) as raised:
        Client(f"me/{name}", hub=hub, verbose=False)
    assert raised.value.stage == stage


def test_a_private_space_needs_its_token(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(SpaceNotFound):
        Client("me/private", hub=hub, verbose=False)
    space = OddServer()
    with served(space) as url:
        Hub.spaces["me/private"] = (url, ["RUNNING"])
        with Client("me/private", token="hf_mine", hub=hub, verbose=False) as client:
            assert client.predict("x", api_name="/ok") == "hi"
        assert {headers.get("x-hf-authorization") for _, _, headers in space.seen} == {"Bearer hf_mine"}
        assert {secret for _, secret in Hub.seen} == {None, "Bearer hf_mine"}
        (tmp_path / "token").write_text("hf_mine\n")
        with Client("me/private", hub=hub, verbose=False) as client:
            assert client.predict("x", api_name="/ok") == "hi"
    with pytest.raises(SpaceNotFound):
        Client("me/nobody", hub=hub, verbose=False)


def test_a_copy_of_a_space(hub, capsys):
    with Client.duplicate("me/running", "copy", token="hf_mine", hub=hub, secrets={"KEY": "x"}, timeout=9) as client:
        assert client.space_id == client.src == "me/copy"
        assert client.predict("Bob", api_name="/greet") == "Hello Bob!"
    with Client.duplicate("me/running", "me/copy", token="hf_mine", hub=hub) as client:
        assert client.predict("Ann", api_name="/greet") == "Hello Ann!"
    options = {"private": False, "hardware": "t4-small", "sleep_timeout": 1, "verbose": False, "hub": hub}
    Client.duplicate("me/asleep", "other", "hf_mine", **options).close()
    free = {"visibility": "private", "hardware": "cpu-basic", "secrets": [{"key": "KEY", "value": "x"}]}
    paid = {"visibility": "public", "hardware": "t4-small", "sleepTimeSeconds": 60}
    assert Hub.posted == [
        ("/api/spaces/me/running/duplicate", {"repository": "me/copy", **free}),
        ("/api/spaces/me/asleep/duplicate", {"repository": "me/other", **paid}),
    ]
    said = capsys.readouterr().out
    assert "me/running is now also me/copy" in said
    assert "which exists" in said
    assert "t4-small" not in said


async def test_a_copy_that_cannot_be_made(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(AuthenticationError, match="needs a token"):
        await AsyncClient.duplicate("me/running", hub=hub)
    with pytest.raises(AuthenticationError, match="Invalid token"):
        await AsyncClient.duplicate("me/running", hub=hub, token="hf_wrong")
    with pytest.raises(SpaceNotFound):
        await AsyncClient.duplicate("me/nothing", hub=hub, token="hf_mine")
    with pytest.raises(ServerError, match="You may not write there"):
        await AsyncClient.duplicate("me/running", "you/copy", hub=hub, token="hf_mine")
    with pytest.raises(ValueError, match="neither a URL"):
        await AsyncClient.duplicate("running", hub=hub, token="hf_mine")


@pytest.mark.parametrize(
    ("endpoint", "forwarded"), [("by_name", True), ("by_name_async", True), ("by_url", False), ("by_hand", True)]
)
def test_a_space_that_calls_another_says_for_whom(hub, serve, endpoint, forwarded):
    other = OddServer()
    with served(other) as url:
        Hub.spaces["me/ok"] = (url, ["RUNNING"])
        relay = serve("relay", RELAY_HUB=hub, RELAY_URL=url)
        with Client(relay.url, verbose=False) as client:
            assert client.predict("x", api_name=f"/{endpoint}", headers={"x-ip-token": "visitor"}) == "hi"
            calls = [headers for method, path, headers in other.seen if path.endswith("/join")]
            assert [headers.get("x-ip-token") for headers in calls] == (["visitor"] if forwarded else [None])
            if endpoint == "by_name":
                assert client.predict("x", api_name=f"/{endpoint}") == "hi"
                assert "x-ip-token" not in other.seen[-2][2]
    assert not any("visitor" in str(seen) for seen in Hub.seen)


def test_a_gradio_function_that_calls_another_says_for_whom(hub, monkeypatch):
    """Gradio keeps the request that it answers in `gradio.context.LocalContext.request`."""
    request = contextvars.ContextVar("request", default=None)
    context = types.ModuleType("gradio.context")
    context.LocalContext = types.SimpleNamespace(request=request)
    monkeypatch.setitem(sys.modules, "gradio.context", context)
    other = OddServer()
    with served(other) as url:
        Hub.spaces["me/ok"] = (url, ["RUNNING"])
        with Client("me/ok", hub=hub, verbose=False) as client:
            client.predict("x", api_name="/ok")
            request.set(types.SimpleNamespace(headers={"x-ip-token": "visitor"}))
            client.predict("x", api_name="/ok")
    calls = [headers for method, path, headers in other.seen if path.endswith("/join")]
    assert [headers.get("x-ip-token") for headers in calls] == [None, "visitor"]
