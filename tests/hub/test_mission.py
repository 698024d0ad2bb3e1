"""The programs of "Spaces as API endpoints", changed in the name of the Space and the address of the hub alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from tests.conformance.test_golden import JS
from tests.hub.conftest import ENVIRONMENT, HubServer
from tests.hub.test_run import deploy

APP = """
import time
import gradio as gr

def translate(text):
    return f"Bonjour {text}"

def describe(file):
    return f"{len(open(file, 'rb').read())} bytes"

def count(n):
    for i in range(int(n)):
        time.sleep(0.05)
        yield i

def slow(seconds):
    time.sleep(seconds)
    return "done"

with gr.Blocks(title="English to French") as demo:
    text, out, number, file = gr.Textbox(label="text"), gr.Textbox(label="out"), gr.Number(), gr.File()
    gr.Button().click(translate, text, out, api_name="predict")
    gr.Button().click(describe, file, out, api_name="describe")
    gr.Button().click(count, number, gr.Number(), api_name="count")
    gr.Button().click(slow, number, out, api_name="slow")
demo.launch()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(
        tmp_path_factory.mktemp("hub"),
        "--start-timeout",
        "60",
        "--trust-spaces",
        environment={"SPACEPORT_DRAIN_S": "1"},
    )
    deploy(server, "en2fr", APP, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n", visibility="private")
    yield server
    server.stop()


@pytest.fixture(params=["gradio_client", "spaceport"])
def python(hub, peer, request):
    """Runs a program with either client; what it leaves in `result`."""

    def run(program, *arguments):
        code = f"from {request.param} import Client, handle_file\n{program}"
        if request.param == "gradio_client":
            return peer("admin").python(code, *arguments)
        lines = ["import json, sys", code, "print(json.dumps(result, default=str))"]
        environment = {**ENVIRONMENT, "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.tokens["admin"]}
        command = [sys.executable, "-c", "\n".join(lines), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_the_quick_start_works_with_a_token(hub, python):
    program = """
client = Client("admin/en2fr", token=sys.argv[1], verbose=False)
result = client.predict("Hello", api_name="/predict")
"""
    assert python(program, hub.tokens["admin"]) == "Bonjour Hello"


def test_view_api_shows_the_endpoints(python):
    program = """
client = Client("admin/en2fr", verbose=False)
result = client.view_api(return_format="dict")["named_endpoints"]["/predict"]["parameters"][0]["parameter_name"]
"""
    assert python(program) == "text"


def test_a_submitted_job_has_a_result_and_a_status_and_can_be_cancelled(python):
    program = """
client = Client("admin/en2fr", verbose=False)
job = client.submit("Hello", api_name="/predict")
result = [job.result()]
job = client.submit(20, api_name="/count")
for step in job:
    if step == 3:
        result += [str(job.status().code), job.done()]
        job.cancel()
        break
result += [list(client.submit(3, api_name="/count"))]
"""
    assert python(program) == ["Bonjour Hello", "Status.ITERATING", False, [0, 1, 2]]


def test_files_are_taken_by_path_and_by_url(python, tmp_path):
    (tmp_path / "a.txt").write_text("12345")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        program = """
client = Client("admin/en2fr", verbose=False)
result = [client.predict(handle_file(sys.argv[1]), api_name="/describe")]
try:
    result.append(client.predict(handle_file(sys.argv[2]), api_name="/describe"))
except Exception as error:
    result.append(type(error).__name__)
"""
        # a URL on this machine: Gradio itself fetches public addresses only, and says so
        found = python(program, str(tmp_path / "a.txt"), f"http://127.0.0.1:{files.server_port}/a.txt")
        files.shutdown()
    assert found == ["5 bytes", "AppError"]


def test_curl_calls_in_two_steps(hub):
    script = """
EVENT_ID=$(curl -s -X POST $SPACE/gradio_api/call/predict -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $HF_TOKEN" -d '{"data": ["Hello"]}' | awk -F'"' '{ print $4 }')
curl -sN $SPACE/gradio_api/call/predict/$EVENT_ID -H "Authorization: Bearer $HF_TOKEN"
curl -s $SPACE/gradio_api/openapi.json -H "Authorization: Bearer $HF_TOKEN" > openapi.json
curl -s -o /dev/null -w '%{http_code}' $SPACE/gradio_api/info
"""
    environment = {**os.environ, "SPACE": f"{hub.apps}/admin/en2fr", "HF_TOKEN": hub.tokens["admin"]}
    done = subprocess.run(
        ["sh", "-c", script], env=environment, cwd=hub.data, capture_output=True, text=True, timeout=60
    )
    # the id is a place in the stream: how many facts about its rank came before is a matter of time
    complete = r'event: complete\ndata: \["Bonjour Hello"\]\nid: \d+\n\n404'
    assert re.fullmatch(complete, done.stdout), done.stdout + done.stderr
    assert "/gradio_api/call/v2/predict" in json.loads((hub.data / "openapi.json").read_text())["paths"]


def test_a_fastapi_app_calls_a_space(hub, tmp_path):
    (tmp_path / "program.py").write_text("""
from fastapi import FastAPI
from fastapi.testclient import TestClient
from spaceport import AsyncClient

app = FastAPI()

@app.get("/translate")
async def translate(text: str):
    async with AsyncClient("admin/en2fr", verbose=False) as client:
        return {"text": await client.predict(text, api_name="/predict")}

print(TestClient(app).get("/translate", params={"text": "Ann"}).json())
""")
    environment = {**ENVIRONMENT, "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.tokens["admin"]}
    command = [sys.executable, str(tmp_path / "program.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "{'text': 'Bonjour Ann'}", done.stderr


def test_javascript_connects_by_address(hub):
    program = """
import { Client } from "@gradio/client";
const app = await Client.connect(process.argv[1], { token: process.argv[2] });
console.log((await app.predict("/predict", ["Hello"])).data[0]);
const steps = [];
for await (const message of app.submit("/count", [3])) if (message.type === "data") steps.push(message.data[0]);
console.log(JSON.stringify(steps));
process.exit(0);
"""
    command = ["node", "--input-type=module", "-e", program, f"{hub.apps}/admin/en2fr/", hub.tokens["admin"]]
    done = subprocess.run(command, cwd=JS, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["Bonjour Hello", "[0,1,2,2]"], done.stderr


# What goes wrong


def stage_of(hub, name):
    with hub.http("admin") as client:
        runtime = client.get(f"/api/spaces/admin/{name}/runtime").json()
    return runtime["stage"], runtime.get("errorMessage", "")


ENDS = {
    "gone": "raise SystemExit(3)",
    "many": "import os, time\nfor _ in range(9):\n    os.fork()\ntime.sleep(600)",
}
LISTENS_NOWHERE = {
    "elsewhere": "import http.server\nhttp.server.HTTPServer(('127.0.0.1', 0), None).serve_forever()",
    "silent": "import time\ntime.sleep(600)",
    "loud": "while True: print('x' * 1000)",
    "children": "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        break\ntime.sleep(600)",
}


def test_each_misbehaving_app_has_its_own_error_and_harms_no_other(tmp_path):
    hub = HubServer(tmp_path / "hub", "--start-timeout", "15", "--processes", "100")
    readme = b"---\ntags: [spaceport]\n---\n"
    fine = "import spaceport as sp\nspace = sp.Space()\n@space.api\ndef one() -> int:\n    return 1\n"

    def visit(name):
        return client.get(f"{hub.apps}/admin/{name}/")

    def check(name, answer, expected):
        assert (answer.status_code, answer.json()["code"]) == (503, "space_unavailable")
        stage, why = stage_of(hub, name)
        assert (stage, expected in why) == ("RUNTIME_ERROR", True), why
        address = f"{hub.apps}/admin/fine/gradio_api/call/one"
        assert client.post(address, json={"data": []}, headers={"prefer": "wait"}).json()["data"] == [1]

    try:
        deploy(hub, "fine", fine, readme)
        for name, app in {**ENDS, **LISTENS_NOWHERE}.items():
            deploy(hub, name, app, readme)
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor() as together:
            for name in ENDS:
                check(name, visit(name), "it ended")
            answers = together.map(visit, LISTENS_NOWHERE)
            for name, answer in zip(LISTENS_NOWHERE, answers, strict=True):
                check(name, answer, "nothing listened on port")
        assert max(path.stat().st_size for path in hub.data.glob("spaces/*/run.log")) < 5 << 20
        logs = [path.read_text() for path in hub.data.glob("spaces/*/run.log")]
        assert sum("more than 100 processes" in log for log in logs) == 1
        left = list(hub.data.glob("spaces/*/replica-*.json"))
        assert len(left) == 1  # the one that is fine
    finally:
        hub.stop()
