"""HTTP/1.1 on asyncio and httptools: connections that are kept, used again, and never hang.

Why not a library: docs/adr/0004. What a client of this protocol needs is small: no proxies (see `proxied`), no
pipelining, no compression, no upgrades.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.base import Content, Headers, Origin, Timeouts
from spaceport.client.transport.http_connection import IDLE_S, HttpConnection

_KEPT = 100
_REUSE_S = 3.0
"""How old an idle connection may be for a request that must not be sent twice. Servers close idle ones (uvicorn and
Node after 5 s), and a request that meets the close cannot tell whether it was taken."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Http1:
    """Connections to any number of servers. Belongs to the event loop that first uses it."""

    def __init__(self, tls: Callable[[], ssl.SSLContext], allowed: Callable[[str], bool] | None = None) -> None:
        """`tls` is called when the first connection needs it: loading certificates takes time.

        `allowed` says for each address, after the name was looked up, whether to connect to it.
        """
        self._tls = tls
        self._allowed = allowed
        self._context: ssl.SSLContext | None = None
        self._idle: dict[Origin, list[HttpConnection]] = {}
        self._open: set[HttpConnection] = set()
        self._addresses: dict[Origin, asyncio.Task[list[str]]] = {}

    async def send(
        self, method: str, origin: Origin, target: str, headers: Headers, content: Content, timeouts: Timeouts
    ) -> HttpConnection:
        """Send one request; the connection is its response. Raises `ConnectionFailed` and `RequestTimeout`."""
        kept = self._kept(origin, IDLE_S if method in _SAFE else _REUSE_S)
        if kept is not None:
            try:
                return await _exchange(kept, method, target, headers, content, timeouts)
            except ConnectionFailed:
                if method not in _SAFE or kept.answered:
                    raise
        return await _exchange(await self._connect(origin, timeouts), method, target, headers, content, timeouts)

    async def close_idle(self) -> None:
        """Close the connections that no request is using."""
        idle = [connection for kept in self._idle.values() for connection in kept]
        await self._end(idle)

    async def close(self) -> None:
        for task in self._addresses.values():
            task.cancel()
        await self._end(list(self._open))

    async def _end(self, connections: list[HttpConnection]) -> None:
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.gone for connection in connections))

    def _kept(self, origin: Origin, most_s: float) -> HttpConnection | None:
        """The idle connection that was used last: it is the least likely to be closed by the server."""
        kept = self._idle.get(origin)
        while kept:
            connection = kept.pop()
            connection.busy()
            if connection.usable and connection.idle_s <= most_s:
                return connection
            connection.abort()
        return None

    async def _connect(self, origin: Origin, timeouts: Timeouts) -> HttpConnection:
        try:
            return await asyncio.wait_for(self._dial(origin), timeouts.connect_s)
        except (TimeoutError, asyncio.TimeoutError):
            raise RequestTimeout(f"{origin} could not be reached in time.") from None
        except (OSError, UnicodeError) as error:  # ssl.SSLError is an OSError; a name can be no host name
            raise ConnectionFailed(f"The connection to {origin} failed: {error}.", sent=False) from error

    async def _dial(self, origin: Origin) -> HttpConnection:
        loop = asyncio.get_running_loop()
        context, name = self._context_for(origin), origin.host if origin.scheme == "https" else None
        addresses = await self._resolve(origin)
        if self._allowed is not None:
            addresses = list(filter(self._allowed, addresses))
            if not addresses:
                raise OSError("its address is not allowed")

        def protocol() -> HttpConnection:
            return HttpConnection(loop, origin, self._back, self._gone)

        for left, address in zip(reversed(range(len(addresses))), addresses, strict=True):
            try:
                made = await loop.create_connection(protocol, address, origin.port, ssl=context, server_hostname=name)
            except OSError as error:
                if left and not isinstance(error, ssl.SSLError):
                    continue
                raise
            self._open.add(made[1])
            return made[1]
        raise OSError("the name has no address")

    def _context_for(self, origin: Origin) -> ssl.SSLContext | None:
        if origin.scheme != "https":
            return None
        if self._context is None:
            self._context = self._tls()
        return self._context

    async def _resolve(self, origin: Origin) -> list[str]:
        """The addresses of a host. Concurrent callers share one look-up."""
        task = self._addresses.get(origin)
        if task is None:
            task = self._addresses[origin] = asyncio.ensure_future(_look_up(origin))
            task.add_done_callback(lambda _: self._addresses.pop(origin, None))
        return await asyncio.shield(task)

    def _back(self, connection: HttpConnection) -> None:
        kept = self._idle.setdefault(connection.origin, [])
        if len(kept) < _KEPT:
            kept.append(connection)
        else:
            connection.abort()

    def _gone(self, connection: HttpConnection) -> None:
        self._open.discard(connection)
        kept = self._idle.get(connection.origin, [])
        if connection in kept:
            kept.remove(connection)


async def _look_up(origin: Origin) -> list[str]:
    import socket

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, origin.host)
        except OSError:
            continue
        return [origin.host]
    found = await asyncio.get_running_loop().getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(cast(str, entry[4][0]) for entry in found))


async def _exchange(
    connection: HttpConnection, method: str, target: str, headers: Headers, content: Content, timeouts: Timeouts
) -> HttpConnection:
    try:
        await connection.ask(method, target, headers, content, timeouts)
    except BaseException:
        await connection.close()
        raise
    return connection
