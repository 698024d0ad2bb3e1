"""Gradio 4.0 to 4.10: a stream for each call; the server asks for the data when it is the call's turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from spaceport.client.calls import Tell
from spaceport.client.core.responses import error_from, parse_message
from spaceport.client.core.run import Run
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import JobLost, QueueError
from spaceport.client.http import Http
from spaceport.errors import SpaceportError
from spaceport.wire.events import Message


class SingleCall:
    """One call. A broken connection loses it, because the server forgets callers that disconnect."""

    def __init__(
        self, http: Http, prefix: str, run: Run, tell: Tell, *, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        self.job_id: str | None = None
        self._http = http
        self._prefix = prefix
        self._run = run
        self._tell = tell
        self._body = body
        self._headers = headers

    async def drive(self) -> None:
        try:
            await self._listen()
            problem: SpaceportError = JobLost("The server ended the stream before the job did.")
        except SpaceportError as error:
            problem = error
        self._tell(self._run.fail(problem))

    async def _listen(self) -> None:
        query = urlencode({key: self._body[key] for key in ("fn_index", "session_hash")})
        headers = {**self._headers, "accept": "text/event-stream"}
        async with self._http.stream("GET", f"{self._prefix}queue/join?{query}", headers=headers) as response:
            if response.status != 200:
                raise error_from(response.status, await response.read(), response.headers, "The call")
            parser = EventParser()
            async for chunk in response.chunks:
                for event in parser.feed(chunk):
                    await self._take(parse_message(event.data))
                if self._run.ended:
                    return

    async def _take(self, message: Message) -> None:
        if message.kind == "queue_full":
            raise QueueError("Queue is full! Please try again.", 1.0)
        if message.kind == "send_data":
            self.job_id = str(message.event_id)
            body = {**self._body, "event_id": self.job_id}
            response, answer = await self._http.post_json(f"{self._prefix}queue/data", body, headers=self._headers)
            if response.status != 200:
                raise error_from(response.status, answer, response.headers, self._run.endpoint.name or "The call")
            return
        self._tell(self._run.feed(message))

    async def cancel(self) -> None:
        """Do nothing: closing the connection, which the end of `drive` does, is the only way to cancel here."""
