"""The ASGI app at the apps' address: calls go to the Space's queue, all else to one of its replicas.

`GET config` of a Space that never ran is answered at once and padded with blanks, which JSON allows, until the Space
has started: gradio_client waits five seconds for a response to start, but not for its end (hub-api §1.5).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from spaceport.api.credentials import is_private
from spaceport.api.origins import host_of
from spaceport.api.routes import Handled, Route, handled_by, route_of
from spaceport.api.stream_limit import StreamLimit
from spaceport.errors import NotFound, SpaceportError, SpaceUnavailable, TooLarge
from spaceport.hub.gateway import visits, websockets
from spaceport.hub.gateway.access_check import AccessCheck, AccessChecks
from spaceport.hub.gateway.addresses import MISSING, Addresses, Target
from spaceport.hub.gateway.affinity import choose_replica, remembered_epoch
from spaceport.hub.gateway.exchange import ProxiedRequest
from spaceport.hub.gateway.forward import SANDBOX, Forwarder, request_headers, url_of
from spaceport.hub.gateway.options import GatewayOptions
from spaceport.hub.gateway.static import StaticSpaces
from spaceport.hub.gateway.uploads import check_call, check_file, may_name_files
from spaceport.hub.gateway.waking import show_unavailable_page, show_waking_page
from spaceport.hub.queues import SpaceQueue, SpaceQueues
from spaceport.hub.quotas.rate_limits import RateLimiter
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.hub.state import Hub
from spaceport.wire.documents import API_PREFIX, FILE_PREFIX

_READ_METHODS = ("GET", "HEAD", "DELETE")
_DEPRECATED_FILE = f"{API_PREFIX}/file/"
"""Gradio serves a file below this path too."""
_PAGES = (b"document", b"iframe", b"frame")
"""What a browser says that it will show (`Sec-Fetch-Dest`)."""
_ANONYMOUS_POOL = 20
"""How many times the calls of one anonymous address all of them together have."""
_POLICY_VIOLATION = 1008
_ACCEPTED_BEFORE = (Handled.JOBS, Handled.FILE)
"""Requests for what was accepted before need no replica."""


class Gateway:
    """An ASGI app. The queues must have been started before its first request."""

    def __init__(self, hub: Hub, fleet: Fleet, queues: SpaceQueues, options: GatewayOptions) -> None:
        self._data = hub.data
        self._fleet = fleet
        self._queues = queues
        self._payers = hub.payer_tokens
        self._visits = hub.visits
        self._addresses = Addresses(hub, options)
        self._static = StaticSpaces(hub.spaces, hub.data)
        self._options = options
        self._calls = RateLimiter("calls", lambda tier: tier.calls, _ANONYMOUS_POOL)
        self._access_checks = AccessChecks(options.access_check_s)
        self._open = StreamLimit()
        """Requests that are forwarded to replicas, and websockets."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._answer(ProxiedRequest(scope, receive, send, self._options))
        elif scope["type"] == "websocket":
            await self._answer_websocket(scope, receive, send)

    async def _answer(self, request: ProxiedRequest) -> None:
        if request.is_preflight:
            await request.answer_preflight()
            return
        target = None
        access = self._access_check(request.scope, request.headers)
        try:
            if await self._begin_visit(request):
                return
            request.check_origin()
            target = self._addresses.resolve(request.scope, request.headers)
            with access:
                await self._dispatch(request, target)
        except asyncio.CancelledError:
            if not access.revoked:
                raise
            if request.started:
                raise ConnectionResetError("The caller may not see the Space any more.") from None
            await request.send_error(404, "not_found", MISSING)
        except NotFound:
            await request.send_error(404, "not_found", MISSING)
        except SpaceportError as error:
            if target is not None and isinstance(error, SpaceUnavailable) and request.wants_page:
                await show_unavailable_page(self._fleet, self._data, self._options.hub_url, request, target, error)
                return
            retry_after_s = getattr(error, "retry_after_s", None)
            await request.send_error(error.status, error.code, error.message, retry_after_s)

    async def _begin_visit(self, request: ProxiedRequest) -> bool:
        """Answer the form by which a browser comes from the hub. Returns whether the request was that form.

        Only the page that got the ticket can send it, so that it is the one request which another origin may make.
        """
        if request.scope["method"] != "POST" or not request.scope["raw_path"].endswith(visits.PATH):
            return False
        found = self._addresses.locate(request.scope, request.headers)
        if found.raw != visits.PATH:
            return False
        prefix = f"/{found.space.full_name}" if found.by_path and found.space is not None else ""
        await visits.begin_visit(request, self._visits, found.space, prefix, found.scheme, found.host)
        return True

    def _access_check(self, scope: Any, headers: dict[bytes, bytes]) -> AccessCheck:
        return AccessCheck(self._access_checks, lambda: self._addresses.resolve(scope, headers))

    async def _dispatch(self, request: ProxiedRequest, target: Target) -> None:
        if target.moved:
            await self._redirect_moved(request, target)
            return
        if not target.raw:  # relative links of the page need the slash
            query = request.scope["query_string"]
            location = request.scope["raw_path"] + b"/" + (b"?" + query if query else b"")
            await request.start(308, [(b"location", location)])
            await request.finish()
            return
        if await self._redirect_page(request, target):
            return
        if target.identity.tier.calls:
            self._count_call(request, target)
        if target.space.sdk == "static":
            await self._serve_static(request, target)
            return
        if await self._serve_from_queue(request, target):
            return
        if await show_waking_page(self._fleet, self._data, self._options.hub_url, request, target):
            return
        with self._open.acquire(target.caller, self._most_open(target)):
            await self._forward(request, target)

    async def _forward(self, request: ProxiedRequest, target: Target) -> None:
        uploads = SpacePaths(self._data / target.space.folder).uploads
        await check_file(target.path, uploads)
        await self._check_call(request, target, uploads)
        replica = await choose_replica(self._fleet, self._options, target, request.scope, request)
        forwarder = Forwarder(self._queues.http, self._payers, self._options)
        runtime = self._fleet.of(target.space)
        with runtime.in_use(replica):
            await forwarder.forward(request, target, replica, remember=runtime.desired_replicas() > 1)

    def _count_call(self, request: ProxiedRequest, target: Target) -> None:
        """Count a request that submits calls, where the caller's tier has a limit. Raises `RateLimited`."""
        route = route_of(request.scope["method"], target.path)
        if route is not None and route.submits:
            usage = self._calls.count(target.identity, target.payer.address)
            request.more_headers = [(name.encode(), value.encode()) for name, value in usage.headers.items()]
            usage.check()
            identity, address = target.identity, target.payer.address
            request.scope["count_calls"] = lambda number: self._calls.count(identity, address, number).check()

    def _most_open(self, target: Target) -> int:
        """How many forwarded requests and websockets the caller may have open."""
        return target.identity.tier.streams or self._options.forwarded_per_caller

    async def _redirect_page(self, request: ProxiedRequest, target: Target) -> bool:
        """Send a browser that opens a page of the path form to the Space's own host. Returns whether it was sent.

        All Spaces have one origin in the path form, so that their pages are sandboxed there (`forward.SANDBOX`).
        """
        if not target.prefix or request.headers.get(b"sec-fetch-dest") not in _PAGES or not request.wants_page:
            return False
        address = self._addresses.own_address(target)
        if address is None:
            return False
        query = request.scope["query_string"]
        location = address.rstrip("/").encode() + target.raw + (b"?" + query if query else b"")
        await request.start(
            307, [(b"location", location), (b"vary", b"sec-fetch-dest"), (b"cache-control", b"no-store")]
        )
        await request.finish()
        return True

    async def _redirect_moved(self, request: ProxiedRequest, target: Target) -> None:
        """Send the caller to the Space's address of today, with the method and the body."""
        domain = target.host.partition(".")[2]
        root = target.root if target.prefix else f"{target.scheme}://{target.space.subdomain}.{domain}"
        query = request.scope["query_string"]
        await request.redirect(root.encode("latin-1") + target.raw + (b"?" + query if query else b""))

    async def _serve_static(self, request: ProxiedRequest, target: Target) -> None:
        """Send a file of a Space that has no app."""
        if request.scope["method"] not in ("GET", "HEAD"):
            text = f"{target.space.full_name} is a static page: it has no API."
            await request.send_error(405, "method_not_allowed", text)
            return

        async def send(message: Any) -> None:
            if target.prefix and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], SANDBOX]}
            await request.send(message)

        try:
            await self._static.serve(target.space, target.path, request.scope, request.receive, send)
        except NotFound as error:
            await request.send_error(error.status, error.code, error.message)

    async def _answer_websocket(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        access = self._access_check(scope, headers)
        host = host_of(headers, trust_forwarded=self._options.trust_forwarded)
        try:
            self._options.origins.check("POST", scope["headers"], headers, host)  # a socket may do what a POST may
            target = self._addresses.resolve(scope, headers)
            if target.identity.tier.calls:  # an app may take calls by it, which only the app could count
                self._calls.count(target.identity, target.payer.address).check()
            with access, self._open.acquire(target.caller, self._most_open(target)):
                await self._relay_websocket(target, scope, receive, send)
        except asyncio.CancelledError:
            if not access.revoked:
                raise
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        except SpaceportError:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def _relay_websocket(self, target: Target, scope: Any, receive: Any, send: Any) -> None:
        replica = await choose_replica(self._fleet, self._options, target, scope)
        headers = request_headers(self._payers, target, scope)
        kept = {name: value for name, value in headers if not name.startswith("sec-websocket-")}
        url = url_of(replica, target, scope, "ws")
        with self._fleet.of(target.space).in_use(replica):
            await websockets.relay(self._queues.http, url, kept, scope, receive, send)

    # The Space's queue

    async def _serve_from_queue(self, request: ProxiedRequest, target: Target) -> bool:
        """Answer from the Space's queue. Returns whether the request was the queue's."""
        space, path, scope = target.space, target.path, request.scope
        if path.startswith(_DEPRECATED_FILE):
            path = FILE_PREFIX + path.removeprefix(_DEPRECATED_FILE)
        handled = handled_by(path)
        if handled is Handled.APP:
            return False
        method = scope["method"]
        reads = method in _READ_METHODS and handled in _ACCEPTED_BEFORE
        queue = self._queues.get_open(space, reads=reads)
        if queue is None:
            pad = method == "GET" and path == "/config"
            queue = await request.pad_while_waiting(self._queues.get(space, reads=reads), pad=pad)
        query = str(scope["query_string"], "latin-1")
        if queue is None or not queue.routing.may_take(handled, method, query):
            return False
        forwarded, route = _scope_for_queue(request, target, path), route_of(method, path)
        body = await self._peek_body(request, queue, route)
        if not await queue.routing.takes(handled, forwarded, path, query, body):
            return False
        if route is not None and route.submits:
            self._fleet.of(space).check()
        await queue.serve(forwarded, request.unbuffered_receive(), request.unbuffered_send())
        return True

    async def _peek_body(self, request: ProxiedRequest, queue: SpaceQueue, route: Route | None) -> bytes:
        """The body of a request that names its session there, or that the app may run; it can be read again."""
        if route is None or not (route.session_in_body or route.handled is Handled.DIRECT):
            return b""
        options = queue.context.options
        body = await request.peek(options.max_body, options.body_timeout_s)
        if route.handled is Handled.DIRECT and len(body) > options.max_body:
            raise TooLarge(f"The body has more than {options.max_body} bytes.")
        return body

    async def _check_call(self, request: ProxiedRequest, target: Target, uploads: Path) -> None:
        """Raise `InvalidInput` for a request that the app would read somebody else's uploads for."""
        if not may_name_files(request, target.path):
            return
        space = target.space
        queue = self._queues.get_open(space, reads=True) or await self._queues.get(space, reads=True)
        if queue is None:
            await check_call(request, uploads)
            return
        if not target.path.startswith(f"{API_PREFIX}/"):
            return
        options = queue.context.options
        body = await request.peek(options.max_body, options.body_timeout_s)
        if len(body) > options.max_body:
            raise TooLarge(f"The body has more than {options.max_body} bytes.")
        if body:
            await queue.routing.check_uploads(body, target.identity)


def _scope_for_queue(request: ProxiedRequest, target: Target, path: str) -> dict[str, Any]:
    """The ASGI scope as the queue's app gets it: without credentials, at the Space's public address."""
    given = request.scope["headers"]
    headers = [one for one in given if one[0] != b"host" and not is_private(one[0])]
    headers.append((b"host", target.host.encode("latin-1")))
    return {
        **request.scope,
        "path": path,
        "root_path": target.prefix,
        "headers": headers,
        "scheme": target.scheme,
        "identity": target.identity,
        "payer": target.payer,
        "replica": remembered_epoch(request.scope) if b"cookie" in request.headers else "",
        "client": (target.payer.address, 0),
    }
