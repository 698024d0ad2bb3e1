"""Who may call from a browser: the one rule about hosts and origins, for Spaces and hubs.

Four kinds of callers:

own      a page of the server itself, or one localhost page on another localhost server: everything, cookies included
foreign  a page of any other origin, `null` included. It may read answers and send unsafe methods, but without cookies.
         On a localhost server only pages of `*.localhost` may, the Spaces of a hub there: a page on the web must not
         reach into a laptop
program  neither `Origin` nor `Sec-Fetch-Site`: everything; what it may do depends on its token
rebound  a request for a name that the server does not have (DNS rebinding). A server on a loopback address answers
         localhost names, addresses, names without a dot and configured names, and 421 to all others
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from spaceport.api.asgi import Headers
from spaceport.errors import Forbidden, Misdirected, RequestError

_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104  names to compare with, nothing is bound
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{0,255}")
_FOREIGN_SITES = (b"cross-site", b"same-site")
_EXPOSED = (b"access-control-expose-headers", b"retry-after, x-request-id, x-spaceport-job, location")


@dataclass(frozen=True, slots=True)
class OriginRules:
    """`own`: host names whose pages count as the server's own. `hosts`: the only names that the server answers to
    beside localhost; None: it answers to any. A name that begins with a dot is all below it."""

    own: frozenset[str] = frozenset()
    hosts: frozenset[str] | None = None
    checked_before: bool = False
    """Whether the server that passes the requests on, a hub's gateway, has checked them."""

    def check(self, method: str, pairs: Headers, headers: Mapping[bytes, bytes], host: str) -> None:
        """Check the request before anything else looks at it. `pairs` are its headers as they came.

        `host` is its public host, which a trusted proxy may have set. Raises `RequestError` for two `Host` headers or
        a malformed one, `Misdirected` for a name that is not the server's, `Forbidden` for what a foreign page may not
        do.
        """
        if len(pairs) != len(headers) and [name for name, _ in pairs].count(b"host") > 1:
            raise RequestError("The request has two Host headers: send one.")
        if not _is_well_formed(host):
            raise RequestError("The Host header is malformed.")
        if not self._answers_to(host):
            raise Misdirected(
                f"This server does not answer for {_hostname(host)[:100]!r}: add the name to SPACEPORT_ALLOWED_HOSTS, "
                "or set SPACEPORT_TRUST_FORWARDED behind a proxy that sets X-Forwarded-*."
            )
        if method not in _SAFE_METHODS and self._is_foreign(headers, host):
            self._check_foreign(headers, host)

    def _check_foreign(self, headers: Mapping[bytes, bytes], host: str) -> None:
        """What a foreign page could not read, it may not do: it would otherwise be done all the same."""
        if b"cookie" in headers or not _may_read(host, headers.get(b"origin", b"").decode("latin-1")):
            raise Forbidden(
                "A page of another origin may not do this: call from the server's own pages or from a program. "
                "Behind a proxy, pass the Host header on, or name the public host in SPACEPORT_ALLOWED_HOSTS."
            )

    def cors_headers(self, host: str, origin: str) -> Headers:
        """The response headers that answer `Origin` on a server that is addressed as `host`."""
        if not self._answers_to(host):
            return [(b"vary", b"Origin")]
        if self._is_own(host, origin):
            return [
                _EXPOSED,
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
                (b"vary", b"Origin"),
            ]
        if not _may_read(host, origin):
            return [(b"vary", b"Origin")]
        return [_EXPOSED, (b"access-control-allow-origin", b"*"), (b"vary", b"Origin")]

    def _answers_to(self, host: str) -> bool:
        return self.hosts is None or _is_served(self.hosts, host)

    def _is_foreign(self, headers: Mapping[bytes, bytes], host: str) -> bool:
        """Whether a page of another origin sends the request. Browsers say so; a page cannot change these headers."""
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if site == b"same-origin":
            return False
        if origin is not None:
            return not self._is_own(host, origin.decode("latin-1"))
        return site in _FOREIGN_SITES

    def _is_own(self, host: str, origin: str) -> bool:
        netloc = _netloc_of(origin)
        name = _hostname(netloc)
        if not name:
            return False
        same = host in (netloc, name)  # a proxy may have dropped the port from `Host`
        return same or name in self.own or (is_local(host) and name in _LOCAL)


CHECKED_BEFORE = OriginRules(checked_before=True)
"""The rules of an app in a hub's own process, behind the gateway."""
ANY_HOST = OriginRules()
"""The rules of an app that somebody else serves or mounts."""


def rules_for(address: str, own: Iterable[str], served: Iterable[str] = (), *, any_host: bool = False) -> OriginRules:
    """The rules of a server that listens on `address`.

    `own` and `served` are names or URLs: pages of the first count as the server's own, and it answers to both. It
    answers to `any_host` where a trusted proxy in front decides which names reach it.
    """
    names = frozenset(name for name in map(_name_of, own) if name)
    local = address == "localhost" or (_is_address(address) and ipaddress.ip_address(address).is_loopback)
    if any_host or not local:
        return OriginRules(names)
    return OriginRules(names, names | {name for name in map(_name_of, served) if name})


def host_of(headers: Mapping[bytes, bytes], *, trust_forwarded: bool) -> str:
    """The host that a caller addressed, with its port; what a trusted proxy says of it counts more."""
    if trust_forwarded:
        forwarded = headers.get(b"x-forwarded-host", b"").split(b",")[0].strip()
        if forwarded:
            return forwarded.decode("latin-1")
    return headers.get(b"host", b"").decode("latin-1")


def is_local(host: str) -> bool:
    """Whether a host, with or without a port, is a localhost name or a loopback address."""
    return _is_local_name(_hostname(host))


def preflight_headers(asked: bytes) -> Headers:
    """The headers that answer a preflight. `asked`: the value of `Access-Control-Request-Headers`."""
    return [
        (b"access-control-allow-methods", b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        (b"access-control-max-age", b"600"),
        (b"access-control-allow-headers", asked),
    ]


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks what a page of another origin may do. The request carries no token."""
    return method == "OPTIONS" and b"access-control-request-method" in headers


def _may_read(host: str, origin: str) -> bool:
    """Whether a foreign page may read answers that need no cookie."""
    return not is_local(host) or _is_local_name(_hostname(_netloc_of(origin)))


def _is_local_name(name: str) -> bool:
    return name in _LOCAL or name.endswith(".localhost") or (name.startswith("127.") and _is_address(name))


@functools.lru_cache(maxsize=1024)
def _is_well_formed(host: str) -> bool:
    """Whether a host can stand in headers, links and code as it is."""
    return _HOST.fullmatch(host) is not None


def _netloc_of(origin: str) -> str:
    """Host and port of a web page's origin; empty for `null`, for what is not http, and for what no browser sends."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") and _is_well_formed(parts.netloc) else ""


@functools.lru_cache(maxsize=1024)
def _is_served(names: frozenset[str], host: str) -> bool:
    name = _hostname(host)
    if not name or "." not in name or name in names or _is_local_name(name) or _is_address(name):
        return True
    return any(name.endswith(parent) for parent in names if parent.startswith("."))


def _hostname(host: str) -> str:
    try:
        return (urlsplit("//" + host).hostname or "").rstrip(".")
    except ValueError:
        return host.lower()


def _name_of(given: str) -> str:
    given = given.strip().lower()
    return _hostname(urlsplit(given).netloc if "://" in given else given)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
