"""A connected app: its documents, its session, and the calls made with it. Everything here runs in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from spaceport.client.calls import Call, Tell
from spaceport.client.calls.queue import QueueCall, SessionStream
from spaceport.client.calls.resumable import ResumableCall
from spaceport.client.calls.single import SingleCall
from spaceport.client.core.endpoints import App, Endpoint, prefix_of, read
from spaceport.client.core.responses import error_from, parse_json
from spaceport.client.core.retry import backoff
from spaceport.client.core.run import Run
from spaceport.client.errors import AuthenticationError, ConnectionFailed, JobLost, RequestTimeout, ServerError
from spaceport.client.http import Http
from spaceport.client.network import Settings
from spaceport.client.transfer import Told, Transfer
from spaceport.client.transport.base import Timeouts

_RESUMABLE = frozenset({"one-request", "last-event-id", "idempotency-key"})
_TRIES = 3
_NEVER = Timeouts(10.0, None)


class Connection:
    """A connection to one app. Made by `await Connection.open(…)`; `close` stops its tasks and closes its sockets."""

    def __init__(self, http: Http, app: App, transfer: Transfer, oauth_token: str | None) -> None:
        self.http = http
        self.app = app
        self.session = os.urandom(8).hex()
        self.prefix = f"{app.prefix}/" if app.prefix else ""
        self._transfer = transfer
        self._oauth_token = oauth_token
        self._stream = SessionStream(http, self.prefix, self.session)
        self._heartbeat: asyncio.Task[None] | None = None
        if app.heartbeat:
            self._heartbeat = asyncio.get_running_loop().create_task(self._beat())

    @classmethod
    async def open(
        cls,
        base: str,
        settings: Settings,
        *,
        token: str | None,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None,
        folder: Path | None,
        oauth_token: str | None,
    ) -> Connection:
        """Log in if `auth` is given, and read the app's documents.

        Raises `AuthenticationError`, `ConnectionFailed`, `ServerError`.
        """
        private = {**{key.lower(): value for key, value in headers.items()}, "x-gradio-user": "api"}
        if token:
            private["x-hf-authorization"] = f"Bearer {token}"
        if settings.basic_auth is not None:
            private["authorization"] = _basic(*settings.basic_auth)
        http = Http(base, settings, private)
        try:
            if auth is not None:
                await _login(http, auth)
            config, url = await _document(http, "config", "The app")
            secret = bool(token or auth or headers or settings.headers or http.cookies or settings.basic_auth)
            if not secret and url.endswith("/config"):
                http.base = url.removesuffix("config")  # a redirect: everything else goes there at once
            info, _ = await _document(http, f"{prefix_of(config)}/info?serialize=False".lstrip("/"), "The API")
            app = read(config, info)
            prefix = f"{app.prefix}/" if app.prefix else ""
            transfer = Transfer(http, prefix, folder, app.max_file_size, app.bare_files, app.features)
            return cls(http, app, transfer, oauth_token)
        except BaseException:
            await http.close()
            raise

    async def close(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            await asyncio.gather(self._heartbeat, return_exceptions=True)
        await self._stream.close()
        await self.http.close()

    def reset_session(self) -> None:
        """Begin a new session. Calls that run now end in the old one."""
        self.session = os.urandom(8).hex()
        self._stream = SessionStream(self.http, self.prefix, self.session)
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = asyncio.get_running_loop().create_task(self._beat())

    @property
    def beats(self) -> bool:
        """Whether this connection keeps its session alive on the server by a heartbeat."""
        return self._heartbeat is not None

    @property
    def resumable(self) -> bool:
        """Whether the server is one of ours, where one request makes a call and can be resumed."""
        return self.app.features >= _RESUMABLE

    async def call(
        self, endpoint: Endpoint, run: Run, tell: Tell, values: list[Any], headers: Mapping[str, str], uploaded: Told
    ) -> Call:
        """Upload the files of a call and return the call, ready for `drive`. `uploaded` is told the progress."""
        values = await self._transfer.upload_all(values, uploaded)
        body: dict[str, Any] = {"data": endpoint.data(values), "session_hash": self.session}
        if self._oauth_token is not None and endpoint.takes_oauth:
            body["oauth_token"] = self._oauth_token
        if self.resumable and endpoint.name is not None and "/" not in endpoint.name[1:]:
            return ResumableCall(self.http, self.prefix, run, tell, body=body, session=self.session, headers=headers)
        body |= {"fn_index": endpoint.index, "event_data": None, "trigger_id": None}
        if self.app.protocol == "sse":
            return SingleCall(self.http, self.prefix, run, tell, body=body, headers=headers)
        return QueueCall(self.http, self.prefix, self._stream, run, tell, body=body, headers=headers)

    def follow(self, endpoint: Endpoint, run: Run, tell: Tell, job_id: str) -> Call:
        """Follow a job that was made before, perhaps by another process. Only our servers keep jobs."""
        if not self.resumable:
            raise JobLost("This server does not keep jobs: one can only be picked up where it was made.")
        return ResumableCall(
            self.http, self.prefix, run, tell, body=None, job_id=job_id, session=self.session, headers={}
        )

    async def endpoint_of(self, job_id: str) -> Endpoint:
        """The endpoint a job was made for. Raises `JobLost` for one the server does not know."""
        response, body = await self.http.fetch("GET", f"{self.prefix}jobs/{quote(job_id)}")
        if response.status == 404:
            raise JobLost("The server does not know this job, or no longer.")
        document = parse_json(body)
        if response.status != 200 or not isinstance(document, dict):
            raise error_from(response.status, body, response.headers, "The job")
        return self.app.find(f"/{str(document.get('endpoint', '')).strip('/')}", None)

    async def result(self, endpoint: Endpoint, data: list[Any]) -> Any:
        """The output values as the caller gets them, with the files downloaded."""
        return endpoint.result(await self._transfer.download_all(data))

    async def _beat(self) -> None:
        """Keep the session's state alive on the server for as long as this client lives."""
        waits = backoff(1.0, 60.0)
        while True:
            with contextlib.suppress(ConnectionFailed, RequestTimeout, ServerError):
                path = f"{self.prefix}heartbeat/{self.session}"
                async with self.http.stream("GET", path, timeouts=_NEVER) as response:
                    if 400 <= response.status < 500 and response.status != 429:
                        return
                    async for _ in response.chunks:
                        waits = backoff(1.0, 60.0)
            await asyncio.sleep(next(waits))


async def _document(http: Http, path: str, what: str) -> tuple[dict[str, Any], str]:
    """Fetch a JSON document; returns it and its final URL. Retried while the server is unreachable or busy."""
    waits = backoff(0.1, 1.0)
    for left in reversed(range(_TRIES)):
        try:
            response, body = await http.fetch("GET", path, headers={"accept": "application/json"}, follow=True)
        except ConnectionFailed:
            if not left:
                raise
        else:
            if response.status == 200:
                document = parse_json(body)
                if not isinstance(document, dict):
                    raise ServerError(f"{what} at {http.base} answered no JSON object: is it a Gradio app?", 200)
                return document, response.url
            if response.status not in (502, 503, 504) or not left:
                raise error_from(response.status, body, response.headers, f"{what} at {http.base}")
        await asyncio.sleep(next(waits))
    raise AssertionError("unreachable")


async def _login(http: Http, auth: tuple[str, str]) -> None:
    content = urlencode({"username": auth[0], "password": auth[1]}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response, body = await http.fetch("POST", "login", content=content, headers=headers)
    if response.status != 200:
        detail = parse_json(body)
        text = detail.get("detail", "") if isinstance(detail, dict) else ""
        if response.status in (400, 401, 403):
            raise AuthenticationError(f"Could not login to {http.base}: {text or 'wrong user name or password'}")
        raise error_from(response.status, body, response.headers, f"The login at {http.base}")


def _basic(user: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
