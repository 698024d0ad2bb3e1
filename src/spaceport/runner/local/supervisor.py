"""Starts and ends a supervisor (`supervise`), the parent of all processes of a replica or a build. Blocks."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from spaceport.runner.local import supervise
from spaceport.runner.local.leash import hold
from spaceport.runner.local.processes import state_and_start

_START_S = 30.0
GRACE_S = 10.0
ORPHAN_S = 600.0
"""How long a replica goes on whose hub was killed, unless another hub adopts it."""
_END_S = 25.0
"""A supervisor ends within its grace and the time that it takes to kill what is left."""


@dataclass(slots=True, eq=False)
class Supervised:
    """A command and its supervisor. When they started, in clock ticks since boot, tells them from later processes."""

    pid: int
    started_at: int
    supervisor: int
    supervisor_started_at: int
    host: str = ""
    """The address that the command has for its own; "": none."""
    process: subprocess.Popen[bytes] | None = None
    """The supervisor; None where an earlier hub started it. Its open standard input holds the command (`leash`)."""
    held: socket.socket | None = None
    """Holds the command where an earlier hub started it."""

    def hold(self) -> None:
        """Keep the supervisor from ending the command as one that nobody adopted."""
        if self.process is None and self.held is None:
            self.held = hold(self.supervisor, self.supervisor_started_at)

    def has_ended(self) -> bool:
        """Whether the command runs no more. What it started may still be about to end."""
        state, started_at = state_and_start(self.pid)
        return started_at != self.started_at or state in "ZX"

    def signal_all(self, number: signal.Signals) -> None:
        """SIGTERM: ask them to end, then end them. SIGUSR1: end them at once."""
        if self._supervisor_runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.supervisor, number)

    def stop(self) -> None:
        """Ask all of them to end, and end those that do not; returns when they are gone."""
        self.signal_all(signal.SIGTERM)
        self._wait()
        if self.held is not None:
            self.held.close()
        self.end_group()  # its supervisor was killed or hangs
        if self._supervisor_runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.supervisor, signal.SIGKILL)
            self._wait()

    def end_group(self) -> None:
        """End what is left of the command's process group where its supervisor hangs, or was killed."""
        was_killed = self.process is not None and (self.process.poll() or 0) < 0
        if was_killed or not self.has_ended():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def _supervisor_runs(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        state, started_at = state_and_start(self.supervisor)
        return started_at == self.supervisor_started_at and state not in "ZX"

    def _wait(self) -> None:
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_END_S)
            return
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(self.supervisor)
            try:
                if self._supervisor_runs():
                    is_readable(descriptor, _END_S)
            finally:
                os.close(descriptor)


def supervised(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: int | IO[bytes],
    memory: int = 0,
    files: int = 0,
    processes: int = 0,
    host: str = "",
    attached: bool = False,
    orphan_s: float = ORPHAN_S,
) -> Supervised:
    """Start a command below a supervisor; its output goes to `output`. Raises `OSError`.

    `memory`, `files` and `processes` are limits, 0: none. `host`: the address that it gets for its own, if this machine
    can do that. `attached`: it ends when `process.stdin` is closed, and with this process. Else it ends `orphan_s`
    after this process has, unless another one holds it.
    """
    process = subprocess.Popen(  # noqa: S603  no shell
        [sys.executable, "-I", "-S", supervise.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        env={"PATH": os.defpath},
        start_new_session=True,
    )
    instructions = {
        "command": list(command),
        "environment": dict(environment),
        "folder": str(folder),
        "memory": memory,
        "files": files,
        "processes": processes,
        "host": host,
        "attached": attached,
        "grace_s": GRACE_S,
        "orphan_s": orphan_s,
    }
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(instructions).encode() + b"\n")
        process.stdin.flush()
        report = _read_report(process.stdout)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        process.stdout.close()
    return Supervised(
        report["pid"], report["started_at"], process.pid, report["supervisor_started_at"], report["host"], process
    )


def is_readable(descriptor: int, within_s: float) -> bool:
    """Wait until a descriptor is. `select` would take none above 1,023, and a hub has more."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(within_s * 1000))


def _read_report(pipe: IO[bytes]) -> dict[str, Any]:
    """What the supervisor says of the command that it has started. Raises `OSError`."""
    line = pipe.readline() if is_readable(pipe.fileno(), _START_S) else b""
    if not line:
        raise OSError("The supervisor of the process did not start.")
    report: dict[str, Any] = json.loads(line)
    return report
