"""`spaceport deploy`: a folder or a file becomes a Space; what goes wrong is told with the log."""

from __future__ import annotations

import subprocess

import pytest
from tests.hub.conftest import CLI, ENVIRONMENT, HubServer

from spaceport import Client

APP = """
import spaceport as sp
space = sp.Space()

@space.api
def greet(name: str) -> str:
    return f"Hello {name}!"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    yield server
    server.stop()


def deploy(hub, *arguments, user="admin"):
    environment = {**ENVIRONMENT, "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.tokens[user]}
    return subprocess.run([*CLI, "deploy", *arguments], env=environment, capture_output=True, text=True, timeout=120)


def test_a_file_and_then_a_folder_are_deployed(hub, tmp_path):
    (tmp_path / "greet.py").write_text(APP)
    done = deploy(hub, str(tmp_path / "greet.py"), "admin/greet")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:][0].endswith("RUNNING")
    assert done.stdout.splitlines()[-1].strip() == f"{hub.apps}/admin/greet/"
    folder = tmp_path / "folder"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "x.pyc").write_text("no")
    (folder / "app.py").write_text(APP.replace("Hello", "Good morning"))
    (folder / "README.md").write_text("---\ntags: [spaceport]\n---\n")
    done = deploy(hub, str(folder), "admin/greet", "--private")
    assert (done.returncode, "2 files" in done.stdout) == (0, True), done.stderr
    with Client("admin/greet", hub=hub.url, verbose=False) as client:
        assert client.predict("Ann", api_name="/greet") == "Good morning Ann!"
    again = deploy(hub, str(folder), "admin/greet")
    assert again.returncode == 0, again.stderr


def test_a_failed_deploy_says_why(hub, tmp_path):
    (tmp_path / "app.py").write_text("print('here it comes')\nraise SystemExit('broken on purpose')\n")
    done = deploy(hub, str(tmp_path), "admin/broken")
    assert done.returncode == 1
    assert "  | broken on purpose" in done.stdout
    assert "The app did not start" in done.stderr
    (tmp_path / "requirements.txt").write_text("no-such-package-anywhere-9\n")
    done = deploy(hub, str(tmp_path), "admin/unbuilt")
    assert (done.returncode, "no-such-package-anywhere-9" in done.stdout) == (1, True), done.stdout
    assert "could not be installed" in done.stderr
    for arguments, words in (
        ((str(tmp_path / "nothing"), "admin/x"), "There is no folder or file"),
        ((str(tmp_path), "bob/x"), "may not make Spaces for bob"),
    ):
        done = deploy(hub, *arguments, user="ann")
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
