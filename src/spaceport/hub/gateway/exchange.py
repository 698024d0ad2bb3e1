"""One request to an app's address, and how much of its response has been sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp

from spaceport.api.asgi import Receive, Send
from spaceport.api.origins import host_of, is_preflight, preflight_headers
from spaceport.api.problems import gradio_error
from spaceport.errors import TimedOut, TooLarge
from spaceport.hub.api.state_page import StatePage
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.gateway.pages import HEADERS, MISSING_HEADERS, error_page

T = TypeVar("T")
Headers = list[tuple[bytes, bytes]]
_PAD_INTERVAL_S = 1.0


class ProxiedRequest:
    """A request as ASGI gives it. `receive` and `send` may be handed to any ASGI app."""

    def __init__(self, scope: Any, receive: Any, send: Any, options: GatewayOptions) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.started = False
        """Set once the status line has been sent, which can then no longer be changed."""
        self.more_headers: Headers = []
        """Added to the response, whoever makes it."""
        self._options = options
        self._receive, self._send = receive, send
        self._peeked: MutableMapping[str, Any] | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        """The next ASGI message; what `peek` has read comes again first."""
        peeked, self._peeked = self._peeked, None
        if peeked is not None:
            return peeked
        message: MutableMapping[str, Any] = await self._receive()
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Send an ASGI message; the start of a response that padding has started already is dropped."""
        if message["type"] == "http.response.start":
            if self.started:
                return
            self.started = True
            if self.more_headers:
                message = {**message, "headers": [*message["headers"], *self.more_headers]}
        await self._send(message)

    def unbuffered_receive(self) -> Receive:
        """The server's own `receive`, for an app that reads the request; `receive` where something was peeked."""
        receive: Receive = self._receive if self._peeked is None else self.receive
        return receive

    def unbuffered_send(self) -> Send:
        """The server's own `send`, for an app that sends the whole response; `send` where padding has started it."""
        if self.started or self.more_headers:
            return self.send
        self.started = True
        send: Send = self._send
        return send

    # The request

    @property
    def is_preflight(self) -> bool:
        """Set for the request by which a browser asks what pages of another origin may do. It carries no token."""
        return is_preflight(self.scope["method"], self.headers)

    async def peek(self, limit: int, timeout_s: float) -> bytes:
        """The body without consuming it; only its beginning where it exceeds `limit` bytes or `timeout_s`."""
        if self._peeked is not None:
            return bytes(self._peeked["body"])
        chunks: list[bytes] = []
        more, size = True, 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while more and size <= limit and loop.time() < deadline:
            try:
                message = await asyncio.wait_for(self._receive(), deadline - loop.time())
            except asyncio.TimeoutError:
                break
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
        body = b"".join(chunks)
        self._peeked = {"type": "http.request", "body": body, "more_body": more}
        return body

    def check_length(self) -> None:
        """Raise `TooLarge` where the declared length exceeds the limit."""
        declared = self.headers.get(b"content-length", b"0")
        if int(declared) > self._options.max_body:
            raise TooLarge(f"The body has more than {self._options.max_body} bytes.")

    async def body(self) -> AsyncIterator[bytes]:
        """The body's pieces as they arrive. Raises `TooLarge`, and `TimedOut` when none arrives for long."""
        size = 0
        while True:
            try:
                message = await asyncio.wait_for(self.receive(), self._options.body_timeout_s)
            except asyncio.TimeoutError:
                wait = f"{self._options.body_timeout_s:g} s"
                raise TimedOut(f"No data of the request's body arrived for {wait}.") from None
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            data = message.get("body", b"")
            size += len(data)
            if size > self._options.max_body:
                raise TooLarge(f"The body has more than {self._options.max_body} bytes.")
            yield data
            if not message.get("more_body", False):
                return

    @property
    def wants_page(self) -> bool:
        """Set for a browser that opens the address, as opposed to a program that calls it."""
        accepts = b"text/html" in self.headers.get(b"accept", b"")
        return accepts and self.scope["method"] in ("GET", "HEAD") and not self.started

    # The response

    async def answer_preflight(self) -> None:
        """Answer a preflight request; the response is the same for every address, so that it reveals no Space."""
        requested = self.headers.get(b"access-control-request-headers", b"")
        await self.start(200, [(b"content-length", b"0"), *self._cors, *preflight_headers(requested)])
        await self.finish()

    async def pad_while_waiting(self, work: Awaitable[T], *, pad: bool) -> T:
        """The result of `work`. With `pad`, start a JSON response and send a blank each second until it is there.

        What follows the blanks can have no encoding any more, so that whoever answers is told that none is accepted.
        """
        if not pad:
            return await work
        result = asyncio.ensure_future(work)
        while not (await asyncio.wait([result], timeout=_PAD_INTERVAL_S))[0]:
            if not self.started:
                self._accept_no_encoding()
                await self.start(200, [(b"content-type", b"application/json"), *self._cors])
            await self.write(b" ")
        return await result

    def _accept_no_encoding(self) -> None:
        kept = [one for one in self.scope["headers"] if one[0] != b"accept-encoding"]
        self.scope = {**self.scope, "headers": [*kept, (b"accept-encoding", b"identity")]}
        self.headers = dict(self.scope["headers"])

    async def start(self, status: int, headers: Headers) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def finish(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def redirect(self, location: bytes) -> None:
        """Send the caller elsewhere, this once."""
        await self.start(307, [(b"location", location), (b"cache-control", b"no-store"), *self._cors])
        await self.finish()

    async def send_error(self, status: int, code: str, text: str, retry_after_s: float | None = None) -> None:
        """Send an error, as a page to a browser. The same error has the same bytes for every caller."""
        if self.wants_page:
            sign_in = f"{self._options.hub_url}/open" if status == 404 and self._options.hub_url else ""
            page = error_page(f"{status} {HTTPStatus(status).phrase}", text, missing=status == 404, sign_in=sign_in)
            await self.send_page(status, page, MISSING_HEADERS if status == 404 else HEADERS)
            return
        headers = [(b"content-type", b"application/json"), *self._cors]
        if retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % max(1, retry_after_s)))
        await self.start(status, headers)
        await self.write(json.dumps({"error": text, **gradio_error(text, code=code)}).encode())
        await self.finish()

    async def send_page(self, status: int, page: StatePage, headers: Headers) -> None:
        await self.start(status, headers)
        await self.write(page.render(self.scope["query_string"]))
        await self.finish()

    async def relay(self, content: aiohttp.StreamReader) -> None:
        """Send what arrives on `content` at once, until it ends or the caller disconnects."""
        disconnected = asyncio.ensure_future(self._wait_for_disconnect())
        try:
            while True:
                piece = asyncio.ensure_future(content.readany())
                await asyncio.wait([piece, disconnected], return_when=asyncio.FIRST_COMPLETED)
                if not piece.done():
                    piece.cancel()
                    return
                data = piece.result()
                if not data:
                    await self.finish()
                    return
                await self.write(data)
        finally:
            disconnected.cancel()

    async def _wait_for_disconnect(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def _cors(self) -> Headers:
        origin = self.headers.get(b"origin")
        return [] if origin is None else self._options.origins.cors_headers(self._host, origin.decode("latin-1"))

    @property
    def _host(self) -> str:
        return host_of(self.headers, trust_forwarded=self._options.trust_forwarded)

    def check_origin(self) -> None:
        """Raise `RequestError` where this host or this page may not send the request (api.origins)."""
        self._options.origins.check(self.scope["method"], self.scope["headers"], self.headers, self._host)
