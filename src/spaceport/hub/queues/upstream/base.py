"""One attempt at a call on a replica, whichever wire it speaks; what both wires share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from spaceport.client.core.responses import error_from
from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.engine import Attempt, Failure, Job, Result, Retryable
from spaceport.errors import FunctionFailed, InvalidInput, JobCancelled, ReplicaLost
from spaceport.hub.queues.endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.upstream.http import ReplicaHttp

CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")
LOST = Failure(ReplicaLost.code, "The Space stopped while the call ran. Call again.", shown=True)
BROKEN = (ConnectionFailed, RequestTimeout)
"""How a line to a replica ends."""
BUSY = frozenset({429, 502, 503, 504})
"""Answers to a call that say that it was not taken and may be later."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A job on its way to a replica."""

    attempt: Attempt[Job]
    job: Job
    call: RemoteCall
    endpoint: RemoteEndpoint
    visitor: str | None
    """Who pays, as the app may pass it on (`x-ip-token`)."""
    trace: Mapping[str, str]
    """Headers that put what the app does into the job's trace."""

    @property
    def headers(self) -> dict[str, str]:
        found = {**headers_for(self.call), **self.trace}
        return found if self.visitor is None else {**found, "x-ip-token": self.visitor}

    @property
    def body(self) -> dict[str, Any]:
        call = self.call
        body = {"data": call.data, "event_data": call.event_data, "trigger_id": call.trigger_id}
        return body if call.oauth_token is None else {**body, "oauth_token": call.oauth_token}


def headers_for(call: RemoteCall) -> dict[str, str]:
    """Those of the caller's own request that are no secrets, and the hub's."""
    own = {**dict(call.headers), "x-gradio-user": "api", "x-gradio-server": call.root}
    return {**own, "content-type": "application/json"}


class Upstream(Protocol):
    """The calls on one replica."""

    async def run(self, dispatch: Dispatch) -> Result | Failure | Retryable:
        """Until the call has ended there. Raises nothing but `CancelledError`, when its job was cancelled early."""
        ...

    async def check(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        """Raise `InvalidInput` for a call that the app says it would not take."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class SessionHeartbeats:
    """Heartbeats of sessions on a replica, so that it keeps their state."""

    def __init__(self, line: ReplicaHttp) -> None:
        self._line = line
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, session: str) -> None:
        """Until `stop`, or until the replica ends it."""
        if session not in self._tasks:
            self._tasks[session] = asyncio.ensure_future(self._beat(session))

    def stop(self, session: str) -> None:
        task = self._tasks.pop(session, None)
        if task is not None:
            task.cancel()

    def close(self) -> None:
        for session in list(self._tasks):
            self.stop(session)

    async def _beat(self, session: str) -> None:
        with contextlib.suppress(*BROKEN):
            async with self._line.ask("GET", f"heartbeat/{quote(session, safe='')}", {}) as answer:
                async for _ in answer.chunks():
                    pass


def lost(*, begun: bool) -> Retryable:
    return Retryable(LOST, begun)


def refused(status: int, body: bytes, headers: Mapping[str, str], name: str) -> Failure:
    """The app did not take the call: its own words end the job."""
    error = error_from(status, body, headers, f"/{name}")
    code = InvalidInput.code if status == 422 else FunctionFailed.code
    return Failure(code, error.message, shown=True)
