"""Resumable uploads: the tus protocol 1.0 (creation, termination, expiration; https://tus.io).

POST tus creates an upload, HEAD says how many bytes have arrived, PATCH sends more. The answer to the last byte, and
every later HEAD, has the file's path for a call in `X-Upload-Path`, percent-encoded.
"""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import quote

from spaceport.api.asgi import Headers
from spaceport.api.exchange import HttpExchange
from spaceport.api.ports import PartialUpload
from spaceport.api.root import public_root
from spaceport.errors import ClientGone, Conflict, InvalidInput

_VERSION = b"1.0.0"
_BUFFER = 1 << 20
_ALWAYS: Headers = [
    (b"tus-resumable", _VERSION),
    (b"access-control-expose-headers", b"location, tus-resumable, upload-length, upload-offset, x-upload-path"),
]


async def options(request: HttpExchange) -> None:
    """`OPTIONS tus`: the version and extensions that this server supports."""
    headers: Headers = [(b"tus-version", _VERSION), (b"tus-extension", b"creation,termination,expiration")]
    limit = request.context.options.max_file_size
    if limit is not None:
        headers.append((b"tus-max-size", b"%d" % limit))
    await _reply(request, 204, headers)


async def create(request: HttpExchange) -> None:
    """`POST tus`: create an upload of `Upload-Length` bytes, with the file's name in `Upload-Metadata`."""
    if not await _speaks(request):
        return
    length = _number(request, b"upload-length")
    name = _metadata(request.header(b"upload-metadata")).get("filename", "")
    upload = await asyncio.to_thread(
        request.context.resumable_uploads.create, name, request.user or "", request.caller_key, length
    )
    if length == 0:
        await asyncio.to_thread(request.context.resumable_uploads.finish, upload, request.user or "")
    location = f"{public_root(request)}/gradio_api/tus/{upload}"
    await _reply(request, 201, [(b"location", location.encode("latin-1"))])


async def head(request: HttpExchange) -> None:
    """`HEAD tus/{id}`: say how many bytes have arrived."""
    if await _speaks(request):
        found = await asyncio.to_thread(
            request.context.resumable_uploads.get, request.params["upload"], request.user or ""
        )
        await _reply(
            request, 200, [*_facts(found), (b"upload-length", b"%d" % found.length), (b"cache-control", b"no-store")]
        )


async def patch(request: HttpExchange) -> None:
    """`PATCH tus/{id}`: add bytes at `Upload-Offset`. Bytes that arrived stay, however the request ends."""
    if not await _speaks(request):
        return
    if request.header(b"content-type") != "application/offset+octet-stream":
        await _reply(request, 415, [])
        return
    upload, owner, resumable_uploads = request.params["upload"], request.user or "", request.context.resumable_uploads
    try:
        with resumable_uploads.writing(upload, owner, _number(request, b"upload-offset")) as before:
            if before.path is None:
                await _receive(request, upload, owner)
            found = await asyncio.to_thread(resumable_uploads.get, upload, owner)
            if found.path is None and found.offset == found.length:
                await asyncio.to_thread(resumable_uploads.finish, upload, owner)
                found = await asyncio.to_thread(resumable_uploads.get, upload, owner)
    except Conflict as error:
        await _reply(request, 423 if "already" in error.message else 409, [], error.message)
        return
    await _reply(request, 204, _facts(found))


async def delete(request: HttpExchange) -> None:
    """`DELETE tus/{id}`: discard the upload."""
    if await _speaks(request):
        await asyncio.to_thread(request.context.resumable_uploads.delete, request.params["upload"], request.user or "")
        await _reply(request, 204, [])


async def _receive(request: HttpExchange, upload: str, owner: str) -> None:
    held, more = bytearray(), True
    timeout = request.context.options.body_timeout_s
    try:
        while more:
            message = await asyncio.wait_for(request.receive(), timeout)
            if message["type"] == "http.disconnect":
                raise ClientGone("The connection was closed; the upload can go on.")
            held += message.get("body", b"")
            more = message.get("more_body", False)
            if len(held) >= _BUFFER:
                data, held = bytes(held), bytearray()
                await asyncio.to_thread(request.context.resumable_uploads.add, upload, owner, data)
    except asyncio.TimeoutError:
        raise ClientGone(f"Nothing of the upload arrived for {timeout:g} s; it can go on.") from None
    finally:
        if held:
            await asyncio.to_thread(request.context.resumable_uploads.add, upload, owner, bytes(held))


def _facts(found: PartialUpload) -> Headers:
    headers: Headers = [(b"upload-offset", b"%d" % found.offset)]
    if found.path is not None:
        headers.append((b"x-upload-path", quote(found.path).encode()))
    return headers


async def _speaks(request: HttpExchange) -> bool:
    """Whether the client speaks this version of tus; if not, the request is answered here."""
    if request.headers.get(b"tus-resumable") == _VERSION:
        return True
    await _reply(request, 412, [(b"tus-version", _VERSION)], "Send the header Tus-Resumable: 1.0.0.")
    return False


def _number(request: HttpExchange, name: bytes) -> int:
    text = request.header(name)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise InvalidInput(f"Send the header {name.decode().title()} with a number of bytes.")
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """Decode `Upload-Metadata`: names with base64 values. Raises `InvalidInput`."""
    found = {}
    for pair in text.split(",") if text else ():
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except ValueError:  # also for signs outside of ASCII
            raise InvalidInput("Upload-Metadata is a list of names with base64 values.") from None
    return found


async def _reply(request: HttpExchange, status: int, headers: Headers, text: str = "") -> None:
    await request.reply(status, text.encode(), b"text/plain; charset=utf-8", [*_ALWAYS, *headers])
