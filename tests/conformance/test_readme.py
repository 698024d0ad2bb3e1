"""The README's commands, run as they stand: the app from its first block, the shell blocks in bash and dash."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys

import pytest
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "curl" in block]


CALL_THE_WEB_APP = """
from starlette.testclient import TestClient
with TestClient(app) as web:
    print(web.get("/loud/loud").text)
"""


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_curl(serve, tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.fail(f"{shell} is not installed")
    app = tmp_path / "words.py"
    app.write_text(re.findall(r"```python\n(import time.*?)```", README, re.S)[0])
    server = serve(app)
    outputs = []
    for block in SHELL:
        script = block.replace("http://127.0.0.1:7860", server.url)
        done = subprocess.run([shell, "-e", "-c", script], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert outputs[0].startswith('event: complete\ndata: ["HELLO!"]\n')
    assert 'event: generating\ndata: ["hel"]' in outputs[1]
    assert '"data":["HELLO! HELLO!"]' in outputs[1]


def test_every_block_of_the_python_page_runs(serve, tmp_path):
    app = tmp_path / "words.py"
    app.write_text(re.findall(r"```python\n(import time.*?)```", README, re.S)[0])
    server = serve(app)
    page = (ROOT / "docs" / "spaces-as-api-endpoints.md").read_text()
    program = "\n".join(re.findall(r"```python\n(.*?)```", page, re.S))
    program = program.replace("http://127.0.0.1:7860", server.url)
    program = program.replace("client.close()", CALL_THE_WEB_APP + "client.close()")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "1 parameter(s) failed validation" in done.stdout
    assert done.stdout.rstrip().endswith('"LOUD!"')


def test_the_curl_calls_of_the_page_can_be_pasted(basic):
    page = html.unescape(basic.http.get("/").text)
    calls = re.findall(r"<pre>(curl .*?)</pre>", page, re.S)
    assert len(calls) > 5
    ran = [subprocess.run(["sh", "-c", call], capture_output=True, text=True, timeout=60).stdout for call in calls[:5]]
    assert all(out.startswith("event: ") for out in ran), ran
