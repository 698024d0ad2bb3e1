"""Gradio since 4.11: a POST joins the queue, then messages come over a stream that all calls of a session share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from spaceport.client.calls import Tell
from spaceport.client.core.responses import error_from, parse_json, parse_message
from spaceport.client.core.retry import backoff
from spaceport.client.core.run import Run
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import ConnectionFailed, JobLost, RequestTimeout, ServerError
from spaceport.client.http import Http
from spaceport.errors import SpaceportError
from spaceport.wire import events

_TRIES = 4
_EARLY_MAX = 10_000
_JOINED_S = 5.0
"""How long a cancellation waits to learn the id of a call that was just sent."""


class SessionStream:
    """Reads the stream of a session, and hands each message to its call."""

    def __init__(self, http: Http, prefix: str, session: str) -> None:
        self._http = http
        self._path = f"{prefix}queue/data?session_hash={session}"
        self._calls: dict[str, QueueCall] = {}
        self._early: dict[str, list[events.Message]] = {}
        self._early_count = 0
        self._reader: asyncio.Task[None] | None = None

    def add(self, job_id: str, call: QueueCall) -> None:
        """Read messages for a call that has joined. Some of its messages may have come before."""
        self._calls[job_id] = call
        for message in self._early.pop(job_id, ()):
            self._early_count -= 1
            call.take(message)
        if job_id in self._calls and (self._reader is None or self._reader.done()):
            self._reader = asyncio.get_running_loop().create_task(self._read())

    def remove(self, job_id: str) -> None:
        """Forget a call that has ended; the server closes the stream after the last one."""
        self._calls.pop(job_id, None)

    def leave(self, job_id: str) -> None:
        """Stop reading for a call that the server may still run, because nobody waits for it."""
        self.remove(job_id)
        if not self._calls and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        """Read until no call is left. Every call ends, with its messages or with the reason why there are none."""
        fruitless = 0
        problem: SpaceportError = JobLost("The server ended the stream before the job did.")
        while self._calls and fruitless < _TRIES:
            useful = False
            try:
                useful = await self._once()
            except (ConnectionFailed, RequestTimeout, ServerError) as error:
                problem = error
            except ValueError as error:
                problem = ServerError(f"The stream is not an event stream: {error}")
            fruitless = 0 if useful else fruitless + 1
            if self._calls and fruitless:
                await asyncio.sleep(0.1 * 2**fruitless)
        for call in list(self._calls.values()):
            call.lose(problem)

    async def _once(self) -> bool:
        """Read one stream to its end. Returns whether it closed in order or a call ended meanwhile."""
        before = len(self._calls)
        async with self._http.stream("GET", self._path, headers={"accept": "text/event-stream"}) as response:
            if response.status != 200:
                body = await response.read()
                error = error_from(response.status, body, response.headers, "The result stream")
                raise error if isinstance(error, ServerError) else ServerError(str(error), response.status)
            parser = EventParser()
            async for chunk in response.chunks:
                for event in parser.feed(chunk):
                    message = parse_message(event.data)
                    if message.kind == events.CLOSE:
                        return True
                    self._deliver(message)
        return len(self._calls) < before

    def _deliver(self, message: events.Message) -> None:
        job_id = message.event_id
        if job_id is not None:
            call = self._calls.get(job_id)
            if call is not None:
                call.take(message)
            elif self._early_count < _EARLY_MAX:
                self._early_count += 1
                self._early.setdefault(job_id, []).append(message)
        elif message.kind == events.UNEXPECTED:
            for call in list(self._calls.values()):
                call.take(message)


class QueueCall:
    """One call: it joins the queue, then takes its messages from the session's stream."""

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
        self._joined = asyncio.Event()
        """Set when the server's id of the job is known, or will never be."""

    async def drive(self) -> None:
        try:
            self.job_id = await self._join()
        except SpaceportError as error:
            self._tell(self._run.fail(error))
            return
        finally:
            self._joined.set()
        self._stream.add(self.job_id, self)
        try:
            await self._ended.wait()
        finally:
            if self._run.ended:
                self._stream.remove(self.job_id)
            else:
                self._stream.leave(self.job_id)

    async def _join(self) -> str:
        """Join the queue; returns the job's id. Retried only where the server cannot have accepted the call."""
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
                document = parse_json(body)
                if isinstance(document, dict) and isinstance(document.get("event_id"), str):
                    return str(document["event_id"])
                raise ServerError(f"The answer to the call has no job id: {body[:100]!r}", response.status)
            raise error_from(response.status, body, response.headers, self._run.endpoint.name or "The call")
        raise AssertionError("unreachable")

    def take(self, message: events.Message) -> None:
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
        with contextlib.suppress(asyncio.TimeoutError):  # its request may be under way
            await asyncio.wait_for(self._joined.wait(), _JOINED_S)
        if self.job_id is None:
            return
        body = {key: self._body[key] for key in ("fn_index", "session_hash")} | {"event_id": self.job_id}
        try:
            await self._ask("cancel", body)
            await self._ask("reset", {"event_id": self.job_id})
        finally:
            self._ended.set()

    async def _ask(self, route: str, body: Mapping[str, Any]) -> None:
        """Raises what the server refuses; older servers have no such route, or answer 404 for a job that has ended."""
        response, answer = await self._http.post_json(f"{self._prefix}{route}", body)
        if response.status >= 300 and response.status not in (404, 405):
            raise error_from(response.status, answer, response.headers, f"The cancellation of {self.job_id}")
