"""The `spaceport` command, run as a person or a script runs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
from tests.conftest import ROOT
from tests.faults import fault

from spaceport.space.launcher import bind

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def spaceport(*arguments):
    command = [sys.executable, "-m", "spaceport.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=30)


def test_call_prints_the_result(basic):
    assert spaceport("call", basic.url, "greet", "Bob").stdout == "Hello Bob!\n"
    assert spaceport("call", basic.url, "add", "a=1", "b=5").stdout == "6\n"


def test_call_with_json_prints_every_event(basic):
    done = spaceport("call", basic.url, "count", "w", "3", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events][-4:] == ["generating"] * 3 + ["complete"]


def test_call_says_what_is_wrong(basic):
    wrong = spaceport("call", basic.url, "add", "x")
    assert (wrong.returncode, "Expected `int`" in wrong.stderr) == (1, True)
    failed = spaceport("call", basic.url, "shown_error", "x")
    assert (failed.returncode, failed.stderr) == (1, "visible x\n")
    unclear = spaceport("call", basic.url)
    assert (unclear.returncode, "Say which endpoint" in unclear.stderr) == (1, True)


def test_run_names_what_it_cannot_find(tmp_path):
    assert "There is no file" in spaceport("run", str(tmp_path / "no.py")).stderr
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n")
    assert "Say which Space" in spaceport("run", str(empty)).stderr


def test_reload_serves_the_new_code_and_keeps_what_waits(tmp_path):
    app = tmp_path / "app.py"
    source = (
        "import time, spaceport as sp\nspace = sp.Space()\n@space.api\ndef f(x: str) -> str:\n    time.sleep(0.3)\n"
    )
    app.write_text(source + "    return 'old ' + x\n")
    then = app.stat().st_mtime_ns
    command = [sys.executable, "-m", "spaceport.cli.main", "run", str(app), "--reload", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path / "data")], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        url = process.stdout.readline().split()[3].rstrip(",")
        ids = [_submit(url, f"{n}") for n in range(20)]
        app.write_text(source + "    return 'new ' + x\n")
        os.utime(app, ns=(then, then))  # as an edit within the same second
        results = [_result(url, job_id) for job_id in ids]
        assert [text.split()[1] for text in results] == [f"{n}" for n in range(20)]
        assert results[0] == "old 0"
        assert results[-1] == "new 19"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _submit(url, value):
    return httpx.post(f"{url}/gradio_api/call/f", json={"data": [value]}, timeout=20).json()["event_id"]


def _result(url, job_id):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job = httpx.get(f"{url}/gradio_api/jobs/{job_id}", timeout=20).json()
        if job["state"] == "succeeded":
            return job["data"][0]
        assert job["state"] in ("queued", "running"), job
        time.sleep(0.05)
    raise AssertionError("never ended")


SPACE = "import spaceport as sp\nspace = sp.Space()\n@space.api\ndef f(x: str) -> str:\n    return x\n"


@fault(
    kind="cli",
    given="`spaceport run`, `run --reload`, `hub` or `hub --apps-port` with a port that is taken, or that is none",
    before="a traceback of Python; the hub's first token was made and never shown",
    now="one line that says what is wrong, and exit status 1; the token is made when the hub can start",
)
@pytest.mark.parametrize("port", ["taken", "70000"])
@pytest.mark.parametrize("command", ["run", "reload", "hub", "hub apps"])
def test_a_port_that_cannot_be_had(tmp_path, command, port):
    (tmp_path / "app.py").write_text(SPACE)
    folder = ["--data-dir", str(tmp_path / "data")]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        given = str(other.getsockname()[1]) if port == "taken" else port
        arguments = {
            "run": ["run", str(tmp_path / "app.py"), "--port", given],
            "reload": ["run", str(tmp_path / "app.py"), "--reload", "--port", given],
            "hub": ["hub", "--port", given, "--apps-port", "0"],
            "hub apps": ["hub", "--port", "0", "--apps-port", given],
        }[command]
        done = spaceport(*arguments, *folder)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert f"ort {given} of 127.0.0.1" in done.stderr
    assert "token" not in done.stdout
    if command.startswith("hub"):
        assert "admin" not in spaceport("users", "list", *folder).stdout


def test_an_address_that_is_not_this_machines(tmp_path):
    (tmp_path / "app.py").write_text(SPACE)
    done = spaceport("run", str(tmp_path / "app.py"), "--host", "203.0.113.1")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "of 203.0.113.1: " in done.stderr


def test_launch_raises_an_os_error_as_gradio_does():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="is taken by another process"):
            bind("127.0.0.1", other.getsockname()[1])
    bind("127.0.0.1", 0).close()
