"""`/owner/name/…` on the apps' address, or a Space's own host: what is the hub's to keep goes to its lane, all else to
its replica, bytes untouched and streams as they come.

The caller's credentials stay here: the app sees neither. What it is told of its address is the hub's word
(`x-gradio-server`, hub.md §1.6). `GET config` of a Space that never ran is answered at once and filled with blanks,
which JSON allows, until it does: gradio_client waits five seconds for an answer, not for its end (§1.5).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, MutableMapping
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import aiohttp
import yarl

from spaceport.api.cors import cors_headers, preflight_headers
from spaceport.api.credentials import bearer, is_private
from spaceport.api.exchange import Send
from spaceport.errors import (
    NotFound,
    SpaceportError,
    SpaceUnavailable,
    TimedOut,
    TooLarge,
    TransportError,
    Unauthenticated,
)
from spaceport.hub.gateway import websockets
from spaceport.hub.gateway.static import StaticSpaces
from spaceport.hub.identity.accounts import Identity
from spaceport.hub.identity.payer import REQUEST_S, Payer
from spaceport.hub.queues import SpaceQueue, SpaceQueues, fields_of
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.runtime.replicas import ReplicaRecord, chosen
from spaceport.hub.state import Hub
from spaceport.store.hub.sqlite import SpaceRow
from spaceport.wire.documents import API_PREFIX

T = TypeVar("T")
_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host".split()
)
_OWN_COOKIES = ("spaceport", "__Host-spaceport", "__Secure-spaceport")
_REPLICA = "spaceport-replica"
_IN_BODY = ("/queue/join", "/cancel", "/reset")
_BODY = 16 << 20
"""A larger one is not looked into."""
_CONNECT_S = 10.0
_BLANK_S = 1.0
_PAGE_S = 0.3
_MISSING = "There is no such Space, or you may not see it: send a token (Authorization: Bearer hf_…)."
_WAKING = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>{name}</title>
<style>body{{font:16px system-ui;display:grid;place-items:center;min-height:90vh;color:#444}}</style>
<p role="status"><b>{name}</b> is waking up ({stage}). This page goes on by itself.</p></html>"""
_QUEUED = (f"{API_PREFIX}/", "/config", "/openapi.json", "/--spaceport/", "/agents.md", "/llms.txt")
"""How paths begin that may be a lane's to answer."""
_CALLS = (f"{API_PREFIX}/call/", f"{API_PREFIX}/queue/join")
_JOBS = (f"{API_PREFIX}/call/", f"{API_PREFIX}/jobs", f"{API_PREFIX}/file=")
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ProxyOptions:
    """`domain`: below it every Space has a host of its own; `apps_url`: the root of the other form, where something
    stands in front. `trusts`: believe `X-Forwarded-*`. `body`: bytes at most."""

    domain: str = "localhost"
    apps_url: str | None = None
    trusts: bool = False
    body: int = 1 << 30
    body_wait_s: float = 60.0
    answer_wait_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """Which Space a request is for, how its caller sees the Space's address, and what is asked of it."""

    space: SpaceRow
    identity: Identity
    payer: Payer
    scheme: str
    host: str
    prefix: str
    raw: bytes
    """Path below the Space's address, with its slash, as it came."""

    @property
    def root(self) -> str:
        return f"{self.scheme}://{self.host}{self.prefix}"

    @property
    def text(self) -> str:
        return str(self.raw, "latin-1")

    @property
    def path(self) -> str:
        return unquote(self.text)


class Proxy:
    """An ASGI app."""

    def __init__(self, hub: Hub, fleet: Fleet, queues: SpaceQueues, options: ProxyOptions) -> None:
        self._hub = hub
        self._fleet = fleet
        self._queues = queues
        self._static = StaticSpaces(hub.spaces, hub.data)
        self._options = options

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            visit = ProxiedRequest(scope, receive, send, self._options)
            if visit.is_preflight:
                await visit.allow()
                return
            try:
                await self._visit(visit)
            except NotFound:
                await visit.fail(404, "not_found", _MISSING)
            except SpaceportError as error:
                await visit.fail(error.status, error.code, error.message, getattr(error, "retry_after_s", None))
        elif scope["type"] == "websocket":
            try:
                await self._socket(scope, receive, send)
            except SpaceportError:
                await receive()
                await send({"type": "websocket.close", "code": 1008})

    async def _visit(self, visit: ProxiedRequest) -> None:
        target = self._target(visit.scope, visit.headers)
        if not target.raw:  # the page's own links need the slash
            await visit.start(308, [(b"location", visit.scope["raw_path"] + b"/")])
            await visit.end()
            return
        if target.space.sdk == "static":
            await self._show(visit, target)
            return
        if await self._in_queue(visit, target) or await self._waking(visit, target.space):
            return
        place = await self._place(target, visit.scope, visit)
        with self._fleet.used(target.space, place):
            await self._forward(visit, target, place)

    async def _show(self, visit: ProxiedRequest, target: Target) -> None:
        """A file of a Space that has no app."""
        if visit.scope["method"] not in ("GET", "HEAD"):
            await visit.fail(405, "method_not_allowed", f"{target.space.full_name} is a static page: it has no API.")
            return
        try:
            await self._static.serve(target.space, target.path, visit.scope, visit.receive, visit.send)
        except NotFound as error:
            await visit.fail(error.status, error.code, error.message)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        target = self._target(scope, dict(scope["headers"]))
        query = str(scope["query_string"], "latin-1")
        place = await self._place(target, scope)
        url = f"ws://127.0.0.1:{place.port}{target.text}" + (f"?{query}" if query else "")
        headers = {k: v for k, v in self._headers(scope, target) if not k.startswith("sec-websocket-")}
        with self._fleet.used(target.space, place):
            await websockets.relay(self._queues.http, url, headers, scope, receive, send)

    def _target(self, scope: Any, headers: dict[bytes, bytes]) -> Target:
        """By host or by path. Raises `NotFound`."""
        identity = self._identity(headers)
        secure = scope["scheme"] in ("https", "wss")
        scheme = "https" if secure else "http"
        host = str(headers.get(b"host", b""), "latin-1")
        address = scope["client"][0] if scope.get("client") else ""
        if self._options.trusts:
            scheme = _first(headers, b"x-forwarded-proto") or scheme
            host = _first(headers, b"x-forwarded-host") or host
            address = _first(headers, b"x-forwarded-for") or address
        given = headers.get(b"x-ip-token")
        payer = self._hub.visitors.payer(identity, address, None if given is None else str(given, "latin-1"))
        label, _, domain = host.rpartition(":")[0 if ":" in host else 2].partition(".")
        raw: bytes = scope["raw_path"]
        if domain == self._options.domain:
            space = self._hub.spaces.by_subdomain(identity, label)
            return Target(space, identity, payer, scheme, host, "", raw or b"/")
        owner, name = (*scope["path"].split("/")[1:3], "", "")[:2]
        space = self._hub.spaces.seen(identity, owner, name)
        rest = raw.split(b"/", 3)[3:]
        return Target(space, identity, payer, scheme, host, f"/{space.full_name}", b"/" + rest[0] if rest else b"")

    def _identity(self, headers: dict[bytes, bytes]) -> Identity:
        """Clients of Gradio send the hub's token in a header of its own, and keep the other for the app."""
        try:
            return self._hub.accounts.identify(bearer(headers))
        except Unauthenticated:
            raise NotFound(_MISSING) from None

    # The lane

    async def _in_queue(self, visit: ProxiedRequest, target: Target) -> bool:
        """Whether the hub has answered."""
        space, path = target.space, target.path
        if not path.startswith(_QUEUED):
            return False
        method = visit.scope["method"]
        reads = method in ("GET", "HEAD", "DELETE") and path.startswith(_JOBS)
        fills = method == "GET" and path == "/config"
        queue = self._queues.ready(space, reads=reads)
        if queue is None:
            queue = await visit.filled(self._queues.of(space, reads=reads), fills=fills)
        query = str(visit.scope["query_string"], "latin-1")
        if queue is None or not queue.takes(method, path, query):
            return False
        given = visit.scope["headers"]
        headers = [one for one in given if one[0] != b"host" and not is_private(one[0])]
        headers.append((b"host", target.host.encode("latin-1")))
        scope = {**visit.scope, "path": path, "root_path": target.prefix, "headers": headers, "scheme": target.scheme}
        scope["identity"], scope["payer"], scope["replica"] = target.identity, target.payer, _replica(visit.scope)
        scope["client"] = (target.payer.address, 0)
        if not await queue.decide(scope, path, query, await self._body_of_queue(visit, queue, path)):
            return False
        if method == "POST" and path.startswith(_CALLS):
            self._fleet.check(space)
        await queue.serve(scope, visit.receive, visit.passed_on())
        return True

    async def _body_of_queue(self, visit: ProxiedRequest, queue: SpaceQueue, path: str) -> bytes:
        """A small body that says whose it is; it is there to be read again."""
        if visit.scope["method"] != "POST" or not path.startswith(
            (f"{API_PREFIX}/queue/join", f"{API_PREFIX}/cancel", f"{API_PREFIX}/reset")
        ):
            return b""
        options = queue.surface.options
        return await visit.peek(options.max_body, options.body_timeout_s)

    # The replica

    async def _waking(self, visit: ProxiedRequest, space: SpaceRow) -> bool:
        """Whether a browser got the page that asks again."""
        if visit.scope["method"] != "GET" or b"text/html" not in visit.headers.get(b"accept", b""):
            return False
        place = asyncio.ensure_future(self._fleet.place(space))
        if (await asyncio.wait([place], timeout=_PAGE_S))[0]:
            place.result()
            return False
        place.cancel()
        stage = self._fleet.stage(space)[0] or "SLEEPING"
        await visit.start(503, [(b"content-type", b"text/html; charset=utf-8"), (b"retry-after", b"2")])
        await visit.write(_WAKING.format(name=escape(space.full_name), stage=stage).encode())
        await visit.end()
        return True

    async def _place(self, target: Target, scope: Any, visit: ProxiedRequest | None = None) -> ReplicaRecord:
        """The replica that a visitor had before, by its cookie; else that of the session; else any."""
        before = _replica(scope)
        place = await self._fleet.place(target.space, before)
        up = self._fleet.up(target.space)
        if len(up) < 2 or place.epoch == before:
            return place
        session = parse_qs(str(scope["query_string"], "latin-1")).get("session_hash", [""])[0]
        if visit is not None and scope["method"] == "POST" and target.path.endswith(_IN_BODY):
            session = str(fields_of(await visit.peek(_BODY, self._options.body_wait_s)).get("session_hash") or "")
        return chosen(session, up) if session else place

    def _headers(self, scope: Any, target: Target) -> list[tuple[str, str]]:
        """What the replica gets to see of a request's."""
        found = [(str(k, "latin-1"), str(v, "latin-1")) for k, v in scope["headers"] if _passes(k)]
        cookies = _cookies_of_apps(scope["headers"])
        if cookies:
            found.append(("cookie", cookies))
        visitor = self._hub.visitors.mint(target.payer, target.space.full_name, REQUEST_S)
        return [*found, ("x-gradio-server", target.root), ("x-ip-token", visitor)]

    async def _forward(self, visit: ProxiedRequest, target: Target, place: ReplicaRecord) -> None:
        query = str(visit.scope["query_string"], "latin-1")
        address = f"http://127.0.0.1:{place.port}{target.text}" + (f"?{query}" if query else "")
        visit.check_length()
        has_body = b"content-length" in visit.headers or b"transfer-encoding" in visit.headers
        try:
            async with self._queues.http.request(
                visit.scope["method"],
                yarl.URL(address, encoded=True),
                headers=self._headers(visit.scope, target),
                data=visit.body() if has_body else None,
                allow_redirects=False,
                skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
                timeout=aiohttp.ClientTimeout(None, sock_connect=_CONNECT_S, sock_read=self._options.answer_wait_s),
            ) as response:
                kept = [one for one in response.raw_headers if one[0].lower() not in _HOP]
                shown = [_within(one, target.prefix) for one in kept]
                if self._fleet.wanted(target.space) > 1 and _replica(visit.scope) != place.epoch:
                    shown.append(_remembers(place, target))
                await visit.start(response.status, shown)
                await visit.relay(response.content)
        except aiohttp.ClientConnectorError:
            raise SpaceUnavailable("The Space has just stopped. Try again in a moment.", 1) from None
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            if visit.begun:  # what is cut there is cut here
                raise ConnectionResetError(str(error)) from None
            raise TransportError("The Space broke off its answer.") from None


class ProxiedRequest:
    """One request, and how far its answer is."""

    def __init__(self, scope: Any, receive: Any, send: Any, options: ProxyOptions) -> None:
        self.scope = scope
        self._options = options
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive, self._send = receive, send
        self.begun = False
        self._peeked: MutableMapping[str, Any] | None = None

    async def receive(self) -> MutableMapping[str, Any]:
        """As ASGI has it; what was peeked at comes again."""
        peeked, self._peeked = self._peeked, None
        if peeked is not None:
            return peeked
        message: MutableMapping[str, Any] = await self._receive()
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """As ASGI has it; the start of an answer that was begun with blanks is none any more."""
        if message["type"] == "http.response.start":
            if self.begun:
                return
            self.begun = True
        await self._send(message)

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks what a page of another origin may ask; it sends no token with that."""
        return self.scope["method"] == "OPTIONS" and b"access-control-request-method" in self.headers

    async def allow(self) -> None:
        """The same for every address, so that it tells of no Space."""
        asked = self.headers.get(b"access-control-request-headers", b"")
        await self.start(200, [(b"content-length", b"0"), *self._cors, *preflight_headers(asked)])
        await self.end()

    @property
    def _cors(self) -> Headers:
        origin = self.headers.get(b"origin")
        host = self.headers.get(b"host", b"").decode("latin-1")
        return [] if origin is None else cors_headers(host, origin.decode("latin-1"))

    def passed_on(self) -> Send:
        """For somebody who answers it all: the server's own `send`, where nothing has been said yet."""
        if self.begun:
            return self.send
        self.begun = True
        send: Send = self._send
        return send

    async def peek(self, limit: int, timeout_s: float) -> bytes:
        """The body, or its beginning where it is larger than `limit` or slow: then what reads it next says so."""
        if self._peeked is not None:
            return bytes(self._peeked["body"])
        chunks: list[bytes] = []
        more, size = True, 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while more and size <= limit and loop.time() < deadline:
            try:
                message = await asyncio.wait_for(self._receive(), deadline - loop.time())
            except asyncio.TimeoutError:
                break
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
        body = b"".join(chunks)
        self._peeked = {"type": "http.request", "body": body, "more_body": more}
        return body

    async def filled(self, work: Awaitable[T], *, fills: bool) -> T:
        """What `work` gives; with `fills` blanks go ahead."""
        if not fills:
            return await work
        found = asyncio.ensure_future(work)
        while not (await asyncio.wait([found], timeout=_BLANK_S))[0]:
            await self.start(200, [(b"content-type", b"application/json")])
            await self.write(b" ")
        return await found

    async def start(self, status: int, headers: Headers) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def fail(self, status: int, code: str, text: str, retry_after_s: float | None = None) -> None:
        """The same bytes for the same error, whoever asks."""
        headers = [(b"content-type", b"application/json"), *self._cors]
        if retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % max(1, retry_after_s)))
        await self.start(status, headers)
        await self.write(json.dumps({"error": text, "detail": text, "code": code}).encode())
        await self.end()

    def check_length(self) -> None:
        """Raises `TooLarge`."""
        declared = self.headers.get(b"content-length", b"0")
        if int(declared) > self._options.body:
            raise TooLarge(f"The body has more than {self._options.body} bytes.")

    async def body(self) -> AsyncIterator[bytes]:
        """Piece by piece. Raises `TooLarge`, and `TimedOut` if nothing comes for long."""
        size = 0
        while True:
            try:
                message = await asyncio.wait_for(self.receive(), self._options.body_wait_s)
            except asyncio.TimeoutError:
                raise TimedOut(f"Nothing of the body came for {self._options.body_wait_s:g} s.") from None
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            data = message.get("body", b"")
            size += len(data)
            if size > self._options.body:
                raise TooLarge(f"The body has more than {self._options.body} bytes.")
            yield data
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
        while (await self.receive())["type"] != "http.disconnect":
            pass


def _replica(scope: Any) -> str:
    """The epoch of the replica that this visitor had before."""
    for header, value in scope["headers"]:
        if header == b"cookie":
            for pair in str(value, "latin-1").split(";"):
                name, _, epoch = pair.strip().partition("=")
                if name == _REPLICA:
                    return epoch
    return ""


def _remembers(place: ReplicaRecord, target: Target) -> tuple[bytes, bytes]:
    """A visitor comes back to this replica: what its page and its login have there is nowhere else."""
    within = "Secure; SameSite=None; Partitioned" if target.scheme == "https" else "SameSite=Lax"
    return b"set-cookie", f"{_REPLICA}={place.epoch}; Path={target.prefix or '/'}; HttpOnly; {within}".encode()


def _cookies_of_apps(headers: Headers) -> str:
    """The cookies that an app has set: the hub's own have names of its own."""
    pairs = [pair.strip() for k, v in headers if k == b"cookie" for pair in str(v, "latin-1").split(";")]
    return "; ".join(pair for pair in pairs if pair and not pair.startswith(_OWN_COOKIES))


def _within(header: tuple[bytes, bytes], prefix: str) -> tuple[bytes, bytes]:
    """A cookie that an app sets counts below the app's own path, and on no other host."""
    name, value = header
    if name.lower() != b"set-cookie":
        return header
    parts = [part.strip() for part in str(value, "latin-1").split(";")]
    kept = [part for part in parts[1:] if not part.lower().startswith(("path=", "domain="))]
    path = next((part[5:] for part in parts[1:] if part.lower().startswith("path=/")), "/")
    return name, "; ".join([parts[0], *kept, f"Path={prefix}{path}"]).encode("latin-1")


def _first(headers: dict[bytes, bytes], name: bytes) -> str:
    return str(headers.get(name, b""), "latin-1").split(",")[0].strip()


def _passes(name: bytes) -> bool:
    return name not in _HOP and not is_private(name)
