"""What apps and callers may not do at the apps' address: origins, cookies, hosts, uploads of others, addresses."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import socket
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
import uvicorn
import websockets
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

from spaceport.hub.gateway.websockets import WebSocketProtocol

P = "gradio_api"
# An app that is no Gradio app: it answers with the headers that it is asked for.
APP = """
import asyncio, json, os
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

async def page(request):
    response = HTMLResponse("<p>page</p>")
    for name, value in json.loads(request.query_params.get("headers", "[]")):
        response.headers.append(name, value)
    return response

async def home(request):
    return RedirectResponse(str(request.base_url) + "x")

async def forever(request):
    async def pieces():
        while True:
            yield b"x"
            await asyncio.sleep(0.2)
    return StreamingResponse(pieces())

async def talk(socket):
    await socket.accept()
    while True:
        await socket.send_text("x")
        await asyncio.sleep(0.2)

app = Starlette(routes=[Route("/home", home), Route("/forever", forever), WebSocketRoute("/talk", talk),
                        Route("/{path:path}", page, methods=["GET", "POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["GRADIO_SERVER_PORT"]), ws="websockets-sansio")
"""
OURS = """
import tempfile
from pathlib import Path
import spaceport as sp
space = sp.Space()

@space.api
def make() -> Path:
    made = Path(tempfile.mkdtemp()) / "made.txt"
    made.write_text("made")
    return made

@space.api
def many() -> list[Path]:
    return [make(), make()]

@space.api
def steps(n: int):
    for i in range(n):
        yield [i, str(make())]
"""
TAGGED = b"---\ntags: [spaceport]\n---\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    limits = {"SPACEPORT_FORWARDED_MAX_PER_CALLER": "12"}
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "120", environment=limits)
    deploy(server, "app", APP, TAGGED)
    deploy(server, "hidden", APP, TAGGED, visibility="private")
    deploy(server, "ours", OURS, TAGGED)
    yield server
    server.stop()


def own_host(hub, name):
    return f"admin-{name}.localhost:{hub.apps.rpartition(':')[2]}"


def ask(hub, path, host=None, **options):
    headers = options.pop("headers", {}) | ({"host": host} if host else {})
    return httpx.get(f"{hub.apps}{path}", headers=headers, timeout=120, **options)


def answered_with(hub, *headers, host=None):
    """The headers of an answer of an app that sets these."""
    path = "/" if host else "/admin/app/"
    return ask(hub, path, host, params={"headers": json.dumps(headers)}).headers


@fault(
    kind="origin",
    given="`Set-Cookie: t=1; Path =/; Domain =apps.example.com` (blanks before `=`), and other spellings",
    before="the cookie kept its domain: a browser sent it to other Spaces",
    now="attributes are parsed: an app's cookie counts below its own path and for no other host",
)
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("t=1; Path =/; Domain =apps.example.com", "t=1; Path=/admin/app/"),
        ("t=1;domain= .localhost;Path=/a; HttpOnly", "t=1; HttpOnly; Path=/admin/app/a"),
        ("t=1; DOMAIN\t=\tx; path=relative", "t=1; Path=/admin/app/"),
        ("t=1; Path=/a; Path=/b; Domain", "t=1; Path=/admin/app/b"),
        ("t=domain=1; Secure", "t=domain=1; Secure; Path=/admin/app/"),
    ],
)
def test_cookies_stay_with_their_app(hub, given, kept):
    assert answered_with(hub, ("set-cookie", given))["set-cookie"] == kept
    own = kept.replace("/admin/app", "")
    assert answered_with(hub, ("set-cookie", given), host=own_host(hub, "app"))["set-cookie"] == own


@pytest.mark.parametrize("name", ["spaceport-session-8000", "__Host-spaceport-session", " spaceport-device-8000"])
def test_an_app_cannot_set_the_cookies_by_which_the_hub_knows_a_browser(hub, name):
    for host in (None, own_host(hub, "app")):
        assert "set-cookie" not in answered_with(hub, ("set-cookie", f"{name}=chosen; Path=/"), host=host)


@fault(
    kind="origin",
    given="an app's `Service-Worker-Allowed: /`, `Clear-Site-Data`, `Strict-Transport-Security` in the path form",
    before="they passed: one Space's worker answered for all others",
    now="they are dropped; on a host of its own an app may send the first two",
)
def test_headers_that_act_on_a_whole_origin_are_dropped(hub):
    given = [
        ("Service-Worker-Allowed", "/"),
        ("clear-site-data", '"*"'),
        ("Strict-Transport-Security", "max-age=1; includeSubDomains"),
        ("x-own", "1"),
    ]
    by_path = answered_with(hub, *given)
    assert [name in by_path for name, _ in given] == [False, False, False, True]
    by_host = answered_with(hub, *given, host=own_host(hub, "app"))
    assert [name in by_host for name, _ in given] == [True, True, False, True]


@fault(
    kind="origin",
    given="a page of a Space in the path form, where all Spaces have one origin",
    before="it ran there without a sandbox, and read what other Spaces' pages had stored",
    now="it is sandboxed; a browser that opens it, in a frame too, is sent to the Space's own host",
)
def test_pages_have_an_origin_of_their_own(hub):
    by_path = ask(hub, "/admin/app/")
    assert by_path.headers["content-security-policy"].startswith("sandbox ")
    assert "allow-same-origin" not in by_path.headers["content-security-policy"]
    assert "content-security-policy" not in ask(hub, "/", own_host(hub, "app")).headers
    for kind in ("document", "iframe"):
        sent = {"sec-fetch-dest": kind, "accept": "text/html"}
        opened = ask(hub, "/admin/app/a%2Fb?x=1", headers=sent)
        assert (opened.status_code, opened.headers["location"]) == (307, f"http://{own_host(hub, 'app')}/a%2Fb?x=1")
        assert ask(hub, "/", own_host(hub, "app"), headers=sent).text == "<p>page</p>"
    with hub.http() as client:
        policy = client.get("/").headers["content-security-policy"]
        assert f"http://*.localhost:{hub.apps.rpartition(':')[2]}" in policy


def raw(hub, head):
    with socket.create_connection(("127.0.0.1", int(hub.apps.rpartition(":")[2]))) as line:
        line.settimeout(30)
        line.sendall(head)
        return line.recv(1000)


@fault(
    kind="origin",
    given="a request with two `Host` headers, or one with a backquote, `$(` or a blank in it",
    before="it was taken, by its last one",
    now="400",
)
@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["a", "b"], 400),
        (["a", "a"], 400),
        (["a`b"], 400),
        (["$(a)"], 400),
        (["a b"], 400),
        (["a"], 200),
        (["a:1"], 200),
    ],
)
def test_a_request_has_exactly_one_valid_host(hub, hosts, status):
    lines = "".join(f"host: {host}\r\n" for host in hosts)
    answer = raw(hub, f"GET /admin/app/ HTTP/1.1\r\n{lines}connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 %d " % status)


@fault(
    kind="access",
    given="a token is revoked while a stream, or a websocket, of a private Space is open with it",
    before="it went on to its end",
    now="it ends within 5 seconds",
)
async def test_a_revoked_token_ends_open_streams(hub):
    token = hub.run("tokens", "add", "admin", "leaked").strip()
    headers = {"authorization": f"Bearer {token}"}
    ended = threading.Event()

    def read():
        with httpx.stream("GET", f"{hub.apps}/admin/hidden/forever", headers=headers, timeout=120) as answer:
            began.set()
            try:
                for _ in answer.iter_raw():
                    pass
            except httpx.HTTPError:
                ended.set()

    began = threading.Event()
    threading.Thread(target=read, daemon=True).start()
    address = hub.apps.replace("http", "ws")
    async with websockets.connect(f"{address}/admin/hidden/talk", additional_headers=headers) as line:
        assert await line.recv() == "x"
        assert began.wait(60)
        hub.run("tokens", "revoke", "admin", "leaked")
        before = time.monotonic()
        with contextlib.suppress(websockets.ConnectionClosedError):
            async for _ in line:
                pass
        assert line.close_code == 1008
    assert ended.wait(9)
    assert time.monotonic() - before < 10
    assert ask(hub, "/admin/hidden/", headers=headers).content == ask(hub, "/nobody/nothing/").content


@fault(
    kind="limit",
    given="websockets and forwarded requests of one caller at the apps' address, without end",
    before="each was taken, with a connection to the app: until nobody's was",
    now="1,000 of one caller at once; above it 429, and a websocket is closed",
)
async def test_forwarded_requests_of_a_caller_are_bounded(hub):
    address = hub.apps.replace("http", "ws")
    async with contextlib.AsyncExitStack() as opened, httpx.AsyncClient(timeout=60) as http:
        for _ in range(6):
            line = await opened.enter_async_context(websockets.connect(f"{address}/admin/app/talk"))
            assert await line.recv() == "x"
            answer = await opened.enter_async_context(http.stream("GET", f"{hub.apps}/admin/app/forever"))
            assert answer.status_code == 200
        refused = await http.get(f"{hub.apps}/admin/app/")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"{address}/admin/app/talk")
        admin = {"authorization": f"Bearer {hub.tokens['admin']}"}
        assert (await http.get(f"{hub.apps}/admin/app/", headers=admin)).status_code == 200
        await line.close()
        for _ in range(100):
            answer = await http.get(f"{hub.apps}/admin/app/")
            if answer.status_code == 200:
                break
            await asyncio.sleep(0.1)
        assert answer.status_code == 200


@fault(
    kind="page",
    given="a browser opens a Space that is broken, paused or missing",
    before="raw JSON",
    now="a page that says why and what to do, with the log's end for those who may read it; programs get JSON",
)
def test_a_browser_gets_a_page_for_a_space_that_cannot_run(hub):
    deploy(hub, "broken", "print('<script>alert(1)</script>')\nraise SystemExit(3)", TAGGED)
    accept = {"accept": "text/html,*/*"}
    owner = {**accept, "authorization": f"Bearer {hub.tokens['admin']}"}
    assert ask(hub, "/admin/broken/").json()["code"] == "space_unavailable"
    page = ask(hub, "/admin/broken/", headers=accept)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "Its owner can read the run log" in page.text
    assert "alert(1)" not in page.text
    shown = ask(hub, "/admin/broken/", headers=owner)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
    assert "<script>" not in shown.text
    with hub.http("admin") as client:
        client.post("/api/spaces/admin/broken/pause").raise_for_status()
    assert "Its owner can restart it" in ask(hub, "/admin/broken/", headers=accept).text


def test_missing_and_private_spaces_have_one_answer(hub):
    for headers in ({}, {"accept": "text/html"}):
        missing, private = (ask(hub, path, headers=headers) for path in ("/nobody/nothing/", "/admin/hidden/"))
        assert (missing.status_code, missing.content) == (404, private.content)
        kinds = [{k: v for k, v in one.headers.items() if k != "date"} for one in (missing, private)]
        assert kinds[0] == kinds[1]


@fault(
    kind="app",
    given="a static Space with `app_file: dist/index.html` that loads `./assets/app.mjs`",
    before="404 for the asset",
    now="the page is shown at its own address",
)
def test_a_static_page_in_a_folder_finds_its_files(hub):
    files = {"dist/index.html": b"<script src=./assets/app.mjs>", "dist/assets/app.mjs": b"1"}
    deploy_files(hub, "static", b"---\nsdk: static\napp_file: dist/index.html\n---\n", files)
    for root, host in (("/admin/static", None), ("", own_host(hub, "static"))):
        opened = ask(hub, f"{root}/", host)
        assert (opened.status_code, opened.headers["location"]) == (307, "dist/index.html")
        assert ask(hub, f"{root}/dist/index.html", host).content == files["dist/index.html"]
        assert ask(hub, f"{root}/dist/assets/app.mjs", host).content == b"1"
        assert ask(hub, f"{root}/dist", host).headers["location"].endswith(f"{root}/dist/")
    assert ask(hub, "/admin/static/dist/index.html").headers["content-security-policy"].startswith("sandbox ")


def deploy_files(hub, name, readme, files):
    lines = [{"key": "header", "value": {"summary": "all"}}]
    for path, data in {"README.md": readme, **files}.items():
        content = {"content": base64.b64encode(data).decode(), "path": path, "encoding": "base64"}
        lines.append({"key": "file", "value": content})
    with hub.http("admin") as client:
        client.post("/api/repos/create", json={"type": "space", "name": name, "sdk": "static"}).raise_for_status()
        body = "\n".join(json.dumps(line) for line in lines)
        headers = {"content-type": "application/x-ndjson"}
        client.post(f"/api/spaces/admin/{name}/commit/main", content=body, headers=headers).raise_for_status()


@fault(
    kind="call",
    given="a Space of ours on a hub returns a `Path`: alone, in a list, in steps",
    before="its `url` was the replica's own address, http://127.0.0.1:<port>/…",
    now="the address that the caller used; no answer of any kind has an internal one",
)
@pytest.mark.parametrize("form", ["path", "host"])
def test_no_answer_has_an_internal_address(hub, form):
    host = own_host(hub, "ours") if form == "host" else None
    prefix = "" if host else "/admin/ours"
    root = f"http://{host}" if host else f"{hub.apps}{prefix}"
    headers = {"host": host} if host else {}
    with httpx.Client(base_url=hub.apps, headers=headers, timeout=120) as client:
        answers = {}

        def note(name, answer):
            answers[name] = f"{answer.headers}\n{answer.text}"
            return answer

        for name in ("make", "many"):
            job = note(f"call {name}", client.post(f"{prefix}/{P}/call/{name}", json={"data": []})).json()["event_id"]
            note(f"events {name}", client.get(f"{prefix}/{P}/call/{name}/{job}"))
            note(f"job {name}", client.get(f"{prefix}/{P}/jobs/{job}"))
            note(f"run {name}", client.post(f"{prefix}/{P}/run/{name}", json={"data": []}))
            waiting = {"prefer": "wait"}
            found = note(f"wait {name}", client.post(f"{prefix}/{P}/call/v2/{name}", json={}, headers=waiting))
            assert f'"url":"{root}/{P}/file=' in found.text
        stream = {"accept": "text/event-stream"}
        note("steps", client.post(f"{prefix}/{P}/call/steps", json={"data": [2]}, headers=stream))
        note("join", client.post(f"{prefix}/{P}/queue/join", json={"data": [], "fn_index": 0, "session_hash": "s"}))
        note("data", client.get(f"{prefix}/{P}/queue/data?session_hash=s"))
        own = "config openapi.json agents.md llms.txt missing manifest.json robots.txt logout"
        api = "info openapi.json jobs call/none/none startup-events app_id"
        for path in ["", *own.split(), *(f"{P}/{one}" for one in api.split())]:
            note(path, client.get(f"{prefix}/{path}"))
        note("snippets", client.post(f"{prefix}/{P}/snippets", json={"calls": []}))
        other = {"host": own_host(hub, "app")} if host else {}
        moved = note("redirect", client.get(f"{prefix.replace('ours', 'app')}/home", headers=other))
        assert moved.headers["location"] == f"{root.replace('ours', 'app')}/x"
        notes = [json.loads(path.read_text()) for path in hub.data.glob("spaces/*/replica-*.json")]
        for one in notes:
            address = one.get("address") or f"127.0.0.1:{one['port']}"
            port = address.rpartition(":")[2]
            for name, text in answers.items():
                assert not re.search(rf":{port}(?!\d)", text), (name, text[:2000])


@fault(
    kind="origin",
    given="an app's `NEL`, `Report-To`, `Alt-Svc`, `X-Accel-Redirect`, `X-Sendfile`",
    before="they passed: browsers would report all Spaces' addresses to one; nginx would serve another address instead",
    now="they are dropped; on a host of its own an app may send the first two",
)
def test_headers_that_act_on_others_are_dropped(hub):
    given = [("NEL", "{}"), ("report-to", "{}"), ("Alt-Svc", "h3=:1"), ("x-accel-redirect", "/a"), ("X-Sendfile", "/a")]
    by_path = answered_with(hub, *given, ("x-accel-buffering", "no"))
    assert [name in by_path for name, _ in given] == [False] * 5
    assert by_path["x-accel-buffering"] == "no"
    by_host = answered_with(hub, *given, host=own_host(hub, "app"))
    assert [name in by_host for name, _ in given] == [True, True, False, False, False]


@fault(
    kind="access",
    given="a token is revoked while `hf spaces logs --follow` runs with it",
    before="the log, which may have secrets, went on for an hour",
    now="it ends within 15 seconds",
)
def test_a_revoked_token_ends_the_log(hub):
    token = hub.run("tokens", "add", "admin", "reads").strip()
    ended = threading.Event()

    def read():
        with (
            hub.http() as client,
            client.stream(
                "GET", "/api/spaces/admin/hidden/logs/run", headers={"authorization": f"Bearer {token}"}
            ) as answer,
        ):
            assert answer.status_code == 200
            began.set()
            for _ in answer.iter_raw():
                pass
        ended.set()

    began = threading.Event()
    threading.Thread(target=read, daemon=True).start()
    assert began.wait(60)
    hub.run("tokens", "revoke", "admin", "reads")
    assert ended.wait(20)


@fault(
    kind="limit",
    given="a websocket whose caller sends pings and reads nothing",
    before="the hub kept a pong for each",
    now="pongs that cannot be sent are left out",
)
async def test_pongs_that_nobody_reads_are_not_kept():
    class Transport:
        size = 0

        def write(self, data):
            self.size += len(data)

    async def app(*_):
        pass

    protocol = WebSocketProtocol(uvicorn.Config(app, log_level="critical"), uvicorn.server.ServerState(), {})
    protocol.transport = transport = Transport()
    protocol.conn = SimpleNamespace(data_to_send=lambda: [b"pong"])
    protocol.handle_ping()
    assert transport.size == 4
    protocol.pause_writing()
    for _ in range(1000):
        protocol.handle_ping()
    assert transport.size == 4
    protocol.resume_writing()
    protocol.handle_ping()
    assert transport.size == 8
