"""What a hostile or careless app answers, and how requests for it are addressed: the gateway sends no nonsense on."""

from __future__ import annotations

import http.client
import re

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit
from tests.hub.test_run import README, stage_is

APP = r"""
import http.server, json, os

STATUSES = {"/999": b"999 x", "/600": b"600 x", "/101": b"101 Switching\r\nUpgrade: x", "/599": b"599 x"}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        if path in STATUSES:
            self.wfile.write(b"HTTP/1.1 " + STATUSES[path] + b"\r\nContent-Length: 2\r\n\r\nok")
            self.close_connection = True
            return
        self.send_response(200)
        if path == "/control":
            for value in ("a\x01b", "a\x7fb", "a\tb"):
                self.send_header("X-Odd", value)
            self.send_header("Set-Cookie", "a=\x02")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["GRADIO_SERVER_PORT"])), Handler)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    with server.http("admin") as client:
        client.post("/api/repos/create", json={"name": "odd", "type": "space"}).raise_for_status()
        commit(client, "admin/odd", {"README.md": README, "app.py": APP.encode()}).raise_for_status()
    stage_is(server, "admin/odd", "RUNNING", within=90)
    yield server
    server.stop()


@fault(
    kind="app",
    given="an app that answers with the status 999, 600, or 101 to a request for no upgrade",
    before="the connection was cut with a traceback in the hub's log; 101 was passed on to the caller and proxies",
    now="502 `transport_error`, with the status in the text",
)
@pytest.mark.parametrize(("path", "status"), [("999", 502), ("600", 502), ("101", 502), ("599", 599)])
def test_a_status_outside_http_is_a_bad_gateway(hub, path, status):
    answer = httpx.get(f"{hub.apps}/admin/odd/{path}", timeout=30)
    assert answer.status_code == status
    assert status == 599 or path in answer.json()["error"]


@fault(
    kind="app",
    given="an app that sends a header or cookie with a control character",
    before="the caller's connection was cut without an answer",
    now="the header is dropped, and the answer sent",
)
def test_a_header_with_a_control_character_is_dropped(hub):
    answer = httpx.get(f"{hub.apps}/admin/odd/control", timeout=30)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers.get_list("x-odd") == ["a\tb"]
    assert "set-cookie" not in answer.headers


@fault(
    kind="page",
    given="`/owner/name?endpoint=/shout`: a link to a Space without the slash, with a query",
    before="the redirect to `/owner/name/` dropped the query",
    now="it keeps it",
)
def test_the_redirect_keeps_the_query(hub):
    answer = httpx.get(f"{hub.apps}/admin/odd?endpoint=/shout&x=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/odd/?endpoint=/shout&x=1")
    assert httpx.get(f"{hub.apps}/admin/odd", follow_redirects=False).headers["location"] == "/admin/odd/"


@fault(
    kind="origin",
    given="a Space's own host in upper case, or with a dot at its end (`ADMIN-ODD.LOCALHOST.`)",
    before="404: there is no such Space",
    now="host names are compared as DNS does",
)
@pytest.mark.parametrize("form", [str.upper, lambda host: f"{host}.", str])
def test_a_host_is_compared_as_dns_does(hub, form):
    port = hub.apps.rsplit(":", 1)[1]
    host = f"{form('admin-odd.localhost')}:{port}"
    assert httpx.get(f"http://127.0.0.1:{port}/x", headers={"host": host}, timeout=30).text == "ok"


@fault(
    kind="origin",
    given="a `Host` such as `a\"><script>` or `a'b` at the hub's API and pages",
    before="it stood in `Link`, in the page's policy and in addresses as it came",
    now="400, as for apps' addresses",
)
@pytest.mark.parametrize("host", ['a"><script>', "a'b", "a;script-src", "localhost@evil", "a`id`", "a%0d"])
@pytest.mark.parametrize("path", ["/", "/api/spaces", "/spaces/admin/odd"])
def test_a_malformed_host_is_refused(hub, host, path):
    assert httpx.get(hub.url + path, headers={"host": host}).status_code == 400
    name = re.sub(r"https?://", "", hub.url)
    connection = http.client.HTTPConnection(name)
    connection.request("GET", path, headers={"Host": "[::1]:80"})
    assert connection.getresponse().status == 200
    connection.close()
