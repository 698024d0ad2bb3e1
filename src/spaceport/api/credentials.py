"""Which headers of a request are secret, and how its bearer token is read: the only list, and the only reading.

A secret header never leaves the process that received it: it is not journalled, not passed on and not logged.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

SECRET_HEADERS = frozenset(b"authorization cookie proxy-authorization x-hf-authorization x-ip-token".split())
"""Request headers that carry a credential, in lower case."""
PROXY_HEADERS = frozenset(b"forwarded x-gradio-server".split())
"""Request headers that say where a request comes from. Only the server in front may set them, so that a caller's own
are dropped; so are those that begin with `FORWARDED`."""
FORWARDED = b"x-forwarded-"
_DROPPED = SECRET_HEADERS | PROXY_HEADERS
_BEARERS = (b"x-hf-authorization", b"authorization")
"""Gradio's clients send the hub's token in the first one, and leave the second one to the app."""


@functools.lru_cache(maxsize=1024)
def is_private(name: bytes) -> bool:
    """Whether a request header (in lower case) ends at this server: it is secret, or only a proxy may set it.

    An app behind WSGI or CGI reads `x_ip_token` as `x-ip-token`.
    """
    if b"_" in name:
        name = name.replace(b"_", b"-")
    return name in _DROPPED or name.startswith(FORWARDED)


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The bearer token of a request; `headers` have lower-case names. None: the request carries no bearer token."""
    for name in _BEARERS:
        given = headers.get(name)
        if given is not None:
            scheme, _, token = given.decode("latin-1").strip().partition(" ")
            token = token.strip()
            if scheme.lower() == "bearer" and token:
                return token
    return None
