"""The Spaces of a hub at run time: a registry of `SpaceRuntime`, filled from what a killed hub left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from spaceport.hub.runtime.build_process import BuildLimits
from spaceport.hub.runtime.builder import Builder
from spaceport.hub.runtime.context import Broken
from spaceport.hub.runtime.environment import ReplicaEnvironment
from spaceport.hub.runtime.parts import FleetLimits, RuntimeParts
from spaceport.hub.runtime.replicas import ReplicaRecord, Replicas
from spaceport.hub.runtime.space_runtime import SpaceRuntime
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.runner.base import Runner
from spaceport.store.hub.ports import SpaceRow

__all__ = ["Fleet", "FleetLimits"]


class Fleet:
    """Make it in the hub's event loop; `start` it before use, and `stop` it before the loop ends."""

    def __init__(
        self,
        spaces: Spaces,
        data: Path,
        limits: FleetLimits,
        runner: Runner,
        environment: ReplicaEnvironment,
    ) -> None:
        self.stopping = False
        """Whether the hub is about to end."""
        self.limits = limits
        self._spaces = spaces
        self._data = data
        self._runtimes: dict[int, SpaceRuntime] = {}
        self._parts = RuntimeParts(
            spaces,
            data,
            limits,
            Builder(data, BuildLimits(limits.memory, limits.processes)),
            Replicas(data, runner, limits.start_s, limits.memory),
            environment,
            asyncio.Semaphore(max(2, os.cpu_count() or 1)),
        )

    def on_first_ready(self, told: Callable[[SpaceRow, ReplicaRecord], Awaitable[None]]) -> None:
        """Await `told` for the first replica of each revision, before it gets a request."""
        self._parts.on_first_ready = told

    def on_replicas_changed(self, told: Callable[[SpaceRow], None]) -> None:
        """Call `told` when a Space has other replicas than before."""
        self._parts.on_replicas_changed = told

    def of(self, space: SpaceRow) -> SpaceRuntime:
        """The runtime of a Space, made where there is none."""
        runtime = self._runtimes.get(space.id)
        if runtime is None:  # more than one thread may ask
            runtime = self._runtimes.setdefault(space.id, SpaceRuntime(space, self._parts))
        runtime.space = space
        return runtime

    def known(self, space: SpaceRow) -> SpaceRuntime | None:
        """The runtime of a Space that was started, used or found broken since the hub started."""
        runtime = self._runtimes.get(space.id)
        return runtime if runtime is not None and runtime.known else None

    def spaces(self) -> list[SpaceRow]:
        """Those that have a runtime."""
        return [runtime.space for runtime in list(self._runtimes.values())]

    async def start(self) -> None:
        """Take over the replicas of a hub that was killed, and stop those that nobody needs."""
        spaces = {(self._data / space.folder): space for space in self._spaces.all()}
        async for paths, replica in self._parts.replicas.adopt():
            space = spaces.get(paths.folder)
            stale = space is None or replica.record.commit != self._spaces.head(space)
            if space is None or stale or not self.of(space).is_trusted():
                self._parts.run_in_background(self._parts.replicas.stop(paths, replica))
            else:
                self.of(space).adopt(replica)
        for path in self._data.glob(f"spaces/*/{SpacePaths.BROKEN}"):
            with contextlib.suppress(OSError, msgspec.DecodeError):
                broken, space = msgspec.json.decode(path.read_bytes(), type=Broken), spaces.get(path.parent)
                if space is not None and broken.commit == self._spaces.head(space) and not self.of(space).known:
                    self.of(space).found_broken(broken)
        for runtime in list(self._runtimes.values()):
            runtime.fill()

    async def stop(self) -> None:
        """End everything that runs."""
        for runtime in list(self._runtimes.values()):
            runtime.cancel_start()
        for replica in self._parts.retiring:
            replica.idle.set()
        await asyncio.gather(*self._parts.tasks, return_exceptions=True)
        await asyncio.gather(*(runtime.stop("STOPPED") for runtime in list(self._runtimes.values())))

    async def end_untrusted(self) -> None:
        """End what runs of owners who are admins no more, unless everybody's Spaces run."""
        if not self.limits.trusts:
            await asyncio.gather(*(runtime.end_if_untrusted() for runtime in list(self._runtimes.values())))

    async def remove(self, space: SpaceRow) -> None:
        """The Space is going to be deleted."""
        await self.of(space).halt("STOPPED")
        self._runtimes.pop(space.id, None)
