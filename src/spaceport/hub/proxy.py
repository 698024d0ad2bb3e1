"""`/owner/name/…` on the apps' address → the Space's replica: bytes untouched, streams as they come.

The caller's credentials stay here: the app sees neither. What it is told of its address is the hub's word
(`x-gradio-server`, hub.md §1.6). `GET config` of a Space that is not up yet is answered at once and filled with blanks,
which JSON allows, until it is: gradio_client waits five seconds for an answer, not for its end (§1.5).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import yarl

from spaceport.errors import NotFound, SpaceportError, SpaceUnavailable, Unauthenticated
from spaceport.hub.accounts import Identity
from spaceport.hub.fleet import Fleet
from spaceport.hub.hub import Hub
from spaceport.store.hub import SpaceRow

_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host".split()
)
_PRIVATE = frozenset(b"authorization x-hf-authorization cookie x-ip-token x-gradio-server forwarded".split())
_CONNECT_S = 10.0
_BLANK_S = 1.0
_MISSING = "There is no such Space, or you may not see it: send a token (Authorization: Bearer hf_…)."
Headers = list[tuple[bytes, bytes]]


class Proxy:
    """An ASGI app."""

    def __init__(self, hub: Hub, fleet: Fleet) -> None:
        self._hub = hub
        self._fleet = fleet
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            visit = _Visit(scope, receive, send)
            try:
                await self._visit(visit)
            except NotFound:
                await visit.fail(404, _MISSING)
            except SpaceportError as error:
                await visit.fail(error.status, error.message, getattr(error, "retry_after_s", None))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _visit(self, visit: _Visit) -> None:
        owner, name = (*visit.scope["path"].split("/")[1:3], "", "")[:2]
        space = self._hub.spaces.seen(self._identity(visit.headers), owner, name)
        path = visit.scope["raw_path"].split(b"/", 3)[3:]
        if not path:  # the page's own links need the slash
            await visit.start(308, [(b"location", visit.scope["raw_path"] + b"/")])
            await visit.end()
            return
        port = await self._port(visit, space, fills=visit.scope["method"] == "GET" and path == [b"config"])
        with self._fleet.used(space):
            await self._forward(visit, space, port, path[0])

    def _identity(self, headers: dict[bytes, bytes]) -> Identity:
        """Clients of Gradio send the hub's token in a header of its own, and keep the other for the app."""
        for name in (b"x-hf-authorization", b"authorization"):
            kind, _, secret = headers.get(name, b"").decode("latin-1").partition(" ")
            if kind.lower() == "bearer" and secret.strip():
                try:
                    return self._hub.accounts.identify(secret.strip())
                except Unauthenticated:
                    raise NotFound(_MISSING) from None
        return self._hub.accounts.identify(None)

    async def _port(self, visit: _Visit, space: SpaceRow, *, fills: bool) -> int:
        """Where the Space listens, once it does; with `fills` blanks go ahead. Raises `SpaceUnavailable`."""
        found = asyncio.ensure_future(self._fleet.port(space))
        while fills and not (await asyncio.wait([found], timeout=_BLANK_S))[0]:
            await visit.start(200, [(b"content-type", b"application/json")])
            await visit.write(b" ")
        return await found

    async def _forward(self, visit: _Visit, space: SpaceRow, port: int, path: bytes) -> None:
        query = visit.scope["query_string"]
        address = f"http://127.0.0.1:{port}/{path.decode('latin-1')}" + (f"?{query.decode('latin-1')}" if query else "")
        host = visit.headers.get(b"host", b"").decode("latin-1")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in visit.scope["headers"] if _passes(k)]
        headers.append(("x-gradio-server", f"{visit.scope['scheme']}://{host}/{space.full_name}"))
        has_body = b"content-length" in visit.headers or b"transfer-encoding" in visit.headers
        try:
            async with self._client().request(
                visit.scope["method"],
                yarl.URL(address, encoded=True),
                headers=headers,
                data=visit.body() if has_body else None,
                allow_redirects=False,
                skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
            ) as response:
                await visit.start(response.status, [one for one in response.raw_headers if one[0].lower() not in _HOP])
                await visit.relay(response.content)
        except aiohttp.ClientConnectorError:
            raise SpaceUnavailable("The Space has just stopped. Try again in a moment.", 1) from None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=False)
        return self._session


class _Visit:
    """One request, and how far its answer is."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive, self._send = receive, send
        self._begun = False

    async def start(self, status: int, headers: Headers) -> None:
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def fail(self, status: int, text: str, retry_after_s: float | None = None) -> None:
        """The same bytes for the same error, whoever asks."""
        headers = [(b"content-type", b"application/json")]
        if retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % max(1, retry_after_s)))
        await self.start(status, headers)
        await self.write(json.dumps({"error": text}).encode())
        await self.end()

    async def body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return

    async def relay(self, content: aiohttp.StreamReader) -> None:
        """What comes, as it comes; until the reader hangs up."""
        gone = asyncio.ensure_future(self._gone())
        try:
            while True:
                piece = asyncio.ensure_future(content.readany())
                await asyncio.wait([piece, gone], return_when=asyncio.FIRST_COMPLETED)
                if not piece.done():
                    piece.cancel()
                    return
                data = piece.result()
                if not data:
                    await self.end()
                    return
                await self.write(data)
        finally:
            gone.cancel()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _passes(name: bytes) -> bool:
    return name not in _HOP and name not in _PRIVATE and not name.startswith(b"x-forwarded-")
