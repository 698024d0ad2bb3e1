"""What all Spaces of a hub share at run time, and how much each of them may have."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spaceport.hub.runtime.builder import Builder
from spaceport.hub.runtime.environment import ReplicaEnvironment
from spaceport.hub.runtime.replicas import ReplicaRecord, Replicas, RunningReplica
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.directory import Spaces
from spaceport.store.hub.ports import SpaceRow


@dataclass(frozen=True)
class FleetLimits:
    """`start_s`: how long a replica may take to listen. `sleep_s`: how long a Space stays awake without a request.

    `memory`: bytes of a process's address space, 0: no limit. `processes`: of one replica. `replicas`: of one Space.
    """

    start_s: float = 300.0
    sleep_s: float = 3600.0
    memory: int = 0
    processes: int = 1024
    replicas: int = 4
    trusts: bool = False
    """Whether Spaces of others than admins run: nothing isolates them from the hub yet."""

    def desired_replicas(self, card: dict[str, Any]) -> int:
        """How many replicas a Space with this front matter has when it is awake."""
        return max(1, min(readme.options(card).replicas, self.replicas))


@dataclass(slots=True)
class RuntimeParts:
    """`on_first_ready` is awaited for the first replica of a revision, before it gets a request.

    `on_replicas_changed` is called when a Space has other replicas than before. `start_slots` limits
    concurrent background starts: those of commits.
    """

    spaces: Spaces
    data: Path
    limits: FleetLimits
    builder: Builder
    replicas: Replicas
    environment: ReplicaEnvironment
    start_slots: asyncio.Semaphore
    on_first_ready: Callable[[SpaceRow, ReplicaRecord], Awaitable[None]] | None = None
    on_replicas_changed: Callable[[SpaceRow], None] | None = None
    tasks: set[asyncio.Future[None]] = field(default_factory=set)
    retiring: dict[RunningReplica, int] = field(default_factory=dict)
    """Replicas of older revisions that finish what they run, by the id of their Space."""

    def run_in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
