"""HTTP for one server: pooled connections, its cookies, its token, and errors in our own words.

Built on httpcore: it pools, proxies and speaks TLS at a third of what httpx adds (STACK: httpx costs milliseconds of
CPU a request), and makes a TLS context only when there is something to encrypt. `httpx_kwargs` keep their meaning.

A token, a cookie or a header of the caller goes to the origin it was given for and to no other, whatever redirects say.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from spaceport.client.errors import ConnectionFailed, RequestTimeout, ServerError
from spaceport.errors import SpaceportError

_CONNECTIONS = 100
_IDLE_S = 30.0
_REDIRECTS = 5
_BODY_MAX = 512 << 20
_KNOWN = frozenset(
    ["timeout", "proxy", "verify", "headers", "cookies", "trust_env", "auth", "follow_redirects", "cert", "limits"]
)
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read_s` is how long a server may be silent inside of one answer; None: for ever."""

    connect_s: float | None = 10.0
    read_s: float | None = 60.0

    def extension(self) -> dict[str, float | None]:
        return {"connect": self.connect_s, "read": self.read_s, "write": self.read_s, "pool": self.connect_s}


@dataclass(slots=True)
class Settings:
    """What `httpx_kwargs` and the client's own arguments say about connections."""

    verify: bool | str | ssl.SSLContext = True
    proxy: str | None = None
    trust_env: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    basic_auth: tuple[str, str] | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any] | None, *, ssl_verify: bool) -> Settings:
        """Raises `TypeError` for an option that has no meaning here."""
        given = dict(given or {})
        unknown = set(given) - _KNOWN
        if unknown:
            known = ", ".join(sorted(_KNOWN))
            raise TypeError(f"httpx_kwargs does not take {', '.join(sorted(unknown))}; it takes {known}.")
        settings = cls(verify=given.get("verify", True) if ssl_verify else False)
        settings.proxy = None if given.get("proxy") is None else str(given["proxy"])
        settings.trust_env = bool(given.get("trust_env", True))
        settings.headers = dict(given.get("headers") or {})
        settings.cookies = dict(given.get("cookies") or {})
        settings.basic_auth = given.get("auth")
        if "timeout" in given:
            settings.timeouts = _timeouts(given["timeout"])
        return settings


def _timeouts(given: Any) -> Timeouts:
    """A number, a (connect, read, …) tuple, None, or an httpx.Timeout."""
    if given is None:
        return Timeouts(None, None)
    if isinstance(given, tuple):
        return Timeouts(given[0], given[1])
    if hasattr(given, "connect"):
        return Timeouts(given.connect, given.read)
    return Timeouts(float(given), float(given))


@dataclass(slots=True)
class Response:
    status: int
    headers: dict[str, str]
    url: str
    chunks: AsyncIterator[bytes]
    """The body, once."""

    async def read(self) -> bytes:
        parts, size = [], 0
        async for chunk in self.chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > _BODY_MAX:
                raise ServerError(f"The answer of {self.url} has more than {_BODY_MAX} bytes.", self.status)
        return b"".join(parts)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what may share secrets."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


class Http:
    """`base` ends with a slash. Everything private goes to its origin only."""

    def __init__(self, base: str, settings: Settings, private: Mapping[str, str]) -> None:
        self.base = base
        self.settings = settings
        self.cookies = dict(settings.cookies)
        self._private = dict(private)
        self._pools: dict[str | None, httpcore.AsyncConnectionPool] = {}

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        follow: bool = False,
    ) -> AsyncIterator[Response]:
        """One exchange; `path` may be a whole URL. With `follow`, redirects are followed.

        Raises `ConnectionFailed` and `RequestTimeout`, also while the body is read.
        """
        url = urljoin(self.base, path)
        for _ in range(_REDIRECTS + 1):
            async with self._once(method, url, content, headers or {}, timeouts or self.settings.timeouts) as response:
                location = response.headers.get("location")
                if not (follow and location and response.status in (301, 302, 303, 307, 308)):
                    yield response
                    return
                url = urljoin(url, location)
        raise ServerError(f"{url} redirects more than {_REDIRECTS} times.")

    async def fetch(self, method: str, path: str, **options: Any) -> tuple[Response, bytes]:
        """One exchange with its whole body."""
        async with self.stream(method, path, **options) as response:
            return response, await response.read()

    async def post_json(self, path: str, body: Any, **options: Any) -> tuple[Response, bytes]:
        headers = {"content-type": "application/json", **(options.pop("headers", None) or {})}
        return await self.fetch("POST", path, content=json.dumps(body).encode(), headers=headers, **options)

    @asynccontextmanager
    async def _once(
        self, method: str, url: str, content: Any, headers: Mapping[str, str], timeouts: Timeouts
    ) -> AsyncIterator[Response]:
        own = origin(url) == origin(self.base)
        if isinstance(content, bytes):
            headers = {**headers, "content-length": str(len(content))}
        request = httpcore.Request(
            method,
            _url(url),
            headers=self._headers(url, headers, own=own),
            content=content,
            extensions={"timeout": timeouts.extension()},
        )
        try:
            response = await self._pool(url).handle_async_request(request)
        except Exception as error:
            raise mapped(error, url) from error
        try:
            fields = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in response.headers}
            if own:
                self._keep_cookies(response.headers)
            yield Response(response.status, fields, url, _chunks(response, url))
        finally:
            await response.aclose()

    def _headers(self, url: str, more: Mapping[str, str], *, own: bool) -> Headers:
        fields = {"host": urlsplit(url).netloc.rpartition("@")[2], "accept": "*/*", "user-agent": "spaceport-client"}
        if own:
            fields |= {key.lower(): value for key, value in self.settings.headers.items()}
            fields |= self._private
            if self.cookies:
                fields["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        allowed = {key.lower(): value for key, value in more.items()}
        fields |= {key: value for key, value in allowed.items() if own or key in ("accept", "content-length")}
        return [(key.encode("latin-1"), value.encode("utf-8")) for key, value in fields.items()]

    def _keep_cookies(self, headers: Headers) -> None:
        for key, value in headers:
            if key.lower() == b"set-cookie":
                try:
                    found = SimpleCookie(value.decode("latin-1"))
                except CookieError:
                    continue
                self.cookies.update({name: one.value for name, one in found.items()})

    def _pool(self, url: str) -> httpcore.AsyncConnectionPool:
        proxy = self._proxy(urlsplit(url))
        pool = self._pools.get(proxy)
        if pool is None:
            options: dict[str, Any] = {"max_connections": _CONNECTIONS * 10, "max_keepalive_connections": _CONNECTIONS}
            options["keepalive_expiry"] = _IDLE_S
            if self.settings.verify is not True:
                options["ssl_context"] = _context(self.settings.verify)
            if proxy is not None:
                options["proxy"] = httpcore.Proxy(proxy)
            pool = self._pools[proxy] = httpcore.AsyncConnectionPool(**options)
        return pool

    def _proxy(self, url: SplitResult) -> str | None:
        if self.settings.proxy is not None:
            return self.settings.proxy
        if not self.settings.trust_env or proxy_bypass(url.hostname or ""):
            return None
        proxies = getproxies()
        return proxies.get(url.scheme) or proxies.get("all")


def _url(url: str) -> httpcore.URL:
    try:
        return httpcore.URL(url.encode("utf-8") if url.isascii() else _quoted(url))
    except (ValueError, TypeError, UnicodeError):
        raise ConnectionFailed(f"{url!r} is not a URL.") from None


def _quoted(url: str) -> bytes:
    from urllib.parse import quote

    return quote(url, safe=":/?#[]@!$&'()*+,;=%").encode()


def _context(verify: bool | str | ssl.SSLContext) -> ssl.SSLContext:
    if isinstance(verify, ssl.SSLContext):
        return verify
    if isinstance(verify, str):
        return ssl.create_default_context(cafile=verify)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _chunks(response: httpcore.Response, url: str) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_stream():
            yield chunk
    except Exception as error:
        raise mapped(error, url) from error


def mapped(error: Exception, url: str) -> Exception:
    """The one place where the library's errors become ours."""
    if isinstance(error, SpaceportError):
        return error
    host = urlsplit(url).netloc.rpartition("@")[2]
    if isinstance(error, httpcore.ConnectTimeout):
        return RequestTimeout(f"{host} could not be reached in time.")
    if isinstance(error, httpcore.TimeoutException):
        return RequestTimeout(f"{host} did not answer in time.")
    if isinstance(error, (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, ssl.SSLError, OSError)):
        return ConnectionFailed(f"The connection to {host} failed: {error or type(error).__name__}.")
    return error
