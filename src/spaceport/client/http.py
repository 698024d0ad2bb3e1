"""HTTP for one server: its cookies, its token, redirects, JSON.

A token, a cookie or a header of the caller goes to the origin it was given for and to no other, whatever redirects say.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from spaceport.client.errors import ConnectionFailed, ServerError
from spaceport.client.network import Settings
from spaceport.client.transport.base import Content, Headers, Origin, Timeouts, Transport
from spaceport.client.transport.http1 import Http1

_REDIRECTS = 5
_BODY_MAX = 512 << 20
_PORTS = {"http": 80, "https": 443}
_URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


@dataclass(slots=True)
class Response:
    status: int
    headers: dict[str, str]
    url: str
    chunks: AsyncIterator[bytes]
    """The body. It can be read once."""

    async def read(self) -> bytes:
        parts, size = [], 0
        async for chunk in self.chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > _BODY_MAX:
                raise ServerError(f"The response of {self.url} has more than {_BODY_MAX} bytes.", self.status)
        return b"".join(parts)


def origin(url: str) -> Origin:
    """The origin of a URL. Raises `ConnectionFailed` for anything but an http or https URL."""
    try:
        parts = urlsplit(url)
        return Origin(parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme])
    except (KeyError, ValueError):
        raise ConnectionFailed(f"{url!r} is not an http or https URL.", sent=False) from None


class Http:
    """Requests to one server. `base` ends with a slash; tokens, cookies and headers go to its origin only."""

    def __init__(self, base: str, settings: Settings, private: Mapping[str, str]) -> None:
        self.base = base
        self.settings = settings
        self.cookies = dict(settings.cookies)
        self._private = dict(private)
        self._direct = Http1(settings.tls)
        self._proxied: dict[str, Transport] = {}

    async def close_idle(self) -> None:
        """Close the connections that no request is using."""
        for transport in (self._direct, *self._proxied.values()):
            await transport.close_idle()

    async def close(self) -> None:
        for transport in (self._direct, *self._proxied.values()):
            await transport.close()

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        content: Content = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        follow: bool = False,
    ) -> AsyncIterator[Response]:
        """Send one request and read its response. `path` may be a whole URL. With `follow`, redirects are followed.

        Raises `ConnectionFailed` and `RequestTimeout`, also while the body is read.
        """
        url = _joined(self.base, path)
        for _ in range(_REDIRECTS + 1):
            async with self._once(method, url, content, headers or {}, timeouts or self.settings.timeouts) as response:
                location = response.headers.get("location")
                if not (follow and location and response.status in (301, 302, 303, 307, 308)):
                    yield response
                    return
                url = _joined(url, location)
        raise ServerError(f"{url} redirects more than {_REDIRECTS} times.")

    async def fetch(self, method: str, path: str, **options: Any) -> tuple[Response, bytes]:
        """Send one request; returns the response and its whole body."""
        async with self.stream(method, path, **options) as response:
            return response, await response.read()

    async def post_json(self, path: str, body: Any, **options: Any) -> tuple[Response, bytes]:
        headers = {"content-type": "application/json", **(options.pop("headers", None) or {})}
        return await self.fetch("POST", path, content=json.dumps(body).encode(), headers=headers, **options)

    @asynccontextmanager
    async def _once(
        self, method: str, url: str, content: Content, headers: Mapping[str, str], timeouts: Timeouts
    ) -> AsyncIterator[Response]:
        server = origin(url)
        own = server == origin(self.base)
        if isinstance(content, bytes):
            headers = {**headers, "content-length": str(len(content))}
        fields = self._headers(server, headers, own=own)
        response = await self._transport(server).send(method, server, _target(url), fields, content, timeouts)
        try:
            if own:
                self._keep_cookies(response.headers)
            found = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
            yield Response(response.status, found, url, response.chunks())
        finally:
            await response.close()

    def _headers(self, server: Origin, more: Mapping[str, str], *, own: bool) -> Headers:
        fields = {"host": str(server), "accept": "*/*", "user-agent": "spaceport-client"}
        if own:
            fields |= {name.lower(): value for name, value in self.settings.headers.items()}
            fields |= self._private
            if self.cookies:
                fields["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        allowed = {name.lower(): value for name, value in more.items()}
        fields |= {name: value for name, value in allowed.items() if own or name in ("accept", "content-length")}
        return [(name.encode("latin-1"), value.encode("utf-8")) for name, value in fields.items()]

    def _keep_cookies(self, headers: Headers) -> None:
        for name, value in headers:
            if name == b"set-cookie":
                from http.cookies import CookieError, SimpleCookie

                try:
                    found = SimpleCookie(value.decode("latin-1"))
                except CookieError:
                    continue
                self.cookies.update({name: one.value for name, one in found.items()})

    def _transport(self, server: Origin) -> Transport:
        proxy = self.settings.proxy_for(server)
        if proxy is None:
            return self._direct
        if proxy not in self._proxied:
            from spaceport.client.transport.proxied import Proxied

            self._proxied[proxy] = Proxied(proxy, self.settings.tls)
        return self._proxied[proxy]


def _joined(base: str, path: str) -> str:
    try:
        return urljoin(base, path)
    except ValueError as error:
        raise ConnectionFailed(f"{path[:200]!r} at {base} is not a URL: {error}.", sent=False) from None


def _target(url: str) -> str:
    """The target of the request line: path and query, percent-encoded."""
    parts = urlsplit(url)
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_URL_CHARACTERS)
