"""The unmodified JavaScript client against our server."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.conftest import PEERS

JS = Path(__file__).parent / "js"


@pytest.fixture(scope="module", params=["pinned", "newest"])
def seen(request, basic):
    """What a program sees. Node finds packages from where the program lies, so the newest client gets a copy of it."""
    folder = JS
    if request.param == "newest":
        folder = PEERS / "js"
        shutil.copy(JS / "peer.mjs", folder)
    done = subprocess.run(["node", "peer.mjs", basic.url], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("greet", ["Hello Bob!"]),
        ("keywords", [6]),
        ("defaults", [3]),
        ("stream", ["w0", "w0 w1", "w0 w1 w2", "w0 w1 w2 w3", "w0 w1 w2 w3"]),
        ("nested", ["[[0,0,0],[0,0,0]]", "[[0,0],[0,0]]", "[[0],[0]]", "[[0],[0]]"]),
        ("state", [["total=5"], ["total=11"]]),
        ("direct", ["direct x"]),
        ("shown_error", "error: visible x"),
        ("cancel", ["error", "The job was cancelled."]),
        ("logs", ["info text", "warning text"]),
    ],
)
def test_results(seen, case, expected):
    assert seen[case] == expected


def test_an_ill_typed_argument_is_an_error(seen):
    assert seen["ill_typed"].startswith("error: ")
