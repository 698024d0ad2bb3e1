"""From a revision to what can be started: its files on disk, and an environment with its requirements.

Environments are shared: one for each set of requirements. A Space of ours that needs nothing else runs in the hub's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv

from spaceport.errors import SpaceportError
from spaceport.hub.runtime.logs import Log
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.repository import EntryNotFound, Repo

_ENVIRONMENTS = "environments"
_REQUIREMENTS = "requirements.txt"
_OURS = re.compile(r"^\s*spaceport\b", re.MULTILINE)
_TIMEOUT_S = 1800
_LOOK_S = 0.5
_READY = ".ready"


class BuildFailed(SpaceportError):
    """The revision cannot be made to run; its build log says why."""

    code = "build_failed"


class NoAppFile(BuildFailed):
    """The revision has nothing to start."""


@dataclass(frozen=True, slots=True)
class Build:
    """`folder` has the revision's files, `python` runs them; `ours`: the app is a Space of ours."""

    commit: str
    folder: Path
    python: Path
    app_file: str
    ours: bool


class Work:
    """One build on its way; any thread may end it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def say(self, text: str) -> None:
        self.log.add(f"{text}\n".encode(), time.time())

    def end(self) -> None:
        """Nobody wants it any more."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def check(self) -> None:
        """Raise `BuildFailed` if it was ended."""
        if self._ended:
            raise BuildFailed("The build was ended.")

    def run(self, command: list[str]) -> None:
        """A program of the build, to its end. Raises `BuildFailed`."""
        with self._lock:
            self.check()
            self._process = process = subprocess.Popen(  # noqa: S603  uv, no shell
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        timer = threading.Timer(_TIMEOUT_S, process.kill)
        timer.start()
        try:
            with process:
                assert process.stdout is not None
                while data := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                    self.log.add(data, time.time())
        finally:
            timer.cancel()
            with self._lock:
                self._process = None
        self.log.end(time.time())
        if process.returncode < 0:
            raise BuildFailed(f"The build was ended; it may take {_TIMEOUT_S} s.")
        if process.returncode != 0:
            raise BuildFailed("The requirements could not be installed. The build log says why.")


class Builder:
    """`data` is the hub's folder."""

    def __init__(self, data: Path) -> None:
        self._environments = data / _ENVIRONMENTS
        self._locks: dict[Path, threading.Lock] = {}

    def build(self, repo: Repo, place: Path, commit: str, card: dict[str, Any], work: Work) -> Build:
        """Blocks. Raises `BuildFailed`."""
        app_file = str(card.get("app_file") or "app.py")
        try:
            repo.entry(commit, app_file)
        except (EntryNotFound, SpaceportError):
            raise NoAppFile(f"There is no file {app_file[:200]}.") from None
        try:
            requirements = repo.read(commit, _REQUIREMENTS).decode("utf-8", "replace")
        except EntryNotFound:
            requirements = ""
        tags = readme.tags(card)
        ours = bool(_OURS.search(requirements)) or "spaceport" in tags
        others = "\n".join(line for line in requirements.splitlines() if not _OURS.match(line)).strip()
        if not ours and not re.search(r"^\s*gradio\b(?!_)", others, re.MULTILINE):
            version = card.get("sdk_version")
            others = f"{others}\ngradio{f'=={version}' if version else ''}".strip()
        work.say(f"{commit[:12]}: {app_file}, {'a Space of ours' if ours else 'gradio'}")
        folder = checked_out(repo, place, commit)
        python = Path(sys.executable) if ours and not others else self._environment(others, work, ours=ours)
        return Build(commit, folder, python, app_file, ours)

    def _environment(self, requirements: str, work: Work, *, ours: bool) -> Path:
        """The interpreter of an environment with these requirements, made where there is none; by one at a time."""
        about = f"{sys.version_info[:3]}\n{ours}\n{requirements}"
        place = self._environments / hashlib.sha256(about.encode()).hexdigest()[:24]
        lock = self._locks.setdefault(place, threading.Lock())
        while not lock.acquire(timeout=_LOOK_S):
            work.check()
        try:
            return self._made(place, requirements, work, ours=ours)
        finally:
            lock.release()

    def _made(self, place: Path, requirements: str, work: Work, *, ours: bool) -> Path:
        python = place / "bin" / "python"
        if (place / _READY).exists():
            os.utime(place / _READY)
            return python
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        wanted = place.with_suffix(".txt")
        wanted.write_text(requirements + "\n")
        command = uv.find_uv_bin()
        work.run([command, "venv", "--quiet", "--python", sys.executable, str(place)])
        # A replica keeps nothing that it compiles; without this each one would compile all that it loads.
        install = [command, "pip", "install", "--compile-bytecode", "--python", str(python)]
        work.run([*install, "--requirement", str(wanted)])
        if ours:  # the hub's own version of what serves it
            here = Path(__file__).parent.parent.parent
            paths = [str(here), *(path for path in sys.path if path.endswith("site-packages"))]
            for packages in place.glob("lib/python*/site-packages"):
                (packages / "spaceport.pth").write_text("\n".join(paths) + "\n")
        (place / _READY).touch()
        return python


def checked_out(repo: Repo, place: Path, commit: str) -> Path:
    """The folder with a revision's files, made where there is none. Blocks."""
    target = place / "revisions" / commit
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        with repo.archive(commit) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            archive.extractall(draft, filter="data")
        with contextlib.suppress(OSError):  # somebody else was first
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
