"""Models through the hub: asked of another one where that is set, with none of the caller's secrets."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.faults import fault
from tests.hub.conftest import HubServer, Peer

SHA = "a" * 40
seen = []


async def info(request):
    seen.append(dict(request.headers))
    return JSONResponse({"id": "org/model", "sha": SHA, "siblings": [{"rfilename": "config.json"}]})


async def resolve(request):
    seen.append(dict(request.headers))
    headers = {"x-repo-commit": SHA, "etag": '"abc"'}
    return Response(b'{"layers": 3}', headers=headers, media_type="application/json")


@pytest.fixture(scope="module")
def upstream():
    """A hub with one model."""
    app = Starlette(
        routes=[
            Route("/api/models/org/model", info),
            Route("/api/models/org/model/revision/main", info),
            Route("/org/model/resolve/{rev}/{path:path}", resolve, methods=["GET", "HEAD"]),
        ]
    )
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@fault(
    kind="access",
    given="a request for a model with `x-ip-token`, from a Space through its hub with `--upstream-hub`",
    before="handed the visitor's token to the other hub",
    now="no secret header leaves the hub, nor one that only a proxy may set",
)
def test_a_model_is_downloaded_through_the_hub(upstream, tmp_path):
    hub = HubServer(tmp_path / "hub", "--upstream-hub", upstream, environment={"SPACEPORT_UPSTREAM_TOKEN": "hf_theirs"})
    try:
        peer = Peer(hub, tmp_path / "home", "admin")
        program = """
path = hf_hub_download("org/model", "config.json")
result = [open(path).read(), HfApi().model_info("org/model").sha, HfApi().whoami()["name"]]
"""
        assert peer.python(program) == ['{"layers": 3}', SHA, "admin"]
        assert {one["authorization"] for one in seen} == {"Bearer hf_theirs"}
        assert hub.tokens["admin"] not in str(seen)
        secret = {"x-ip-token": "jwt-1", "cookie": "spaceport=c-1", "proxy-authorization": "Basic p-1"}
        said = {"x-forwarded-for": "f-1", "forwarded": "for=f-2", "x-gradio-server": "http://s-1", "accept": "text/x"}
        with hub.http("admin") as client:
            seen.clear()
            assert client.get("/api/models/org/model", headers={**secret, **said}).json()["id"] == "org/model"
        assert seen[0]["accept"] == "text/x"
        assert not [name for name in (*secret, *said) if name in seen[0] and name != "accept"]
        with hub.http("admin") as client:
            assert client.get("/api/spaces/admin/nothing").json()["error"] == "Repository not found"
    finally:
        hub.stop()


def test_without_an_upstream_the_error_names_the_setting(tmp_path):
    hub = HubServer(tmp_path)
    try:
        with hub.http() as client:
            answer = client.get("/api/models/org/model")
        assert (answer.status_code, answer.headers["x-error-code"]) == (404, "RepoNotFound")
        assert "--upstream-hub" in answer.json()["error"]
    finally:
        hub.stop()
