"""Replicas as processes of this machine, each with its children in a process group of its own.

Limits are set by a small program in between (`runner.limited`), which then becomes the replica.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spaceport.runner import limited

_END_S = 10.0


@dataclass(frozen=True, slots=True)
class ReplicaSpec:
    """What to run. `environment` is all that the process gets; its output is added to `log`.

    `memory`: bytes of address space, 0: any; `processes`, `files`: how many it may have.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    memory: int = 0
    processes: int = 0
    files: int = 4096


@dataclass(slots=True)
class Replica:
    """A started process."""

    process: subprocess.Popen[bytes]
    spec: ReplicaSpec = field(repr=False)


class LocalRunner:
    def start(self, spec: ReplicaSpec) -> Replica:
        """Raises `OSError` if there is no such program."""
        limits = [str(limit) for limit in (spec.memory, spec.processes, spec.files)]
        with spec.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  no shell; what runs is the owner's program
                [sys.executable, "-I", limited.__file__, *limits, *spec.command],
                cwd=spec.folder,
                env=dict(spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Replica(process, spec)

    def poll(self, replica: Replica) -> int | None:
        """Its exit status; None while it runs."""
        return replica.process.poll()

    def stop(self, replica: Replica) -> None:
        """SIGTERM, then SIGKILL, to it and all that it has started. Returns when it is gone; blocks."""
        self._signal(replica, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            replica.process.wait(_END_S)
        self._signal(replica, signal.SIGKILL)  # children outlive their parent
        replica.process.wait()

    def end_left(self, pid: int, folder: Path) -> None:
        """SIGKILL to a replica of an earlier process and all that it has started, if it works below `folder` still.

        Raises `OSError` where there is no such process.
        """
        if folder.resolve() in Path(f"/proc/{pid}/cwd").resolve().parents:
            os.killpg(pid, signal.SIGKILL)

    def _signal(self, replica: Replica, what: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(replica.process.pid, what)
