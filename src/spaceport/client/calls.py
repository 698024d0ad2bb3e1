"""The two ways to make a call: our one request that can be resumed, and Gradio's join of a shared stream.

Both take a `Run`, feed it until it has ended, and hand every update to `tell`. They raise nothing about the call
itself: that is in the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from spaceport.client.core.answers import RETRY_STATUSES, error_from, parsed, retry_after
from spaceport.client.core.retry import backoff
from spaceport.client.core.run import Run
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import ConnectionFailed, JobLost, QueueError, RequestTimeout, ServerError
from spaceport.client.http import Http
from spaceport.client.status import Status, StatusUpdate, Update
from spaceport.errors import SpaceportError

Tell = Callable[[list[Update]], None]
_TRIES = 4
_EARLY_MAX = 10_000
RESUME_S = 120.0
"""How long a broken line is tried again before the job counts as lost."""


class Call(Protocol):
    """One call on its way. `job_id` is known once the server has accepted it."""

    job_id: str | None

    async def drive(self) -> None: ...

    async def cancel(self) -> None: ...


class ResumableCall:
    """A server of ours: POST answers with the events; a dropped line goes on after `Last-Event-ID`."""

    def __init__(
        self,
        http: Http,
        prefix: str,
        run: Run,
        tell: Tell,
        *,
        body: Mapping[str, Any] | None,
        job_id: str | None = None,
        headers: Mapping[str, str],
    ) -> None:
        """Give `body` for a new call, `job_id` to follow one that exists."""
        self.job_id = job_id
        self._http = http
        self._path = f"{prefix}call/{quote((run.endpoint.name or '').strip('/'))}"
        self._run = run
        self._tell = tell
        self._body = None if body is None else json.dumps(body).encode()
        self._headers = {"accept": "text/event-stream", **headers}
        self._key = uuid.uuid4().hex
        self._last = ""

    async def drive(self) -> None:
        waits = backoff()
        broken_at: float | None = None
        clock = asyncio.get_running_loop().time
        while not self._run.ended:
            seen = self._last
            try:
                again = await self._listen()
                problem: SpaceportError = ConnectionFailed("The stream of the job ended before the job did.")
            except (ConnectionFailed, RequestTimeout) as error:
                problem, again = error, None
            if self._ended():
                return
            if self._last != seen or broken_at is None:
                broken_at, waits = clock(), backoff()
            if clock() - broken_at > RESUME_S or (self.job_id is None and clock() - broken_at > RESUME_S / 8):
                self._tell(self._run.fail(problem))
                return
            await asyncio.sleep(again if again is not None else next(waits))

    def _ended(self) -> bool:
        return self._run.ended

    async def _listen(self) -> float | None:
        """Read events until the stream ends. Seconds to wait, if the server asked to come again."""
        if self.job_id is None:
            headers = {**self._headers, "content-type": "application/json", "idempotency-key": self._key}
            exchange = self._http.stream("POST", f"{self._path}?events=all", content=self._body, headers=headers)
        else:
            headers = {**self._headers, **({"last-event-id": self._last} if self._last else {})}
            exchange = self._http.stream("GET", f"{self._path}/{self.job_id}?events=all", headers=headers)
        async with exchange as response:
            if response.status == 204:
                self._tell(self._run.fail(JobLost("The server has nothing more to say about this job.")))
                return None
            if response.status != 200:
                return await self._refused(response.status, await response.read(), response.headers)
            parser = EventParser()
            async for chunk in response.chunks:
                for event in parser.feed(chunk):
                    self._event(event.event, event.data, event.id)
                if self._run.ended:
                    return None
        return None

    def _event(self, kind: str, data: str, event_id: str) -> None:
        if kind == "heartbeat":
            return
        value = parsed(data.encode())
        if kind == "status" and isinstance(value, dict) and isinstance(value.get("event_id"), str):
            self.job_id = value["event_id"]
        if kind == "error" and value == "Server stopped unexpectedly." and self.job_id is not None:
            return  # the job lives on in the journal: ask again
        self._last = event_id or self._last
        self._tell(self._run.event(kind, value))

    async def _refused(self, status: int, body: bytes, headers: Mapping[str, str]) -> float | None:
        error = error_from(status, body, headers, self._run.endpoint.name or "The call")
        if self.job_id is not None and status == 404:
            error = JobLost("The server does not know this job, or no longer.")
        elif status in RETRY_STATUSES and not isinstance(error, QueueError) and status != 429:
            return retry_after(headers) or 0.5
        self._tell(self._run.fail(error))
        return None

    async def cancel(self) -> None:
        if self.job_id is not None:
            prefix = self._path.rsplit("call/", 1)[0]
            with contextlib.suppress(SpaceportError):
                await self._http.fetch("DELETE", f"{prefix}jobs/{self.job_id}")


class SessionStream:
    """Gradio's stream of a session: one reader hands messages to the calls they belong to."""

    def __init__(self, http: Http, prefix: str, session: str) -> None:
        self._http = http
        self._path = f"{prefix}queue/data?session_hash={session}"
        self._calls: dict[str, QueueCall] = {}
        self._early: dict[str, list[Mapping[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None

    def add(self, job_id: str, call: QueueCall) -> None:
        """A join was answered: read for it. Its messages may have come before."""
        self._calls[job_id] = call
        for message in self._early.pop(job_id, []):
            call.take(message)
        if job_id in self._calls and (self._reader is None or self._reader.done()):
            self._reader = asyncio.get_running_loop().create_task(self._read())

    def remove(self, job_id: str) -> None:
        """A call has ended: the server closes the stream when it was the last."""
        self._calls.pop(job_id, None)

    def leave(self, job_id: str) -> None:
        """Nobody waits for a call any more, but the server may go on: do not read for it."""
        self.remove(job_id)
        if not self._calls and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        """Until no call is left to read for. Every call ends: with its messages or with why there are none."""
        vain = 0
        problem: SpaceportError = JobLost("The server ended the stream before the job did.")
        while self._calls and vain < _TRIES:
            useful = False
            try:
                useful = await self._once()
            except (ConnectionFailed, RequestTimeout, ServerError) as error:
                problem = error
            except ValueError as error:
                problem = ServerError(f"The stream is not one of events: {error}")
            vain = 0 if useful else vain + 1
            if self._calls and vain:
                await asyncio.sleep(0.1 * 2**vain)
        for call in list(self._calls.values()):
            call.lose(problem)

    async def _once(self) -> bool:
        """Read one stream to its end; whether it closed in order or a call ended meanwhile."""
        before = len(self._calls)
        async with self._http.stream("GET", self._path, headers={"accept": "text/event-stream"}) as response:
            if response.status != 200:
                body = await response.read()
                error = error_from(response.status, body, response.headers, "The result stream")
                raise error if isinstance(error, ServerError) else ServerError(str(error), response.status)
            parser = EventParser()
            async for chunk in response.chunks:
                for event in parser.feed(chunk):
                    message = parsed(event.data.encode())
                    if not isinstance(message, dict):
                        raise ServerError(f"A message of the stream is not JSON: {event.data[:100]!r}")
                    if message.get("msg") == "close_stream":
                        return True
                    self._deliver(message)
        return len(self._calls) < before

    def _deliver(self, message: Mapping[str, Any]) -> None:
        job_id = message.get("event_id")
        if isinstance(job_id, str):
            call = self._calls.get(job_id)
            if call is None:
                if len(self._early) < _EARLY_MAX:
                    self._early.setdefault(job_id, []).append(message)
            else:
                call.take(message)
        elif message.get("msg") == "unexpected_error":
            for call in list(self._calls.values()):
                call.lose(JobLost(_reason(message)))


def _reason(message: Mapping[str, Any]) -> str:
    if message.get("session_not_found"):
        return "The server does not know this job's session any more: it was restarted, or dropped the job."
    return str(message.get("message") or "The server lost the job.")


class QueueCall:
    """A Gradio server: join the queue, then messages come over the session's stream."""

    def __init__(
        self,
        http: Http,
        prefix: str,
        stream: SessionStream,
        run: Run,
        tell: Tell,
        *,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> None:
        self.job_id: str | None = None
        self._http = http
        self._prefix = prefix
        self._stream = stream
        self._run = run
        self._tell = tell
        self._body = dict(body)
        self._headers = headers
        self._ended = asyncio.Event()

    async def drive(self) -> None:
        try:
            self.job_id = await self._join()
        except SpaceportError as error:
            self._tell(self._run.fail(error))
            return
        self._stream.add(self.job_id, self)
        try:
            await self._ended.wait()
        finally:
            if self._run.ended:
                self._stream.remove(self.job_id)
            else:
                self._stream.leave(self.job_id)

    async def _join(self) -> str:
        """Tried again only where nothing can have been accepted."""
        waits = backoff()
        for left in reversed(range(_TRIES)):
            try:
                response, body = await self._http.post_json(
                    f"{self._prefix}queue/join", self._body, headers=self._headers
                )
            except ConnectionFailed as error:
                if left and not error.sent:
                    await asyncio.sleep(next(waits))
                    continue
                raise
            if response.status == 200:
                document = parsed(body)
                if isinstance(document, dict) and isinstance(document.get("event_id"), str):
                    return str(document["event_id"])
                raise ServerError(f"The answer to the call is no job id: {body[:100]!r}", response.status)
            raise error_from(response.status, body, response.headers, self._run.endpoint.name or "The call")
        raise AssertionError("unreachable")

    def take(self, message: Mapping[str, Any]) -> None:
        self._tell(self._run.feed(message))
        if self._run.ended:
            self._finish()

    def lose(self, error: SpaceportError) -> None:
        self._tell(self._run.fail(error))
        self._finish()

    def _finish(self) -> None:
        if self.job_id is not None:
            self._stream.remove(self.job_id)
        self._ended.set()

    async def cancel(self) -> None:
        if self.job_id is None:
            return
        body = {key: self._body[key] for key in ("fn_index", "session_hash")} | {"event_id": self.job_id}
        with contextlib.suppress(SpaceportError):
            await self._http.post_json(f"{self._prefix}cancel", body)
        with contextlib.suppress(SpaceportError):
            await self._http.post_json(f"{self._prefix}reset", {"event_id": self.job_id})
        self._ended.set()


def starting() -> StatusUpdate:
    return StatusUpdate(Status.STARTING, time=None)
