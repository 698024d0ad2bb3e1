"""From a revision to what can be started: its files on disk, and an environment with its requirements.

Environments are shared: one for each set of requirements. A Space of ours that needs nothing else runs in the hub's.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv

from spaceport.errors import SpaceportError
from spaceport.hub.runtime import requirements
from spaceport.hub.runtime.build_process import BuildEnded, BuildFailed, BuildLimits, Work
from spaceport.hub.runtime.interpreters import find_interpreter
from spaceport.hub.runtime.requirements import Requirements, RequirementsRefused
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.repository import EntryNotFound, Repo

__all__ = ["Build", "BuildEnded", "BuildFailed", "Builder", "InvalidConfiguration", "NoAppFile", "Work", "checked_out"]

_ENVIRONMENTS = "environments"
_POLL_INTERVAL_S = 0.5
_READY = ".ready"
_VERSION = re.compile(r"[0-9A-Za-z.+!*_-]{1,64}")
_NOT_DONE = {
    "packages.txt": "Debian packages are not installed: the machine of this hub has those that its operator chose.",
    "pre-requirements.txt": "it is not installed before requirements.txt: write what it has in requirements.txt.",
}
_NOT_DONE_KEYS = {
    "preload_from_hub": "nothing is downloaded at the build: the app downloads it when it starts.",
    "app_build_command": "no command is run at the build.",
}


class NoAppFile(BuildFailed):
    """The revision has nothing to start."""


class InvalidConfiguration(BuildFailed):
    """The README's front matter asks for what this hub does not have."""


@dataclass(frozen=True, slots=True)
class Build:
    """`folder` has the revision's files, `python` runs them; `ours`: the app is a Space of ours.

    `port`: where the app listens, if its author says so. `notices`: what of the revision this hub does not do.
    """

    commit: str
    folder: Path
    python: Path
    app_file: str
    ours: bool
    port: int | None = None
    notices: tuple[str, ...] = ()


class Builder:
    """`data` is the hub's folder."""

    def __init__(self, data: Path, limits: BuildLimits) -> None:
        self._environments = data / _ENVIRONMENTS
        self._limits = limits

    def work(self, log: Path) -> Work:
        """A build that is about to begin."""
        return Work(log, self._limits)

    def build(self, repo: Repo, space_folder: Path, commit: str, card: dict[str, Any], work: Work) -> Build:
        """Blocks. Raises `BuildFailed`."""
        app_file = readme.app_file(card, "gradio")
        try:
            repo.entry(commit, app_file)
        except (EntryNotFound, SpaceportError):
            raise NoAppFile(f"There is no file {app_file[:200]}.") from None
        folder = checked_out(repo, space_folder, commit)
        found = _requirements(repo, commit, folder)
        ours = found.is_ours or "spaceport" in readme.tags(card)
        lines = list(found.lines)
        if not ours and "gradio" not in found.names:
            version = _version(card, "sdk_version")
            package = "gradio[oauth]" if readme.oauth(card) else "gradio"
            lines.append(f"{package}=={version}" if version else package)
        work.say(f"{commit[:12]}: {app_file}, {'a Space of ours' if ours else 'gradio'}")
        notices = tuple(_notices(repo, commit, card))
        for notice in notices:
            work.say(notice)
        python = _interpreter(card, ours=ours)
        if not ours or lines:
            about = f"{python}\n{sys.version_info[:3]}\n{ours}\n{commit if found.has_paths else ''}"
            python = self._environment(about, python, lines, found.constraints, work, ours=ours)
        return Build(commit, folder, python, app_file, ours, _port(card), notices)

    def _environment(
        self, about: str, base: Path, lines: list[str], constraints: tuple[str, ...], work: Work, *, ours: bool
    ) -> Path:
        """The interpreter of an environment with these requirements, made if it is missing, by one build at a time."""
        text = "\n".join([about, *lines, "", *constraints])
        target = self._environments / hashlib.sha256(text.encode()).hexdigest()[:24]
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_suffix(".lock"), work):
            return self._make_environment(target, base, lines, constraints, work, ours=ours)

    def _make_environment(
        self, target: Path, base: Path, lines: list[str], constraints: tuple[str, ...], work: Work, *, ours: bool
    ) -> Path:
        python = target / "bin" / "python"
        if (target / _READY).exists():
            os.utime(target / _READY)
            return python
        shutil.rmtree(target, ignore_errors=True)
        listed = target.with_suffix(".txt")
        listed.write_text("\n".join(lines) + "\n")
        command = uv.find_uv_bin()
        work.run([command, "venv", "--quiet", "--python", str(base), str(target)])
        # A replica keeps nothing that it compiles; without this each one would compile all that it loads. A package's
        # own sources could lie anywhere on this machine.
        install = [command, "pip", "install", "--compile-bytecode", "--no-sources", "--python", str(python)]
        if constraints:
            bounds = target.with_suffix(".constraints.txt")
            bounds.write_text("\n".join(constraints) + "\n")
            install += ["--constraint", str(bounds)]
        work.run([*install, "--requirement", str(listed)])
        if ours:  # the hub's own version of what serves it
            here = Path(__file__).parent.parent.parent.parent
            paths = [str(here), *(path for path in sys.path if path.endswith("site-packages"))]
            for packages in target.glob("lib/python*/site-packages"):
                (packages / "spaceport.pth").write_text("\n".join(paths) + "\n")
        (target / _READY).touch()
        return python


@contextlib.contextmanager
def _locked(path: Path, work: Work) -> Iterator[None]:
    """One build at a time, also of those of other hubs that share the folder."""
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                work.check()
                time.sleep(_POLL_INTERVAL_S)
        yield


def _requirements(repo: Repo, commit: str, folder: Path) -> Requirements:
    """Raises `BuildFailed`."""

    def content(file: str) -> bytes | None:
        try:
            entry = repo.entry(commit, file)
        except (EntryNotFound, SpaceportError):
            return None
        if entry.size > requirements.MAX_BYTES:
            raise RequirementsRefused(f"{file} has {entry.size} bytes; {requirements.MAX_BYTES} are allowed.")
        return repo.read(commit, file)

    try:
        return requirements.read(content, folder)
    except RequirementsRefused as error:
        raise BuildFailed(str(error)) from None


def _notices(repo: Repo, commit: str, card: dict[str, Any]) -> list[str]:
    """What the revision asks of a hub and this one does not do, as sentences."""
    files = {entry.path for entry in repo.tree(commit, recursive=False)}
    found = [f"{name}: {text}" for name, text in _NOT_DONE.items() if name in files]
    found += [f"{key}: {text}" for key, text in _NOT_DONE_KEYS.items() if card.get(key)]
    oauth = readme.oauth(card)
    if oauth is not None and oauth.unknown:
        found.append(f"hf_oauth_scopes: this hub does not have {', '.join(one[:40] for one in oauth.unknown)}.")
    return found


def _version(card: dict[str, Any], key: str) -> str | None:
    """A version as the front matter has it. Raises `InvalidConfiguration`."""
    value = card.get(key)
    if value is None or value == "":
        return None
    if type(value) not in (str, int) or not _VERSION.fullmatch(str(value)):
        raise InvalidConfiguration(f"{key} in the README's front matter must be a version, such as 3.10.")
    return str(value)


def _interpreter(card: dict[str, Any], *, ours: bool) -> Path:
    """The Python that the front matter asks for, else the hub's. Raises `InvalidConfiguration`."""
    wanted = _version(card, "python_version")
    if wanted is None:
        return Path(sys.executable)
    found, others = find_interpreter(wanted)
    own = ".".join(str(part) for part in sys.version_info[:2])
    if ours and found != Path(sys.executable):
        raise InvalidConfiguration(f"python_version: {wanted}: a Space of ours runs with the hub's own Python, {own}.")
    if found is None:
        raise InvalidConfiguration(f"python_version: {wanted} is not installed here. There is {', '.join(others)}.")
    return found


def _port(card: dict[str, Any]) -> int | None:
    """The port on which the app listens, if the front matter says so. Raises `InvalidConfiguration`."""
    value = card.get("app_port")
    if value is None:
        return None
    text = str(value)
    if type(value) not in (str, int) or not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise InvalidConfiguration("app_port in the README's front matter must be a port: 1 to 65535.")
    return int(text)


def checked_out(repo: Repo, space_folder: Path, commit: str) -> Path:
    """The folder with a revision's files, made if it is missing. Blocks."""
    target = space_folder / "revisions" / commit
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        repo.check_out(commit, draft)
        with contextlib.suppress(OSError):  # somebody else was first
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
