"""Passes requests for models and datasets on to another hub, where the operator has named one.

A Space has `HF_ENDPOINT` = this hub, so that it can call other Spaces by name; `from_pretrained` asks there too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import yarl
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from spaceport.hub.api.bodies import read
from spaceport.hub.api.pages import missing_page, wants_page
from spaceport.hub.hfapi.errors import hub_error
from spaceport.hub.identity.credentials import is_private

_OWN = ("/api/spaces", "/api/repos", "/api/whoami", "/api/validate", "/api/settings", "/spaces/", "/oauth/")
_ELSEWHERE = ("/api/models", "/api/datasets", "/api/resolve-cache", "/datasets/")
_DROPPED = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host"}) | {
    "content-length",
    "set-cookie",
}
"""Headers of one connection, not of the request or the response."""
_MAX_BODY = 16 << 20
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=300)


class Upstream:
    """The other hub. `token` is the operator's own for it; no credential of a caller goes there."""

    def __init__(self, root: str, token: str | None) -> None:
        self._root = root.rstrip("/")
        self._token = token
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def forward(self, request: Request) -> Response:
        """Ask the other hub. Raises `TooLarge`, `ClientGone`."""
        if self._http is None:
            self._http = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
        headers = {k: v for k, v in request.headers.items() if k not in _DROPPED and not is_private(k.encode())}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        path = request.scope["raw_path"].decode("latin-1") + (f"?{request.url.query}" if request.url.query else "")
        body = await read(request, _MAX_BODY) if request.method == "POST" else None
        try:
            answer = await self._http.request(
                request.method,
                yarl.URL(f"{self._root}{path}", encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=_TIMEOUT,
            )
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return hub_error("The upstream hub cannot be reached.", 502)

        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in answer.content.iter_any():
                    yield piece
            finally:
                answer.close()

        kept = {k: v for k, v in answer.headers.items() if k.lower() not in _DROPPED or k.lower() == "content-length"}
        return StreamingResponse(pieces(), answer.status, kept)


async def missing(request: Request, error: Exception) -> Response:
    """Answer a request that no route of this hub takes: from the other hub, if it is about models or datasets."""
    upstream: Upstream | None = request.app.state.upstream
    path, method = request.url.path, request.method
    elsewhere = path.startswith(_ELSEWHERE) or "/resolve/" in path
    if elsewhere and not path.startswith(_OWN) and method in ("GET", "HEAD", "POST"):
        if upstream is not None:
            return await upstream.forward(request)
        text = "This hub has Spaces only. Its operator can name another for models and datasets: --upstream-hub."
        return hub_error(text, 404, "RepoNotFound", in_header=True)
    if wants_page(request):
        return missing_page(request)
    return hub_error("There is no such route here.", getattr(error, "status_code", 404))
