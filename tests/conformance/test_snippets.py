"""The code that `/info` and `spaceport snippets` show runs as it stands, and calls what it says."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from tests.conftest import APPS, ROOT, Server

from spaceport.snippets.code import LANGUAGES

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    server = Server(APPS / "typed.py", tmp_path_factory.mktemp("types"), {})
    yield server
    server.kill()


@functools.cache
def node_folder():
    """A folder in which `npm install spaceport-client` was run."""
    folder = Path(tempfile.mkdtemp())
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "spaceport-client").symlink_to(ROOT / "js" / "client")
    return folder


def run(language, code):
    commands = {
        "python": [sys.executable, "-c", code],
        "python_async": [sys.executable, "-c", code],
        "javascript": ["node", "--input-type=module", "-e", code + "\nprocess.exit(0)"],
    }
    command = commands.get(language, ["sh", "-e", "-c", code])
    done = subprocess.run(command, cwd=node_folder(), env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("endpoint", "text"),
    [("model", "HELLO!!"), ("containers", "([3], {}, (3, 'Hello!!'))"), ("moment", "2026-02-01"), ("mixed", "**")],
)
def test_a_snippet_runs(types, language, endpoint, text):
    info = types.http.get("/gradio_api/info").json()["named_endpoints"][f"/{endpoint}"]
    out = run(language, info["code_snippets"][language])
    assert text in out


def test_it_names_the_address_it_was_asked_at(serve):
    server = serve("typed", SPACEPORT_ALLOWED_HOSTS="spaces.example")
    headers = {"host": "spaces.example"}
    info = server.http.get("/gradio_api/info", headers=headers).json()["named_endpoints"]["/model"]
    assert 'connect("http://spaces.example")' in info["code_snippets"]["javascript"]
    headers = {"host": "x'$(id)"}
    refused = server.http.get("/gradio_api/info", headers=headers)
    assert refused.status_code == 400
    assert "$(id)" not in refused.text


def test_the_command_shows_the_same(types):
    command = [sys.executable, "-m", "spaceport.cli.main", "snippets", types.url, "model", "--language", "bash_stream"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    info = types.http.get("/gradio_api/info").json()["named_endpoints"]["/model"]
    assert done.stdout == info["code_snippets"]["bash_stream"], done.stderr
    command[-3:] = ["nope"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "There is no endpoint /nope" in done.stderr) == (1, True)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A Space with files, and an address that the examples' files lie at."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "sample.txt").write_text("hello file")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever).start()
        environment = {"FILES": str(folder), "SPACEPORT_FETCH_PRIVATE": "1"}
        server = Server(APPS / "files.py", tmp_path_factory.mktemp("space"), environment)
        yield server, f"http://127.0.0.1:{elsewhere.server_port}"
        server.kill()
        elsewhere.shutdown()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("endpoint", "text"), [("only_text", "hello file"), ("binlen", "10"), ("sizes", "10")])
def test_a_snippet_with_a_file_runs(files, language, endpoint, text):
    server, elsewhere = files
    info = server.http.get("/gradio_api/info").json()["named_endpoints"][f"/{endpoint}"]
    code = info["code_snippets"][language]
    assert "https://example.com" in code
    if language in ("python", "python_async", "javascript"):
        assert "handle_file" in code
    assert text in run(language, code.replace("https://example.com", elsewhere))
