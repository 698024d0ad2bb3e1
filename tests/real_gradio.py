"""The real Gradio, as tests start it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time

import httpx

from tests.conformance.test_golden import QUIET
from tests.conftest import APPS, PEERS


@contextlib.contextmanager
def real_gradio(environment, app, ready, cwd=APPS, **variables):
    """The URL of an app of tests/apps in one of the environments with Gradio; `ready` is a path that answers then."""
    with started(environment, app, ready, cwd, **variables) as (url, _):
        yield url


@contextlib.contextmanager
def started(environment, app, ready, cwd=APPS, **variables):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PEERS / environment / "bin" / "python", APPS / app, str(port)]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **QUIET, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 300
    try:
        while True:
            try:
                httpx.get(f"{url}/{ready}", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield url, process
    finally:
        process.kill()
        process.wait()
