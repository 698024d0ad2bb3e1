"""What all routes share: who is calling, errors as `huggingface_hub` reads them, rate limits."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.api.credentials import bearer
from spaceport.errors import InvalidInput, RateLimited, SpaceportError, TooLarge
from spaceport.hub.identity.accounts import NOBODY, Identity
from spaceport.hub.identity.tiers import WINDOW_S
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.runtime.fleet import Fleet
from spaceport.hub.spaces.directory import SpaceNotFound
from spaceport.hub.spaces.repository import EntryNotFound, RevisionNotFound
from spaceport.hub.state import Hub

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
_CODES = {SpaceNotFound: "RepoNotFound", RevisionNotFound: "RevisionNotFound", EntryNotFound: "EntryNotFound"}
_BODY = 1 << 20
_CALLERS = 100_000


class RateLimiter:
    """Requests of each caller in windows of a fixed length."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._ends = 0.0

    def count(self, identity: Identity, address: str) -> dict[str, str]:
        """One more request; the headers that say what is left. Raises `RateLimited`."""
        now = time.monotonic()
        if now >= self._ends or len(self._counts) > _CALLERS:
            self._counts, self._ends = {}, now + WINDOW_S
        key = f"user:{identity.owner.id}" if identity.owner else f"address:{address}"
        used = self._counts[key] = self._counts.get(key, 0) + 1
        most, rest_s = identity.tier.requests, int(self._ends - now) + 1
        left = max(0, most - used)
        if used > most:
            raise RateLimited(f"More than {most} requests in {WINDOW_S:.0f} s. Try again later.", rest_s)
        return {
            "ratelimit": f'"api";r={left};t={rest_s}',
            "ratelimit-policy": f'"fixed window";"api";q={most};w={WINDOW_S:.0f}',
        }


def hub_of(request: Request) -> Hub:
    found: Hub = request.app.state.hub
    return found


def fleet_of(request: Request) -> Fleet:
    found: Fleet = request.app.state.fleet
    return found


def queues_of(request: Request) -> SpaceQueues:
    found: SpaceQueues = request.app.state.queues
    return found


def app_of(request: Request, space: str) -> str:
    """Where a Space's app is; with the slash that clients join paths to."""
    where = request.app.state.apps
    root = where if isinstance(where, str) else f"{request.url.scheme}://{request.url.hostname}:{where}"
    return f"{root}/{space}/"


def identity_of(request: Request) -> Identity:
    found: Identity = request.state.identity
    return found


def route(handler: Handler) -> Handler:
    """A handler that knows who is calling, and whose errors are answered as the Hub's client reads them."""

    async def answer(request: Request) -> Response:
        request_id = os.urandom(8).hex()
        limits: dict[str, str] = {}
        request.state.identity = NOBODY
        try:
            request.state.identity = hub_of(request).accounts.identify(bearer(dict(request.scope["headers"])))
            windows: RateLimiter = request.app.state.windows
            limits = windows.count(request.state.identity, request.client.host if request.client else "")
            response = await handler(request)
        except SpaceportError as error:
            response = _error(error)
        response.headers["x-request-id"] = request_id
        response.headers.update(limits)
        return response

    return answer


async def body_of(request: Request, most: int = _BODY) -> Any:
    """A JSON body; an object. Raises `InvalidInput`, `TooLarge`."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise TooLarge(f"The body has more than {most} bytes.")
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        raise InvalidInput("Send the body as JSON.") from None
    if not isinstance(found, dict):
        raise InvalidInput("Send a JSON object.")
    return found


def text_of(values: Any, key: str, default: str | None = None) -> str:
    """A text of a body. Raises `InvalidInput` where it is missing."""
    found = values.get(key, default)
    if not isinstance(found, str):
        raise InvalidInput(f"`{key}` is missing, or no text.")
    return found


def root_of(request: Request) -> str:
    """The hub's public address, without a slash at its end."""
    return f"{request.url.scheme}://{request.url.netloc}"


async def in_thread(work: Callable[[], T]) -> T:
    """git's work and the disk's, beside the loop."""
    return await asyncio.to_thread(work)


def _error(error: SpaceportError) -> JSONResponse:
    headers = {"x-error-message": error.message.encode("ascii", "replace").decode()[:500]}
    code = next((name for kind, name in _CODES.items() if isinstance(error, kind)), None)
    if code is not None:
        headers["x-error-code"] = code
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(int(error.retry_after_s or 1))
    status = 400 if error.status == 422 else error.status
    return JSONResponse({"error": error.message}, status, headers)
