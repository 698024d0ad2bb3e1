"""A Space inside of another app: the unmodified clients find it under its path; behind a proxy; secrets in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import httpx
import pytest
from tests.conftest import APPS, PEERS, ROOT

QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def mounted(tmp_path_factory):
    """The base URL of the outer app, and the folder of the journal."""
    folder = tmp_path_factory.mktemp("mounted")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, APPS / "mounted.py", folder, str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    for line in process.stderr:
        if "Uvicorn running" in line:
            break
    yield f"http://127.0.0.1:{port}", folder
    process.terminate()
    assert process.wait(20) in (0, -15)
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_both_apps_answer(mounted):
    url, _ = mounted
    assert httpx.get(f"{url}/health").json() == {"ok": True}
    assert httpx.get(f"{url}/spaces/one/config").json()["root"] == f"{url}/spaces/one"
    assert "Mounted" in httpx.get(f"{url}/spaces/one/").text
    assert httpx.get(f"{url}/config").status_code == 404


def test_the_unmodified_clients_call_it_under_its_path(mounted):
    url = mounted[0] + "/spaces/one/"
    program = "import sys; from gradio_client import Client; c = Client(sys.argv[1], verbose=False)\n"
    program += 'print(c.predict("Bob", api_name="/greet"))'
    python = PEERS / "pinned" / "bin" / "python"
    done = subprocess.run([python, "-c", program, url], capture_output=True, text=True, env={**os.environ, **QUIET})
    assert done.stdout == "Hello Bob!\n", done.stderr
    program = 'import { Client } from "@gradio/client"; const c = await Client.connect(process.argv[1]);'
    program += 'console.log((await c.predict("/greet", ["Bob"])).data[0]); process.exit(0)'
    command = ["node", "--input-type=module", "-e", program, url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "tests" / "conformance" / "js")
    assert done.stdout == "Hello Bob!\n", done.stderr


def test_an_oauth_token_reaches_the_function_and_never_the_journal(mounted):
    url, folder = mounted
    body = {"data": ["p"], "oauth_token": "hf_very_secret"}
    event_id = httpx.post(f"{url}/spaces/one/gradio_api/call/token", json=body).json()["event_id"]
    assert "p: hf_very_secret" in httpx.get(f"{url}/spaces/one/gradio_api/call/token/{event_id}").text
    body = {"data": ["q"], "oauth_token": "hf_other_secret"}
    httpx.post(f"{url}/spaces/one/gradio_api/call/greet", json=body)
    written = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"token" in written
    assert b"hf_other_secret" not in written
