"""What the hub passes on and what it keeps: both address forms, websockets, who pays, limits, hostile apps."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time

import httpx
import pytest
import websockets
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

from spaceport import Client

# An app that is no Gradio app: it shows what it gets, and answers as it is told.
ECHO = """
import asyncio, os
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

async def seen(request):
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return JSONResponse({"path": request.url.path, "query": str(request.url.query), "method": request.method,
                         "headers": request.headers.items(), "size": size})

async def leave(request):
    return RedirectResponse("http://evil.invalid/")

async def talk(socket):
    await socket.accept()
    await socket.send_json(dict(socket.headers))
    async for text in socket.iter_text():
        await socket.send_text(text.upper())
        if text == "bye":
            await socket.close(4001)
            return

app = Starlette(routes=[Route("/leave", leave), WebSocketRoute("/talk", talk),
                        Route("/{path:path}", seen, methods=["GET", "POST", "PUT"])])
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["GRADIO_SERVER_PORT"]), ws="websockets-sansio")
"""
CHAIN = """
import spaceport as sp
space = sp.Space()

@space.api
def visitor(request: sp.Request) -> str:
    return request.headers.get("x-ip-token", "")

@space.api
def through(name: str) -> str:
    import os
    from spaceport import Client
    return Client(name, hub=os.environ["HF_ENDPOINT"], verbose=False).predict(api_name="/visitor")
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(
        tmp_path_factory.mktemp("hub"), "--start-timeout", "60", environment={"SPACEPORT_HEAD_TIMEOUT_S": "2"}
    )
    deploy(server, "echo", ECHO, b"---\ntags: [spaceport]\n---\n")
    deploy(server, "first", CHAIN, b"---\ntags: [spaceport]\n---\n")
    deploy(server, "second", CHAIN, b"---\ntags: [spaceport]\n---\n")
    yield server
    server.stop()


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def ask(hub, path, host=None, method="GET", **options):
    headers = options.pop("headers", {}) | ({"host": host} if host else {})
    return httpx.request(method, f"{hub.apps}{path}", headers=headers, timeout=60, **options)


def test_an_app_sees_the_request_without_credentials(hub):
    secret = hub.tokens["admin"]
    given = {
        "authorization": f"Bearer {secret}",
        "cookie": "spaceport_session=secret; a=b; __Host-spaceport=secret",
        "x-ip-token": "forged",
        "x-gradio-server": "http://evil.invalid",
        "x-forwarded-host": "evil.invalid",
        "x-forwarded-for": "6.6.6.6",
        "forwarded": "for=6.6.6.6",
        "x-own": "kept",
    }
    answer = ask(hub, "/admin/echo/a%2Fb/c?x=1&y=%20", method="POST", content=b"12345", headers=given).json()
    headers = dict(answer["headers"])
    assert (answer["method"], answer["query"], answer["size"]) == ("POST", "x=1&y=%20", 5)
    assert secret not in json.dumps(answer)
    assert "evil" not in json.dumps(answer)
    assert not {"authorization", "forwarded", "x-forwarded-for", "x-forwarded-host"} & set(headers)
    assert headers["cookie"] == "a=b"  # the app's own
    assert (headers["x-own"], headers["x-gradio-server"]) == ("kept", f"{hub.apps}/admin/echo")
    payer = claims(headers["x-ip-token"])
    assert (payer["user"], payer["tier"], payer["space"], payer["act"]) == ("admin", "pro", "admin/echo", [])
    assert payer["exp"] - time.time() < 3700


def test_a_space_has_a_host_of_its_own(hub):
    port = hub.apps.rpartition(":")[2]
    host = f"admin-echo.localhost:{port}"
    answer = ask(hub, "/some/path?q=1", host=host).json()
    assert (answer["path"], answer["query"]) == ("/some/path", "q=1")
    assert dict(answer["headers"])["x-gradio-server"] == f"http://{host}"
    assert ask(hub, "/", host=f"nobody-nothing.localhost:{port}").content == ask(hub, "/nobody/nothing/").content
    with hub.http() as client:
        assert client.get("/api/spaces/by-subdomain/admin-echo").json()["id"] == "admin/echo"


def test_redirects_are_passed_to_the_caller(hub):
    answer = ask(hub, "/admin/echo/leave")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://evil.invalid/")


async def test_websockets_are_forwarded(hub):
    address = hub.apps.replace("http", "ws")
    async with websockets.connect(
        f"{address}/admin/echo/talk", additional_headers={"cookie": "spaceport_session=b"}
    ) as line:
        headers = json.loads(await line.recv())
        assert "cookie" not in headers
        await line.send("hello")
        assert await line.recv() == "HELLO"
        await line.send("bye")
        assert await line.recv() == "BYE"
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(line.recv(), 10)
        assert line.close_code == 4001
    for place in ("/admin/echo/nothing", "/nobody/nothing/talk"):
        with pytest.raises((websockets.InvalidStatus, websockets.InvalidHandshake)):
            await websockets.connect(f"{address}{place}")


def test_the_visitor_pays_when_one_space_calls_another(hub):
    with Client("admin/first", hub=hub.url, token=hub.tokens["ann"], verbose=False) as client:
        direct = claims(client.predict(api_name="/visitor"))
        assert (direct["user"], direct["tier"], direct["space"], direct["act"]) == ("ann", "free", "admin/first", [])
        passed = claims(client.predict("admin/second", api_name="/through"))
        assert (passed["user"], passed["space"], passed["act"]) == ("ann", "admin/second", ["admin/first"])
    forged = ask(
        hub,
        "/admin/first/gradio_api/call/visitor",
        method="POST",
        json={"data": []},
        headers={"prefer": "wait", "x-ip-token": ".".join(["e30"] * 3)},
    )
    assert claims(forged.json()["data"][0])["user"] is None


def test_a_client_that_never_ends_its_headers_is_disconnected(hub):
    port = int(hub.apps.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(20)
        line.sendall(b"GET /admin/echo/ HTTP/1.1\r\nhost: x\r\n")
        assert line.recv(1) == b""


def test_a_body_that_is_too_large_is_refused(hub):
    with socket.create_connection(("127.0.0.1", int(hub.apps.rpartition(":")[2]))) as line:
        line.settimeout(30)
        line.sendall(b"PUT /admin/echo/x HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (2 << 30))
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
