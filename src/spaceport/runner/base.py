"""The seam between the hub and whatever runs replicas: `Runner`, and what it says of a replica.

A replica is one started copy of a Space's app. It has an `id` (the runner's own name for it, with which a later hub
finds it again), an `epoch` (chosen by the hub, different for each start, so that nothing meant for an earlier copy
reaches a later one) and, from the moment it listens, an `address`.

    start → Starting → Listening → Ended
                └────────────────────↑

Every implementation passes tests/contract/test_runner.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReplicaSpec:
    """What to start. `environment` is all that the app gets, beside the name and port of its server.

    `log`: a file or named pipe to which the app's output is appended. `memory`: bytes of address space, 0: no limit.
    `files`: how many files it may have open. `port`: the port that the app listens on, if its author says so.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    epoch: str
    memory: int = 0
    files: int = 4096
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica that was started or adopted. Its `id` has at most 255 printable ASCII characters."""

    id: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Starting:
    """The replica runs and does not listen yet on `port`.

    `obstacle`: what seems to keep it from listening, as sentences.
    """

    port: int
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Listening:
    """The replica accepts connections at `address` (`host:port`), which stays the same until it ends.

    `note`: what its owner should know about that, as sentences.
    """

    address: str
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """The replica and all that it started are gone. `reason`: why, as a sentence; "" where it is not known."""

    reason: str = ""


Status = Starting | Listening | Ended


class Runner(Protocol):
    """Starts replicas, says how they are, and stops them. Its methods run in the hub's event loop and do not block."""

    async def start(self, spec: ReplicaSpec, on_exit: Callable[[str], None]) -> Replica:
        """Start a replica; return as soon as it runs, which is before it listens.

        `on_exit` is called once, from the event loop, when the replica ends without `stop`, at the earliest when this
        method has returned. It is given the reason as a sentence, or "".

        Raises `OSError` when nothing could be started; then no process is left. When cancelled, what was started is
        stopped.
        """
        ...

    async def poll(self, replica: Replica) -> Status:
        """The status of a replica of this runner. Of one that has been stopped, or is unknown: `Ended`."""
        ...

    async def stop(self, replica: Replica) -> None:
        """End the replica and all processes that it started; return when they are gone.

        They are asked to end first, and have ten seconds for it. Does nothing for a replica that has ended. May be
        called more than once, and for a replica that an earlier hub left behind and that could not be adopted.
        """
        ...

    async def adopt(self, replica: Replica, on_exit: Callable[[str], None]) -> Status:
        """Take over a replica that an earlier process of the hub started, if it still runs.

        `on_exit` as for `start`, unless the status is `Ended`: then nothing was taken over.
        """
        ...
