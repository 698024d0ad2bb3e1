"""Forwards a request to a replica and streams its response back, bytes unchanged.

The caller's credentials stay at the hub. The app learns its own public address from `x-gradio-server` and who pays from
`x-ip-token`, which the hub sets.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import aiohttp
import yarl

from spaceport.api.credentials import is_private
from spaceport.errors import SpaceUnavailable, TransportError
from spaceport.hub.gateway.addresses import Target
from spaceport.hub.gateway.affinity import affinity_cookie, remembered_epoch
from spaceport.hub.gateway.cookies import cookies_for_app, scope_cookie, sets_hub_cookie
from spaceport.hub.gateway.exchange import Headers, ProxiedRequest
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.identity.payer import REQUEST_S, PayerTokens
from spaceport.hub.runtime.replicas import ReplicaRecord

_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host".split()
) | {b"expect"}
"""The server answers `expect` itself, with 100."""
_NOT_FOR_CALLERS = _HOP_BY_HOP | frozenset(b"alt-svc strict-transport-security x-accel-redirect x-sendfile".split())
"""An app may not decide how its whole host, and its subdomains, are reached, nor what a proxy in front serves."""
_OF_ORIGIN = frozenset(b"clear-site-data nel report-to service-worker-allowed".split())
"""Headers of responses that act on a whole origin, which in the path form is that of all Spaces."""
SANDBOX = (b"content-security-policy", b"sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts")
"""Gives a page an origin of its own. In the path form all Spaces would have one, and could read each other."""
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header may have: servers refuse to send it."""
_STATUSES = range(200, 600)
_CONNECT_TIMEOUT_S = 10.0


def is_forwardable(name: bytes) -> bool:
    return name not in _HOP_BY_HOP and not is_private(name)


def url_of(replica: ReplicaRecord, target: Target, scope: Any, scheme: str = "http") -> str:
    """The address of a request at the replica."""
    query = str(scope["query_string"], "latin-1")
    return f"{scheme}://{replica.address}{target.quoted_path}" + (f"?{query}" if query else "")


def request_headers(payers: PayerTokens, target: Target, scope: Any) -> list[tuple[str, str]]:
    """The headers of a request as the replica gets them."""
    headers = [(str(k, "latin-1"), str(v, "latin-1")) for k, v in scope["headers"] if is_forwardable(k)]
    cookies = cookies_for_app(scope["headers"])
    if cookies:
        headers.append(("cookie", cookies))
    token = payers.mint(target.payer, target.space.full_name, REQUEST_S)
    return [*headers, ("x-gradio-server", target.root), ("x-ip-token", token)]


def response_headers(raw: Iterable[tuple[bytes, bytes]], replica: ReplicaRecord, target: Target) -> Headers:
    """The headers of a replica's response as the caller gets them."""
    dropped = _NOT_FOR_CALLERS | _OF_ORIGIN if target.prefix else _NOT_FOR_CALLERS
    port = replica.address.rpartition(":")[2].encode()
    headers = []
    for header in raw:
        name = header[0].lower()
        if name in dropped or _CONTROL.search(header[1]) or sets_hub_cookie(header):
            continue
        if name == b"set-cookie":
            headers.append(scope_cookie(header, target.prefix))
        elif port in header[1]:
            headers.append((header[0], _with_public_address(header[1], replica, target)))
        else:
            headers.append(header)
    if target.prefix:
        headers.append(SANDBOX)
    return headers


def _with_public_address(value: bytes, replica: ReplicaRecord, target: Target) -> bytes:
    """A header with the Space's public address in place of the replica's own, which a redirect may have."""
    host, _, port = replica.address.rpartition(":")
    # an app believes that it listens on the address that it asked for (docs/adr/0006)
    internal = rf"https?://(?:{re.escape(host)}|localhost|127(?:\.[0-9]{{1,3}}){{3}}|0\.0\.0\.0):{port}(?![0-9])"
    return re.sub(internal.encode(), lambda _: target.root.encode("latin-1"), value)


class Forwarder:
    """Forwards over `http`, which belongs to the running loop."""

    def __init__(self, http: aiohttp.ClientSession, payers: PayerTokens, options: GatewayOptions) -> None:
        self._http = http
        self._payers = payers
        self._options = options

    async def forward(self, request: ProxiedRequest, target: Target, replica: ReplicaRecord, *, remember: bool) -> None:
        """`remember`: the response sets the cookie that brings the visitor back to this replica.

        Raises `SpaceUnavailable` where nothing listens there, `TransportError` where the response breaks off before its
        start, `ConnectionResetError` after it.
        """
        request.check_length()
        has_body = b"content-length" in request.headers or b"transfer-encoding" in request.headers
        timeout = aiohttp.ClientTimeout(
            None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=self._options.response_timeout_s
        )
        try:
            async with self._http.request(
                request.scope["method"],
                yarl.URL(url_of(replica, target, request.scope), encoded=True),
                headers=request_headers(self._payers, target, request.scope),
                data=request.body() if has_body else None,
                allow_redirects=False,
                skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
                timeout=timeout,
            ) as response:
                if response.status not in _STATUSES:
                    raise TransportError(f"The Space answered with the status {response.status}, which is none.")
                headers = response_headers(response.raw_headers, replica, target)
                if remember and remembered_epoch(request.scope) != replica.epoch:
                    headers.append(affinity_cookie(replica, target))
                await request.start(response.status, headers)
                await request.relay(response.content)
        except aiohttp.ClientConnectorError:
            raise SpaceUnavailable("The Space has just stopped. Try again in a moment.", 1) from None
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            if request.started:  # the caller must see that the response is incomplete
                raise ConnectionResetError(str(error)) from None
            raise TransportError("The Space broke off its response.") from None
