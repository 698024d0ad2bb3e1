"""When an outcome expires: a fixed time after the end of its job. Expired outcomes are purged once a minute."""

from __future__ import annotations

import asyncio

from spaceport.engine.registry import Registry

_PURGE_INTERVAL_S = 60.0


class Expiry:
    """`start` the purges in the running loop; `stop` ends them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._timer: asyncio.TimerHandle | None = None

    def expires_at(self, finished_at: float) -> float:
        """When the outcome of a job that ended at `finished_at` expires; both are in seconds since the epoch."""
        return finished_at + self._registry.bounds.outcome_ttl_s

    def has_expired(self, expires_at: float | None) -> bool:
        """Whether an outcome has expired; `expires_at` is None for a job that has not ended."""
        return expires_at is not None and expires_at <= self._registry.clock()

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_PURGE_INTERVAL_S, self._spawn_purge)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _spawn_purge(self) -> None:
        self._registry.spawn(self._purge())

    async def _purge(self) -> None:
        await self._registry.journal.purge(self._registry.clock(), self._registry.bounds.outcomes_bytes)
        self.start()
