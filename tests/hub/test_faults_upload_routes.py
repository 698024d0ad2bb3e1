"""Routes of an app beside its calls, by which it would read somebody else's upload."""

from __future__ import annotations

import json
import re
import socket

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit
from tests.hub.test_run import README, stage_is

APP = r"""
import http.server, json, os

FORWARDED = False
CONFIG = {
    "version": "6.31.0", "protocol": "sse_v3", "api_prefix": "/gradio_api", "components": [],
    "dependencies": [{"id": 0, "inputs": [], "outputs": [], "api_name": "f", "api_visibility": "public"}],
}

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if FORWARDED:
            self.answer({})
            return
        self.answer(CONFIG if self.path == "/config" else {"named_endpoints": {}, "unnamed_endpoints": {}})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer("reached the app")

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["GRADIO_SERVER_PORT"])), Handler).serve_forever()
"""
ROUTE = "/gradio_api/component_server"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    with server.http("admin") as client:
        client.post("/api/repos/create", json={"name": "files", "type": "space"}).raise_for_status()
        commit(client, "admin/files", {"README.md": README, "app.py": APP.encode()}).raise_for_status()
    stage_is(server, "admin/files", "RUNNING", within=90)
    yield server
    server.stop()


def upload(hub):
    headers = {"authorization": f"Bearer {hub.tokens['ann']}"}
    place = f"{hub.apps}/admin/files/gradio_api/upload"
    return httpx.post(place, headers=headers, files={"files": ("a.txt", b"ann's")}, timeout=30).json()[0]


def post(hub, user, body, *kinds):
    """With any number of `Content-Type` headers."""
    name, port = re.search(r"//([^:/]+):(\d+)", hub.apps).groups()
    lines = [f"POST /admin/files{ROUTE} HTTP/1.1", f"Host: {name}", f"Authorization: Bearer {hub.tokens[user]}"]
    lines += [*(f"Content-Type: {kind}" for kind in kinds), f"Content-Length: {len(body)}", "Connection: close"]
    with socket.create_connection((name, int(port)), 30) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        found = b""
        while data := connection.recv(1 << 16):
            found += data
    return int(found.split()[1]), found


@fault(
    kind="access",
    given="`component_server` of a Gradio app with another's upload, and `application/json; x=multipart/`",
    before="the hub took the body for a form and passed it on; the app took it for JSON",
    now="the media type itself is compared, of every such header: 422",
)
@pytest.mark.parametrize(
    "kinds",
    [
        ["application/json"],
        ["application/json; x=multipart/"],
        ["application/json", "multipart/form-data; boundary=x"],
        ["multipart/form-data; boundary=x", "application/json"],
        ["x, multipart/form-data"],
        [],
    ],
)
def test_whose_upload_a_body_names_is_checked_whatever_its_type_says(hub, kinds):
    body = json.dumps({"data": [{"path": upload(hub)}]}).encode()
    status, found = post(hub, "bob", body, *kinds)
    assert status == 422
    assert b"reached" not in found
    assert b"reached" in post(hub, "ann", body, *kinds)[1]


def test_a_form_is_passed_on_as_it_comes(hub):
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    assert b"reached" in post(hub, "bob", form, "multipart/form-data; boundary=x")[1]


@fault(
    kind="access",
    given="the same, right after the hub has started again, before anybody called the Space",
    before="the Space's queue was not open yet, and nobody looked: passed on to the app",
    now="the queue is opened for it",
)
def test_a_restarted_hub_checks_too(hub):
    body = json.dumps({"data": [{"path": upload(hub)}]}).encode()
    hub.kill()
    hub.start()
    stage_is(hub, "admin/files", "RUNNING", within=90)
    assert post(hub, "bob", body, "application/json")[0] == 422
    assert b"reached" in post(hub, "ann", body, "application/json")[1]


@fault(
    kind="access",
    given="a call of an app that is forwarded, with an upload of an earlier revision beside `NaN`, or in UTF-16",
    before="the hub did not take it for JSON and passed it on; Python's reader, which Gradio has, takes it",
    now="read as the app would read it: 422",
)
def test_a_body_that_the_app_takes_for_json(hub):
    data = {"data": [{"path": upload(hub)}]}
    with hub.http("admin") as client:
        app = APP.replace("FORWARDED = False", "FORWARDED = True").encode()
        commit(client, "admin/files", {"app.py": app}).raise_for_status()
    stage_is(hub, "admin/files", "RUNNING", within=90)
    nan = json.dumps(data)[:-1].encode() + b', "x": NaN}'
    bodies = [json.dumps(data).encode(), nan, json.dumps(data).encode("utf-16"), json.dumps([data]).encode()]
    for body in bodies:
        status, found = post(hub, "bob", body, "application/json")
        assert (status, b"reached" in found) == (422, False)
    assert b"reached" in post(hub, "bob", b'{"data": [1]}', "application/json")[1]
    assert b"reached" in post(hub, "bob", b"no JSON at all", "text/plain")[1]
