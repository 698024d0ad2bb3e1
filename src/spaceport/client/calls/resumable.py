"""A server of ours: one request for a call, which goes on after a dropped line or a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from spaceport.client.calls import Tell
from spaceport.client.core.responses import RETRY_STATUSES, error_from, retry_after
from spaceport.client.core.retry import backoff
from spaceport.client.core.run import Run
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import ConnectionFailed, JobLost, QueueError, RequestTimeout
from spaceport.client.http import Http
from spaceport.errors import SpaceportError

_ACCEPTED_S = 5.0
"""How long a cancellation waits to learn the id of a call that was just sent."""
RESUME_S = 120.0
"""Seconds for which a broken connection is retried before the job counts as lost."""
_RETRY_MAX_S = 30.0
"""The longest pause that a server may ask for."""


class ResumableCall:
    """One call: the POST answers with its events; after a broken connection they go on after `Last-Event-ID`."""

    def __init__(
        self,
        http: Http,
        prefix: str,
        run: Run,
        tell: Tell,
        *,
        body: Mapping[str, Any] | None,
        job_id: str | None = None,
        session: str,
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
        self._key = str(uuid.uuid4())
        self._session = session
        self._last = ""
        self._accepted = asyncio.Event()
        """Set when the server's id of the job is known, or will never be."""
        if job_id is not None:
            self._accepted.set()

    async def drive(self) -> None:
        try:
            await self._drive()
        finally:
            self._accepted.set()

    async def _drive(self) -> None:
        waits = backoff()
        broken_at: float | None = None
        clock = asyncio.get_running_loop().time
        while not self._run.ended:
            seen = self._last
            try:
                retry_in = await self._listen()
                problem: SpaceportError = ConnectionFailed("The stream of the job ended before the job did.")
            except (ConnectionFailed, RequestTimeout) as error:
                problem, retry_in = error, None
            if self._ended():
                return
            if self._last != seen or broken_at is None:
                broken_at, waits = clock(), backoff()
            if clock() - broken_at > RESUME_S or (self.job_id is None and clock() - broken_at > RESUME_S / 8):
                self._tell(self._run.fail(problem))
                return
            await asyncio.sleep(retry_in if retry_in is not None else next(waits))

    def _ended(self) -> bool:
        return self._run.ended

    async def _listen(self) -> float | None:
        """Read events until the stream ends. Returns the seconds to wait if the server asked for a retry."""
        if self.job_id is None:
            headers = {**self._headers, "content-type": "application/json", "idempotency-key": self._key}
            exchange = self._http.stream("POST", f"{self._path}?events=all", content=self._body, headers=headers)
        else:
            headers = {**self._headers, **({"last-event-id": self._last} if self._last else {})}
            path = f"{self._path}/{quote(self.job_id, safe='')}?events=all"
            exchange = self._http.stream("GET", path, headers=headers)
        async with exchange as response:
            if response.status == 204:
                self._tell(self._run.fail(JobLost("The server has nothing more to say about this job.")))
                return None
            if response.status != 200:
                return await self._refused(response.status, await response.read(), response.headers)
            if self.job_id is None:
                self.job_id = response.headers.get("x-spaceport-job")
                self._accepted.set()
            parser = EventParser()
            async for chunk in response.chunks:
                for kind, data, number in parser.feed(chunk):
                    self._last = number or self._last
                    self._tell(self._run.event(kind, data, resumes=self.job_id is not None))
                if self._run.ended:
                    return None
        return None

    async def _refused(self, status: int, body: bytes, headers: Mapping[str, str]) -> float | None:
        error = error_from(status, body, headers, self._run.endpoint.name or "The call")
        if self.job_id is not None and status == 404:
            error = JobLost("The server does not know this job, or no longer.")
        elif status in RETRY_STATUSES and not isinstance(error, QueueError) and status != 429:
            return min(retry_after(headers) or 0.5, _RETRY_MAX_S)
        self._tell(self._run.fail(error))
        return None

    async def cancel(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):  # its request may be under way
            await asyncio.wait_for(self._accepted.wait(), _ACCEPTED_S)
        if self.job_id is None:
            return
        prefix = self._path.rsplit("call/", 1)[0]
        path = f"{prefix}jobs/{quote(self.job_id, safe='')}?session_hash={quote(self._session, safe='')}"
        response, body = await self._http.fetch("DELETE", path)
        if response.status == 404:
            raise JobLost(f"The job {self.job_id} was not cancelled: the server does not know it, or it is not yours.")
        if response.status >= 300 and response.status != 409:  # 409: it had ended
            raise error_from(response.status, body, response.headers, f"The cancellation of {self.job_id}")
