"""The environments that hubs of a test run share: their Gradio is the peers', which `make peers` has installed already.

To build one with uv takes most of a minute; `tests/hub/test_run.py` and the demo do it.
"""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from pathlib import Path

from tests.conftest import PEERS, SCRATCH

from spaceport.hub.runtime.build_process import BuildLimits, Work
from spaceport.hub.runtime.builder import Builder
from spaceport.hub.spaces.repository import Change, Repo

PEER_OF = {"6.31.0": "gradio", "5.50.0": "gradio-5"}
"""The environment of `.peers` that has a version of Gradio (`requirements/`)."""


class _PeersInstead(Work):
    """Makes an environment as a build does, and puts a peer's packages into its reach instead of installing them."""

    def __init__(self, log: Path, packages: list[Path]) -> None:
        super().__init__(log, BuildLimits())
        self._packages = packages

    def run(self, command: list[str]) -> None:
        if "install" not in command:
            super().run(command)
            return
        python = Path(command[command.index("--python") + 1])
        (own,) = python.parent.parent.glob("lib/python*/site-packages")
        (own / "peers.pth").write_text("".join(f"{one}\n" for one in self._packages))


def shared_environments() -> Path:
    """The folder, made by the first hub of a run."""
    target = SCRATCH / "environments"
    with (SCRATCH / "environments.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            target.mkdir()
            for version, peer in PEER_OF.items():
                _make(version, PEERS / peer)
            if (PEERS / "oauth").exists():
                _make("6.31.0", PEERS / "gradio", PEERS / "oauth", hf_oauth=True)
    return target


def _make(version: str, peer: Path, *more: Path, **card: bool) -> None:
    """`card`: what the front matter of the Spaces that use it says beside the version."""
    folders = [next(one.glob("lib/python*/site-packages")) for one in (peer, *more)]
    packages = folders[0]
    if not (packages / f"gradio-{version}.dist-info").exists():
        return  # the hub builds it
    if not (packages / "gradio" / "__pycache__").exists():  # replicas keep nothing that they compile
        subprocess.run([peer / "bin" / "python", "-c", "import gradio"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        app, repo = Path(folder, "app.py"), Repo(Path(folder))
        app.touch()
        repo.create()
        commit = repo.commit([Change("app.py", app)], "test", "first")
        work = _PeersInstead(Path(folder, "build.log"), folders)
        Builder(SCRATCH, BuildLimits()).build(repo, Path(folder), commit, {"sdk_version": version, **card}, work)
