"""docs/team.md: the operator's commands run as they stand, and whoever follows the invitation can deploy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.conftest import ROOT
from tests.hub.conftest import HubServer
from tests.hub.test_run import commit

GUIDE = (ROOT / "docs" / "team.md").read_text()
PASSWORD = "a long walk by the sea 17"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server
    server.stop()


def test_the_guide_from_the_first_command_to_a_deploy(hub, tmp_path):
    said = []
    for block in re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL):
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HUB": hub.url}
        environment |= {"SPACEPORT_HUB_DIR": str(hub.data), "BACKUP": str(tmp_path / "backup")}
        done = subprocess.run(["sh", "-e", "-c", block], capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    people, limits = said
    (link,) = re.findall(rf"{hub.url}\S+", people)
    robot = re.findall(r"hf_\w+", people)[-1]
    assert re.search(r"^robot +write", people, re.MULTILINE)
    assert re.search(r"^free .* 600 calls", limits, re.MULTILINE)
    assert (tmp_path / "backup" / "hub.db").is_file()
    with httpx.Client(base_url=hub.url, headers={"origin": hub.url}, timeout=30) as browser:
        assert browser.get(link).status_code == 200
        joins = {"name": "carla", "password": PASSWORD, "invitation": link}
        browser.post("/api/sign-up", json=joins).raise_for_status()
        (team,) = browser.get("/api/whoami-v2").json()["orgs"]
        assert (team["name"], team["roleInOrg"]) == ("research", "write")
        made = browser.post("/api/tokens", json={"name": "laptop", "role": "write"}).json()
    for token, name in ((next(v for v in made.values() if str(v).startswith("hf_")), "demo"), (robot, "nightly")):
        with httpx.Client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}, timeout=30) as program:
            created = {"name": name, "organization": "research", "type": "space", "sdk": "static", "private": True}
            answer = program.post("/api/repos/create", json=created)
            if name == "nightly":  # `research:write` changes Spaces, and makes none
                assert answer.status_code == 403
                name = "demo"
            else:
                answer.raise_for_status()
            files = {"README.md": b"---\nsdk: static\n---\n", "index.html": b"<p>hello"}
            commit(program, f"research/{name}", files).raise_for_status()
