"""The README's commands, run as they stand: the app from its first block, the shell blocks in bash and dash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT

from spaceport import Client, handle_file

ADDRESS = "http://127.0.0.1:7860"
README = (ROOT / "README.md").read_text()
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "curl" in block]


CALL_THE_WEB_APPS = """
from starlette.testclient import TestClient
with TestClient(app) as web, TestClient(sync_app) as sync_web:
    print(web.get("/loud/loud").text, sync_web.get("/loud/loud").text)
"""


@pytest.fixture
def words(serve, tmp_path):
    """The README's Space."""
    app = tmp_path / "words.py"
    app.write_text(re.findall(r"```python\n(import time.*?)```", README, re.S)[0])
    return serve(app)


def run(command, folder, **more):
    """Run a command as on a machine where Spaceport is installed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PATH": path}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=folder, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_curl(words, tmp_path, shell):
    assert shutil.which(shell), f"{shell} is not installed"
    outputs = [run([shell, "-e", "-c", block.replace(ADDRESS, words.url)], tmp_path) for block in SHELL]
    assert outputs[0].startswith('event: complete\ndata: ["HELLO!"]\n')
    assert 'event: generating\ndata: ["hel"]' in outputs[1]
    assert '"data":["HELLO! HELLO!"]' in outputs[1]


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_every_block_of_the_page_runs(words, serve, tmp_path, shell):
    page = (ROOT / "docs" / "spaces-as-api-endpoints.md").read_text().replace(ADDRESS, words.url)
    said = [run([shell, "-e", "-c", block], tmp_path) for block in re.findall(r"```sh\n(.*?)```", page, re.S)]
    assert said[0].startswith("EVENT_ID=")
    assert '"/shout"' in said[0]
    assert said[1:3] == ["HELLO! HELLO!\n", ""]
    assert said[3].count("event_id") == 2
    assert '"data":[3]' in said[4]
    assert said[4].endswith("3\n")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    (relay,) = [block for block in blocks if "sp.Space()" in block]
    program = "\n".join(block for block in blocks if block is not relay)
    program = program.replace("client.close()", CALL_THE_WEB_APPS + "client.close()")
    said = run([sys.executable, "-c", program], tmp_path)
    assert "1 parameter(s) failed validation" in said
    assert said.rstrip().endswith('"LOUD!" "LOUD!"')
    (tmp_path / "relay.py").write_text(relay)
    other = serve(tmp_path / "relay.py")
    assert run([shell, "-c", f"spaceport call {other.url} greet Ann"], tmp_path) == "HELLO ANN!\n"


def test_the_curl_calls_for_agents_can_be_pasted(basic):
    page = basic.http.get("/agents.md").text
    calls = re.findall(r"```sh\n(curl -sN .*?)```", page, re.S)
    assert len(calls) > 5
    ran = [subprocess.run(["sh", "-c", call], capture_output=True, text=True, timeout=60).stdout for call in calls[:5]]
    assert all(out.startswith("event: ") for out in ran), ran


def test_the_guide_s_space(serve, tmp_path):
    page = (ROOT / "docs" / "spaces.md").read_text()
    app = tmp_path / "guide.py"
    app.write_text("\n\n".join(re.findall(r"```python\n(.*?)```", page, re.S)))
    (tmp_path / "a.txt").write_text("hello")
    with Client(serve(app).url, verbose=False, download_files=tmp_path / "out") as client:
        assert client.predict([1, 2.5], api_name="/total") == 3.5
        assert Path(client.predict(handle_file(tmp_path / "a.txt"), api_name="/upper")).read_text() == "HELLO"
        assert Path(client.predict(2, api_name="/tones")).stat().st_size > 1000
        assert [client.predict("ab", api_name="/slow") for _ in range(2)] == ["ba", "ba"]
        assert client.predict("hello", 2, api_name="/repeat") == "hellohello"
        assert client.predict("four", api_name="/lengths") == 4
        assert [client.predict(word, api_name="/remember") for word in ("a", "b")] == ["a", "a b"]
