"""Uploads of an earlier revision, where the hub forwards the calls of the newest one as they are."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_faults_uploads import get, spellings
from tests.hub.test_hfapi import commit
from tests.hub.test_run import deploy

P = "gradio_api"
OURS = """
import spaceport as sp
space = sp.Space()

@space.api
def f(x: str) -> str:
    return x
"""
# As a Gradio app with a login of its own: it serves every file in its folder, and reads those that a call names.
LOGIN = """
import http.server, json, os

with open(os.environ["GRADIO_TEMP_DIR"] + "/own.txt", "w") as own:
    own.write("own")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.partition("file=")[2] or self.path.partition("file/")[2]
        if self.path == "/where":
            self.answer(200, os.environ["GRADIO_TEMP_DIR"].encode())
        elif name:
            self.answer(200, open(name, "rb").read())
        else:
            self.answer(401 if self.path == "/config" else 200, b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            body = open(json.loads(body)["data"][0]["path"], "rb").read()
        except (ValueError, LookupError):
            pass
        self.answer(200, body)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["GRADIO_SERVER_PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    deploy(server, "app", OURS)
    yield server
    server.stop()


def api(hub, user=None):
    headers = {"authorization": f"Bearer {hub.tokens[user]}"} if user else {}
    return httpx.Client(base_url=f"{hub.apps}/admin/app/", headers=headers, timeout=60)


@fault(
    kind="access",
    given="a Space whose new revision has a login of its own, so that its calls are forwarded, and the path of an "
    "upload that somebody made before: `file=PATH`, and calls that name it",
    before="the app served the file to everybody, and read it for everybody's calls",
    now="403 and 422; the app's own files are served",
)
def test_uploads_of_an_earlier_revision(hub):
    with api(hub, "ann") as ann, api(hub, "bob") as bob, hub.http("admin") as admin:
        assert ann.post(f"{P}/call/f", json={"data": ["x"]}).status_code == 200
        (hers,) = ann.post(f"{P}/upload", files={"files": ("a.txt", b"hers")}).json()
        assert ann.get(f"{P}/file={hers}").text == "hers"
        commit(admin, "admin/app", {"app.py": LOGIN.encode()}).raise_for_status()
        deadline = time.monotonic() + 60
        while bob.get("config").status_code != 401:  # the earlier revision answers until the new one is ready
            assert time.monotonic() < deadline
            time.sleep(0.2)
        folder = bob.get("where").text
        for path in (hers, *spellings(hers)):
            for form in (f"{P}/file=", f"{P}/file/", "file=", "file/"):
                status, content = get(bob, f"/admin/app/{form}{path}")
                assert (status, b"hers" in content) == (403, False), (form, path)
            for name in (
                f"{P}/call/read",
                f"{P}/run/read",
                f"{P}/queue/join",
                "run/predict",
                "queue/join",
                "api/predict",
            ):
                body = {"data": [{"x": {"path": path}}, {"path": path}]}
                assert bob.post(name, json=body).status_code == 422, (name, path)
        padded = b" " * (11 << 20) + json.dumps({"data": [{"path": hers}]}).encode()
        assert bob.post(f"{P}/run/read", content=padded).status_code == 413
        for form in (f"{P}/file=", "file/"):
            assert bob.get(f"{form}{folder}/own.txt").text == "own"
        assert bob.post(f"{P}/run/read", json={"data": [{"path": f"{folder}/own.txt"}]}).text == "own"
        assert bob.post(f"{P}/run/read", content=b"no JSON").text == "no JSON"
        assert bob.post("other", json={"data": [{"path": f"{folder}/own.txt"}]}).text == "own"
