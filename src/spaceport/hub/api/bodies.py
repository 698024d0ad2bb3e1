"""Bodies of requests: read within their bounds of size, time and depth, as JSON objects, forms or pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from spaceport.errors import ClientGone, InvalidInput, TooLarge
from spaceport.hub.api.request import context_of
from spaceport.wire.json import MAX_DEPTH, decode, too_deep

MAX_JSON = 1 << 20
_MAX_FIELDS = 2000
_FORM = "application/x-www-form-urlencoded"


async def read(request: Request, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` above `limit` bytes, `ClientGone` where it does not all arrive in time."""
    timeout_s = context_of(request).settings.body_timeout_s

    async def collect() -> bytes:
        found = bytearray()
        async for piece in request.stream():
            found += piece
            if len(found) > limit:
                raise TooLarge(f"The body has more than {limit} bytes.")
        return bytes(found)

    try:
        return await asyncio.wait_for(collect(), timeout_s)
    except asyncio.TimeoutError:
        raise ClientGone(f"The body did not arrive within {timeout_s:g} s.") from None
    except ClientDisconnect:
        raise ClientGone("The connection was closed before the body was complete.") from None


async def pieces(request: Request, limit: int, message: str) -> AsyncIterator[bytes]:
    """A large body as it arrives. Raises `TooLarge` with `message`, `ClientGone` where a piece is not there in time."""
    timeout_s = context_of(request).settings.body_timeout_s
    stream, size = aiter(request.stream()), 0
    while True:
        try:
            piece = await asyncio.wait_for(anext(stream), timeout_s)
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError:
            raise ClientGone(f"Nothing of the body arrived for {timeout_s:g} s.") from None
        except ClientDisconnect:
            raise ClientGone("The connection was closed before the body was complete.") from None
        size += len(piece)
        if size > limit:
            raise TooLarge(message)
        yield piece


async def json_object(request: Request, limit: int = MAX_JSON) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one. Raises `InvalidInput`, `TooLarge`, `ClientGone`."""
    raw = await read(request, limit)
    return await asyncio.to_thread(parse_object, raw) if len(raw) > MAX_JSON // 16 else parse_object(raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Raises `InvalidInput` for what is not a JSON object, nests too deep, or holds half a character."""
    if too_deep(raw):
        raise InvalidInput(f"The body nests deeper than {MAX_DEPTH} levels.")
    try:
        found = decode(raw.strip() or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput("The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise InvalidInput("The body must be a JSON object.")
    return found


async def form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form without files. Raises `InvalidInput`, `TooLarge`, `ClientGone`."""
    if request.headers.get("content-type", _FORM).partition(";")[0].strip().lower() != _FORM:
        raise InvalidInput(f"Send the body as {_FORM}.")
    raw = await read(request, MAX_JSON)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except (ValueError, UnicodeDecodeError):
        raise InvalidInput(f"The form is not valid, or has more than {_MAX_FIELDS} fields.") from None


def text_of(values: Any, key: str, default: str | None = None) -> str:
    """The text at `key` of a body. Raises `InvalidInput` where it is missing or something else."""
    found = values.get(key, default)
    if not isinstance(found, str):
        raise InvalidInput(f"`{key}` is missing or not a string.")
    return found
