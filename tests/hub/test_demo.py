"""`make demo`, as far as it goes by itself: a hub, deploys of every kind, calls with both clients and curl."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def test_the_demo_runs_to_its_end(tmp_path):
    done = subprocess.run(
        [sys.executable, "scripts/demo.py", "--once", "--data", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "348513 primes below five million",
        "chat: Why do you need a holiday?",
        "remember: hub, queue, journal",
        "event: complete",
    ):
        assert words in done.stdout
