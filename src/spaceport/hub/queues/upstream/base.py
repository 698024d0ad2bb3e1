"""What all protocols between the hub and a replica share: one attempt at a call, and the seam `Upstream`."""

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
from spaceport.hub.queues.remote_endpoint import RemoteCall, RemoteEndpoint
from spaceport.hub.queues.upstream.http import ReplicaHttp

CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")
LOST = Failure(ReplicaLost.code, "The Space stopped while the call ran. Call again.", shown=True)
BROKEN = (ConnectionFailed, RequestTimeout)
"""How a connection to a replica fails."""
BUSY = frozenset({429, 502, 503, 504})
"""Statuses of a replica that did not accept a call now, but may accept it later."""


@dataclass(slots=True)
class Dispatch:
    """A job that is sent to a replica."""

    attempt: Attempt[Job]
    job: Job
    call: RemoteCall
    endpoint: RemoteEndpoint
    payer_token: str | None
    """Says who pays. The app may pass it on to another Space (`x-ip-token`)."""
    trace: Mapping[str, str]
    """Headers that make what the app does part of the job's trace."""

    @property
    def headers(self) -> dict[str, str]:
        headers = headers_for(self.call)
        headers.update(self.trace)
        if self.payer_token is not None:
            headers["x-ip-token"] = self.payer_token
        return headers

    @property
    def body(self) -> dict[str, Any]:
        call = self.call
        body = {"data": call.data, "event_data": call.event_data, "trigger_id": call.trigger_id}
        return body if call.oauth_token is None else {**body, "oauth_token": call.oauth_token}


def headers_for(call: RemoteCall) -> dict[str, str]:
    """The caller's own headers without secrets, and the hub's."""
    headers = dict(call.headers)
    headers["x-gradio-user"] = "api"
    headers["x-gradio-server"] = call.root
    headers["content-type"] = "application/json"
    return headers


class Upstream(Protocol):
    """Calls one replica."""

    async def run(self, dispatch: Dispatch) -> Result | Failure | Retryable:
        """Run a call and return once it has ended at the replica. Raises only `CancelledError`, when it is cancelled
        before it was sent."""
        ...

    async def check(self, endpoint: RemoteEndpoint, call: RemoteCall) -> None:
        """Raise `InvalidInput` for a call that the app says it would not take."""
        ...

    def close(self) -> None:
        """Close all connections and cancel all tasks."""
        ...


class SessionHeartbeats:
    """Sends heartbeats of sessions to a replica, so that it keeps their state."""

    def __init__(self, http: ReplicaHttp) -> None:
        self._http = http
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, session: str) -> None:
        """Send heartbeats until `stop`, or until the replica ends the request."""
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
            async with self._http.ask("GET", f"heartbeat/{quote(session, safe='')}", {}) as answer:
                async for _ in answer.chunks():
                    pass


def lost(*, begun: bool) -> Retryable:
    return Retryable(LOST, begun)


def refused(status: int, body: bytes, headers: Mapping[str, str], name: str) -> Failure:
    """How a job ends that the app has refused: with the app's own message."""
    error = error_from(status, body, headers, f"/{name}")
    code = InvalidInput.code if status == 422 else FunctionFailed.code
    return Failure(code, error.message, shown=True)
