"""A real hub in a process of its own, and the unmodified client of the Hugging Face Hub against it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.conftest import PEERS, ROOT
from tests.hub.environments import shared_environments

from spaceport.hub.state import Hub

CLI = [sys.executable, "-m", "spaceport.cli.main"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "SPACEPORT_HUB_ADOPT_WITHIN": "60"}


class HubServer:
    """`url` without a slash at its end; `tokens` by user: admin, ann and bob may write, `reader` is ann's."""

    def __init__(
        self, data: Path, *options: str, environment: dict[str, str] | None = None, builds: bool = False
    ) -> None:
        """`builds`: it makes its Spaces' environments itself, as a new hub does."""
        self.environment = {**ENVIRONMENT, **(environment or {})}
        self.data, self.options, self.port, self.tokens = data, options, 0, {}
        data.mkdir(parents=True, exist_ok=True)
        if not builds:
            (data / "environments").symlink_to(shared_environments())
        self.start()
        with contextlib.closing(Hub(data)) as state:  # as `spaceport users add` does, without its three processes
            for user in ("ann", "bob"):
                state.accounts.add(user)
                self.tokens[user] = state.tokens.mint(user, "first")
            self.tokens["reader"] = state.tokens.mint("ann", "reads", "read")

    def start(self) -> None:
        command = [*CLI, "hub", "--port", str(self.port), "--apps-port", "0", "--data-dir", str(self.data)]
        command += self.options
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)
        for line in self.process.stdout:
            if token := re.search(r"hf_\w+", line):
                self.tokens["admin"] = token[0]
            if url := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.url, self.port = url[0], int(url[1])
                break
        else:
            raise AssertionError("the hub did not start")
        self.apps = re.search(r"http://\S+:\d+", self.process.stdout.readline())[0]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process.stdout.close()

    def run(self, *arguments: str, status: int = 0) -> str:
        """A command of the operator."""
        command = [*CLI, *arguments, "--data-dir", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def http(self, user: str | None = None) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.tokens[user]}"} if user else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


class Peer:
    """Runs programs and the `hf` command in the environment of the unmodified `huggingface_hub`."""

    def __init__(self, hub: HubServer, home: Path, user: str | None) -> None:
        self.environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(home), "NO_COLOR": "1"}
        self.environment |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        if user is not None:
            self.environment["HF_TOKEN"] = hub.tokens[user]

    def python(self, program: str, *arguments: str):
        """What the program leaves in `result`."""
        lines = ["import sys, json", "from huggingface_hub import *", "from huggingface_hub.errors import *"]
        code = "\n".join([*lines, program, "print(json.dumps(result, default=str))"])
        done = self._run([PEERS / "hub" / "bin" / "python", "-c", code, *arguments])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def hf(self, *arguments: str, status: int = 0) -> str:
        done = self._run([PEERS / "hub" / "bin" / "hf", *arguments])
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def _run(self, command):
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server
    server.stop()


@pytest.fixture
def peer(hub, tmp_path):
    return lambda user=None: Peer(hub, tmp_path / "home", user)
