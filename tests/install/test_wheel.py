"""The wheel, as a user gets it: built twice alike, installed without this checkout, and the README run with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults import fault

UV = Path(sys.executable).with_name("uv")
HERE = Path(__file__).parent


def _build(folder: Path) -> Path:
    command = [UV, "build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", folder, ROOT]
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"}, timeout=300)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return _build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> Path:
    """An empty environment with the wheel and its extras."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True, timeout=120)
    what = f"{wheel}[hub,media,data,otel,examples]"
    command = [UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", what]
    subprocess.run(command, check=True, timeout=600)
    return folder


def _run(environment: Path, program: str, folder: Path) -> str:
    """Run Python without this checkout on its path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SPACEPORT", "HF_"))}
    command = [environment / "bin" / "python", "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=clean, cwd=folder, timeout=60).stdout


def test_two_builds_are_the_same_bytes(wheel, tmp_path):
    assert _build(tmp_path).read_bytes() == wheel.read_bytes()


def test_what_the_wheel_holds(wheel):
    assert wheel.name.startswith("spaceport_hub-")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"spaceport/py.typed", "spaceport/api/assets/client.js"} <= set(names)
    assert any(name.startswith("spaceport/api/assets/web/") and name.endswith(".js") for name in names)
    assert not [name for name in names if name.startswith("tests/")]


def test_it_is_used_from_the_environment_alone(environment, tmp_path):
    said = _run(
        environment,
        "import spaceport, importlib.metadata as m; print(spaceport.__file__); print(m.version('spaceport-hub'))",
        tmp_path,
    ).split()
    assert said[0].startswith(str(environment))
    assert str(ROOT) not in said[0]


@pytest.mark.parametrize(
    "module",
    [
        "spaceport.hub.gateway.app, spaceport.hub.hfapi.app, spaceport.cli.hub",
        "PIL.Image, numpy",
        "pandas",
        "opentelemetry.sdk.trace",
        "safetensors, tokenizers, pydantic",
    ],
    ids=["hub", "media", "data", "otel", "examples"],
)
def test_extras(environment, tmp_path, module):
    assert _run(environment, f"import {module}; print('there')", tmp_path) == "there\n"


@fault(
    kind="cli",
    given="The README's commands in a fresh shell, one block after the other",
    before="No install step; `Client('admin/words')` failed because HF_ENDPOINT was set for one command only; the HTML"
    " page did nothing when it was opened as a file",
    now="Each block runs as it stands with the wheel that `make dist` builds",
)
def test_the_readme_runs_from_top_to_bottom(environment, tmp_path):
    command = ["unshare", "--net", sys.executable, HERE / "terminal.py", environment, tmp_path]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SPACEPORT", "HF_"))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path, env=clean)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert [text.strip().split("\n")[-1] for text in shown["python"]] == ["HELLO! HELLO!", "HELLO!"]
    two_steps, one_step, command_line, deployed = shown["sh"]
    assert two_steps.startswith('event: complete\ndata: ["HELLO!"]\n')
    assert 'event: generating\ndata: ["hel"]' in one_step
    assert '"data":["HELLO! HELLO!"]' in one_step
    assert command_line.strip() == "HELLO!"
    assert "admin/words" in deployed
    assert shown["title"] == "Words"
    assert shown["wrong"] == []
    assert "This token is shown once: hf_" in shown["hub says"]
