"""The unmodified Python client, pinned and newest, against our server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.conftest import PEERS

PEER = Path(__file__).parent / "peer.py"
# No look at the outside: the client would report its start to a service we cannot reach.
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module", params=["pinned", "newest"])
def seen(request, basic):
    """What a program sees; one run of the peer for all tests."""
    python = PEERS / request.param / "bin" / "python"
    done = subprocess.run(
        [python, PEER, basic.url], capture_output=True, text=True, timeout=120, env={**os.environ, **QUIET}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("greet", "Hello Bob!"),
        ("keywords", 6),
        ("defaults", 3),
        ("struct", {"x": 2.0, "y": 0.0}),
        ("stream", ["w0", "w0 w1", "w0 w1 w2", "w0 w1 w2 w3"]),
        ("stream_result", "w0 w1 w2 w3"),
        ("nested", [[[0, 0, 0]] * 2, [[0, 0]] * 2, [[0]] * 2]),
        ("state", ["total=5", "total=11"]),
        ("state_reset", "total=1"),
        ("cancel", True),
        ("progress_seen", True),
        ("logs", "x"),
        ("many", sum(range(30)) + 30),
        ("request", ["agent", "session", "user"]),
        ("view_api", {"type": "str", "description": ""}),
        ("threads", True),
    ],
)
def test_results(seen, case, expected):
    assert seen[case] == expected


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("value_error", "AppError: The upstream Gradio app has raised an exception"),
        ("shown_error", "AppError: visible x"),
        ("ill_typed", "ValidationError: 1 parameter(s) failed validation:\n- a: Expected `int`"),
        ("missing", "TypeError: No value provided for required argument: name"),
        ("private", "ValueError: Cannot find a function with `api_name`: /secret"),
        ("unknown", "ValueError: Cannot find a function with `api_name`: /nope"),
        ("validator", "ValidationError: 2 parameter(s) failed validation:"),
        # the client ends a job that it cancelled itself, unless it reads the server's end of it first
        ("after_cancel", ("AppError: The job was cancelled.", "CancelledError")),
    ],
)
def test_errors(seen, case, text):
    assert seen[case].startswith(text)
