"""Replicas as processes of this machine, each with its children in a process group of its own.

Limits are set by a small program in between (`exec_with_rlimits`), which then becomes the replica.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spaceport.runner.local import exec_with_rlimits

_END_S = 10.0


@dataclass(frozen=True, slots=True)
class ReplicaSpec:
    """What to run. `environment` is all that the process gets; its output is added to `log`.

    `memory`: bytes of address space, 0: any; `files`: how many it may have open.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    memory: int = 0
    files: int = 4096


@dataclass(slots=True)
class Replica:
    """A started process; `begun` (clock ticks since the machine started) tells it from a later one with its `pid`.

    `process` is None for one that an earlier process of ours has started.
    """

    pid: int
    begun: int
    process: subprocess.Popen[bytes] | None = None


class LocalRunner:
    def start(self, spec: ReplicaSpec) -> Replica:
        """Raises `OSError` if there is no such program."""
        limits = [str(limit) for limit in (spec.memory, spec.files)]
        # a named pipe is opened for reading too, so that printing goes on when nobody reads for a while
        with os.fdopen(os.open(spec.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0) as log:
            process = subprocess.Popen(  # noqa: S603  no shell; what runs is the owner's program
                [sys.executable, "-I", exec_with_rlimits.__file__, *limits, *spec.command],
                cwd=spec.folder,
                env=dict(spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Replica(process.pid, _facts(process.pid)[1], process)

    def adopt(self, pid: int, begun: int) -> Replica | None:
        """A replica that an earlier process has started; None where it is gone."""
        replica = Replica(pid, begun)
        return None if self.ended(replica) else replica

    def ended(self, replica: Replica) -> bool:
        """Whether it runs no more."""
        if replica.process is not None:
            return replica.process.poll() is not None
        state, begun = _facts(replica.pid)
        return begun != replica.begun or state in "ZX"

    def watch(self, replica: Replica) -> int:
        """A descriptor that becomes readable when it ends; the caller closes it. Raises `OSError` if it is gone."""
        return os.pidfd_open(replica.pid)

    def kill(self, replica: Replica) -> None:
        """SIGKILL to it and all that it has started, at once."""
        self._signal(replica, signal.SIGKILL)

    def stop(self, replica: Replica) -> None:
        """SIGTERM, then SIGKILL, to it and all that it has started. Returns when it is gone; blocks."""
        self._signal(replica, signal.SIGTERM)
        self._wait(replica, _END_S)
        self._signal(replica, signal.SIGKILL)  # children outlive their parent
        self._wait(replica, _END_S)

    def _wait(self, replica: Replica, timeout_s: float) -> None:
        if replica.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                replica.process.wait(timeout_s)
            return
        with contextlib.suppress(OSError):
            descriptor = self.watch(replica)
            try:
                if not self.ended(replica):
                    select.select([descriptor], [], [], timeout_s)
            finally:
                os.close(descriptor)

    def _signal(self, replica: Replica, what: signal.Signals) -> None:
        if replica.process is None and _facts(replica.pid)[1] not in (replica.begun, 0):
            return  # the number is somebody else's now
        with contextlib.suppress(ProcessLookupError):
            os.killpg(replica.pid, what)


def _facts(pid: int) -> tuple[str, int]:
    """State and start of a process (proc(5), stat); "X" and 0 where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return fields[0], int(fields[19])
