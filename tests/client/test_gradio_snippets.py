"""Code for a Gradio Space runs too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.conftest import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def snippet(url, endpoint, language):
    command = [sys.executable, "-m", "spaceport.cli.main", "snippets", url, endpoint, "--language", language]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize(("language", "command"), [("python", [sys.executable, "-c"]), ("bash", ["sh", "-e", "-c"])])
def test_a_snippet_for_gradio_runs(gradio, language, command):
    code = snippet(f"{gradio}/s19/", "two_out", language)
    done = subprocess.run([*command, code], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert '3, "3"' in done.stdout.replace("'", '"'), done.stderr


def test_what_gradio_does_not_understand_is_not_shown(gradio):
    assert snippet(f"{gradio}/s19/", "two_out", "bash_stream") == ""
