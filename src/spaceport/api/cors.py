"""Which other origins may use the API from a browser.

The Space's own origin, and one localhost page for another: with credentials. Any other origin may read public
answers without credentials, but nothing on a localhost server: a page on the web must not reach into a laptop.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from spaceport.api.asgi import Headers

_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104  names to compare with, nothing is bound


_EXPOSED = (b"access-control-expose-headers", b"retry-after, x-request-id, x-spaceport-job, location")


def cors_headers(host: str, origin: str) -> Headers:
    """The headers that answer `Origin` on a server that is addressed as `host`."""
    parts = urlsplit(origin)
    same = parts.netloc == host and parts.scheme in ("http", "https")
    local_host = _hostname(host) in _LOCAL
    local_origin = (parts.hostname or "") in _LOCAL and parts.scheme in ("http", "https")
    if same or (local_host and local_origin):
        return [
            _EXPOSED,
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    if local_host:
        return [(b"vary", b"Origin")]
    return [_EXPOSED, (b"access-control-allow-origin", b"*"), (b"vary", b"Origin")]


def preflight_headers(asked: bytes) -> Headers:
    """`asked`: the value of `Access-Control-Request-Headers`."""
    return [
        (b"access-control-allow-methods", b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        (b"access-control-max-age", b"600"),
        (b"access-control-allow-headers", asked),
    ]


def _hostname(host: str) -> str:
    return urlsplit("//" + host).hostname or ""
