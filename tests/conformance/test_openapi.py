"""Our own document: valid, and the server does what it says, whatever schemathesis thinks of sending."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.conftest import ROOT

SPACES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("app", SPACES, ids=lambda path: path.stem)
def test_schemathesis(serve, app, tmp_path):
    server = serve(app, SPACEPORT_DRAIN_S="1")
    # What a fuzzer cannot know: whether data a function rejects is "positive". Our 4xx for it is right.
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"),
        *("--checks", checks),
        *("--max-examples", "5", "--phases", "examples,fuzzing", "--request-timeout", "20", "--seed", "1"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
