"""Connects through a proxy by httpcore, which knows forwarding, tunnels and, where socksio is installed, SOCKS.

Imported only when there is a proxy.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from urllib.parse import unquote, urlsplit

import httpcore

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.transport.base import Content, Headers, Origin, Timeouts

_UNSENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError, httpcore.PoolTimeout)


class Proxied:
    """Connections through the proxy at `url`. Raises `ValueError` for a URL that cannot be a proxy's."""

    def __init__(self, url: str, tls: Callable[[], ssl.SSLContext]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname:
            raise ValueError(f"{url!r} is no proxy: give it as http://, https:// or socks5://host:port.")
        auth = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._pool = httpcore.AsyncConnectionPool(
            proxy=httpcore.Proxy(place, auth=auth), ssl_context=tls(), keepalive_expiry=30.0
        )

    async def send(
        self, method: str, origin: Origin, target: str, headers: Headers, content: Content, timeouts: Timeouts
    ) -> _ProxiedResponse:
        """Send one request. Raises `ConnectionFailed` and `RequestTimeout`."""
        wait = timeouts.read_s
        limits = {"connect": timeouts.connect_s, "pool": timeouts.connect_s, "read": wait, "write": wait}
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target),
            headers=headers,
            content=content,
            extensions={"timeout": limits},
        )
        try:
            return _ProxiedResponse(await self._pool.handle_async_request(request), origin)
        except _ERRORS as error:
            raise _ours(error, origin) from error

    async def close_idle(self) -> None:
        """Close the connections that no request is using."""
        await self._pool.aclose()

    async def close(self) -> None:
        await self._pool.aclose()


class _ProxiedResponse:
    def __init__(self, response: httpcore.Response, origin: Origin) -> None:
        self.status = response.status
        self.headers: Headers = [(name.lower(), value) for name, value in response.headers]
        self._response = response
        self._origin = origin

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_stream():
                yield chunk
        except _ERRORS as error:
            raise _ours(error, self._origin) from error

    async def close(self) -> None:
        await self._response.aclose()


_ERRORS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError)


def _ours(error: Exception, origin: Origin) -> Exception:
    if isinstance(error, httpcore.ConnectTimeout):
        return RequestTimeout(f"{origin} could not be reached through the proxy in time.")
    if isinstance(error, httpcore.TimeoutException):
        return RequestTimeout(f"{origin} did not answer in time.")
    text = f"The connection to {origin} through the proxy failed: {error or type(error).__name__}."
    return ConnectionFailed(text, sent=not isinstance(error, _UNSENT))
