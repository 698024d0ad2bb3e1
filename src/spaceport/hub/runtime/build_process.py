"""Programs that a build runs: in an environment of their own, below a supervisor, bounded, ended with the build."""

from __future__ import annotations

import os
import select
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from spaceport.errors import SpaceportError
from spaceport.hub.runtime.logs import Log
from spaceport.runner.local.supervise import TOO_MANY
from spaceport.runner.local.supervisor import Supervised, supervised

_TIMEOUT_S = 1800
_OUTPUT_GRACE_S = 2.0
"""How long output is read that is still in the pipe when the program has ended."""
_LEAST_MEMORY = 4 << 30
"""What a build may have where apps may have less: uv maps much more than it uses."""
_PASSED_ON = ("PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")
_PASSED_ON_PREFIXES = ("UV_", "LC_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class BuildFailed(SpaceportError):
    """The revision cannot be made to run; its build log says why."""

    code = "build_failed"


class BuildEnded(BuildFailed):
    """Nobody wants the build any more."""


@dataclass(frozen=True, slots=True)
class BuildLimits:
    """Bytes of address space of each process, and how many there may be at once; 0: no limit."""

    memory: int = 0
    processes: int = 1024


class Work:
    """One build on its way; any thread may end it."""

    def __init__(self, log: Path, limits: BuildLimits) -> None:
        self.log = Log(log)
        self._limits = limits
        self._lock = threading.Lock()
        self._running: Supervised | None = None
        self._ended = False

    def say(self, text: str) -> None:
        self.log.add(f"{text}\n".encode(), time.time())

    def stop(self) -> None:
        """Nobody wants it any more: end its processes."""
        with self._lock:
            self._ended = True
            if self._running is not None:
                _end_now(self._running)

    def check(self) -> None:
        """Raise `BuildEnded` if it was ended."""
        if self._ended:
            raise BuildEnded("The build was ended.")

    def run(self, command: list[str]) -> None:
        """Run a program of the build to its end. Raises `BuildFailed`."""
        with _own_folder() as folder:
            reading, writing = os.pipe()
            try:
                with self._lock:
                    self.check()
                    self._running = running = supervised(
                        command,
                        environment=_environment(folder),
                        folder=folder,
                        output=writing,
                        memory=self._limits.memory and max(self._limits.memory, _LEAST_MEMORY),
                        processes=self._limits.processes,
                        attached=True,
                    )
            except BaseException:
                os.close(reading)
                raise
            finally:
                os.close(writing)
            timer = threading.Timer(_TIMEOUT_S, _end_now, [running])
            timer.start()
            try:
                self._copy_output(reading, running)
                assert running.process is not None
                status = running.process.wait()
            finally:
                timer.cancel()
                with self._lock:
                    self._running = None
                _end_now(running)
                running.end_group()
        self.log.finish(time.time())
        self.check()
        if status == TOO_MANY:
            raise BuildFailed(f"The build had more than {self._limits.processes} processes at once: all were ended.")
        if status >= 128:
            raise BuildFailed(f"The build was ended: it may take {_TIMEOUT_S} s, or it used too much memory.")
        if status != 0:
            raise BuildFailed("The requirements could not be installed. The build log says why.")

    def _copy_output(self, reading: int, running: Supervised) -> None:
        """Write the program's output to the log, until its supervisor has ended and a moment more.

        A process that has got away may keep the pipe open, and print, for ever.
        """
        supervisor = os.pidfd_open(running.supervisor)
        waiting = select.poll()
        waiting.register(reading, select.POLLIN)
        waiting.register(supervisor, select.POLLIN)
        deadline: float | None = None
        try:
            while deadline is None or time.monotonic() < deadline:
                ready = dict(waiting.poll(None if deadline is None else _OUTPUT_GRACE_S * 1000))
                if reading in ready:
                    data = os.read(reading, 1 << 16)
                    if not data:
                        return
                    self.log.add(data, time.time())
                if supervisor in ready:
                    waiting.unregister(supervisor)
                    deadline = time.monotonic() + _OUTPUT_GRACE_S
        finally:
            os.close(reading)
            os.close(supervisor)


def _end_now(running: Supervised) -> None:
    """Its supervisor ends all of its processes at once."""
    assert running.process is not None
    assert running.process.stdin is not None
    with suppress(OSError):
        running.process.stdin.close()


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A home and a place for temporary files, which are removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="spaceport-build-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    """What code of a package may see when it is built: of the hub's environment only how to reach packages."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES) or name.lower() in _PROXIES
    }
    home = Path.home()
    cache = os.environ.get("UV_CACHE_DIR") or Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "uv"
    own = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "UV_CACHE_DIR": str(cache),
        "UV_PYTHON_DOWNLOADS": "never",
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME") or str(home / ".config"),
    }
    return {**passed, **own}
