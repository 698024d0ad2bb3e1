"""The README's commands, run as they stand: the app from its first block, the shell blocks in bash and dash."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import pytest
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "curl" in block]


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


def test_the_curl_calls_of_the_page_can_be_pasted(basic):
    page = html.unescape(basic.http.get("/").text)
    calls = re.findall(r"<pre>(curl .*?)</pre>", page, re.S)
    assert len(calls) > 5
    ran = [subprocess.run(["sh", "-c", call], capture_output=True, text=True, timeout=60).stdout for call in calls[:5]]
    assert all(out.startswith("event: ") for out in ran), ran
