"""The real Gradio, for tests of our client."""

from __future__ import annotations

import os
import socket
import subprocess
import time

import httpx
import pytest
from tests.conformance.test_golden import QUIET
from tests.conftest import APPS, PEERS


@pytest.fixture(scope="session")
def gradio():
    """The golden apps on the real Gradio."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PEERS / "gradio" / "bin" / "python", "on_gradio.py", str(port)]
    process = subprocess.Popen(command, cwd=APPS, env={**os.environ, **QUIET}, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{url}/s01/config", timeout=5).raise_for_status()
            break
        except httpx.HTTPError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    yield url
    process.kill()
    process.wait()
