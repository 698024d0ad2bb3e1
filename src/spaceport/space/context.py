"""The call that the current code runs for, in its thread or task."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from spaceport.client import visitor
from spaceport.engine import Attempt, Flag, Job, LogLine
from spaceport.space.encoder import OpenStream
from spaceport.space.saver import Saver


@dataclass(slots=True, eq=False)
class CallContext:
    """The call that the current code runs for, or the batch of them."""

    attempt: Attempt[Job]
    jobs: list[Job]
    headers: tuple[tuple[bytes, bytes], ...]
    """Headers of the request that made the (first) call."""
    loop: asyncio.AbstractEventLoop
    saver: Saver | None = None
    """Stores the files of its outputs."""
    streams: dict[int, OpenStream] | None = None
    """Audio streams that it has begun, by component; None where the function cannot stream."""

    def report(self, units: tuple[dict[str, Any], ...]) -> None:
        """Send progress to the callers. May be called from any thread."""
        for job in self.jobs:
            self.loop.call_soon_threadsafe(self.attempt.sink.progress, job, units)

    def log(self, line: LogLine) -> None:
        """Send a message to the callers. May be called from any thread."""
        for job in self.jobs:
            self.loop.call_soon_threadsafe(self.attempt.sink.log, job, line)

    @property
    def cancelled(self) -> Flag:
        return self.attempt.cancelled

    @property
    def log_fields(self) -> dict[str, str]:
        """Fields of a log line that is written while it runs: `job`, `endpoint`, `request_id`."""
        return log_fields(self.jobs[0])

    @property
    def visitor(self) -> str | None:
        """The `x-ip-token` of the request."""
        return next((value.decode("latin-1") for name, value in self.headers if name == b"x-ip-token"), None)


def log_fields(job: Job) -> dict[str, str]:
    """Fields of a log line about a job: `job`, `endpoint`, `request_id`; empty ones are left out."""
    fields = {"job": job.id, "endpoint": job.endpoint, "request_id": job.request_id}
    return {key: value for key, value in fields.items() if value}


current: ContextVar[CallContext | None] = ContextVar("spaceport_call", default=None)


def cancelled() -> bool:
    """Whether the running call was cancelled: a long plain function may ask now and then, and return early."""
    call = current.get()
    return call is not None and call.cancelled.is_set()


def _visitor() -> str | None:
    call = current.get()
    return None if call is None else call.visitor


visitor.sources.append(_visitor)
