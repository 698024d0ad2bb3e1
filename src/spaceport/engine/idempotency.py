"""Ensures one job per `Idempotency-Key`, also while the first request with the key is being journalled."""

from __future__ import annotations

import asyncio

from spaceport.engine.jobs import Job
from spaceport.errors import Conflict


class PendingKeys:
    """The keys of jobs that are being journalled. The journal knows all older ones."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[Job, bytes, asyncio.Future[None]]] = {}

    async def get(self, key: str, digest: bytes) -> Job | None:
        """The job that this key stands for, once it is accepted; None for an unknown key.

        Raises what the job's submission raised, and `Conflict` if the key was used for another body.
        """
        known = self._jobs.get(key)
        if known is None:
            return None
        job, body, accepted = known
        check_digest(body, digest)
        await asyncio.shield(accepted)
        return job

    def add(self, key: str, job: Job, digest: bytes, accepted: asyncio.Future[None]) -> None:
        self._jobs[key] = (job, digest, accepted)

    def remove(self, key: str) -> None:
        self._jobs.pop(key, None)


def check_digest(known: bytes, digest: bytes) -> None:
    """Raise `Conflict` if the bodies of two requests with one key differ."""
    if known != digest:
        raise Conflict("This Idempotency-Key was used for a call with another body. Use a new key for a new call.")
