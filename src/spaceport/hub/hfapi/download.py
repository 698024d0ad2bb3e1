"""A file of a revision, whole or a part of it."""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import context_of, hub_of, in_thread, space_of
from spaceport.hub.hfapi.errors import hub_error
from spaceport.hub.spaces.blobs import OpenBlobs
from spaceport.hub.spaces.repository import Entry, EntryNotFound, Repo

_POLICY = "sandbox; default-src 'none'"
_KIND = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_PIECE = 256 << 10
_STALL_S = 60.0
"""A reader that takes no piece for this long is disconnected."""
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)
_RANGES = re.compile(r"\s*bytes\s*=[0-9,\s-]*,[0-9,\s-]*", re.IGNORECASE)


async def resolve(request: Request) -> Response:
    """`HEAD` and `GET /spaces/{id}/resolve/{rev}/{path}`: a file, or a range of its bytes."""
    return await _response(request, _KIND)


async def raw(request: Request) -> Response:
    """`HEAD` and `GET /spaces/{id}/raw/{rev}/{path}`: the same as plain text, which browsers show."""
    return await _response(request, _TEXT)


async def _response(request: Request, kind: str) -> Response:
    spaces, space = hub_of(request).spaces, space_of(request)
    repo = spaces.repo(space)
    revision, path = request.path_params["revision"], request.path_params["path"]
    commit = await in_thread(lambda: spaces.commit_of(space, revision))
    try:
        entry = await in_thread(lambda: repo.entry(commit, path))
    except InvalidInput:
        raise EntryNotFound("There is no such file in this revision.") from None
    headers = {
        "x-repo-commit": commit,
        "etag": f'"{entry.oid}"',
        "content-type": kind,
        "x-content-type-options": "nosniff",
        "content-security-policy": _POLICY,
        "accept-ranges": "bytes",
    }
    if kind == _KIND:
        headers["content-disposition"] = f"attachment; filename*=utf-8''{quote(path.rpartition('/')[2])}"
    if request.method == "HEAD":
        return Response(headers={**headers, "content-length": str(entry.size)})
    given = request.headers.get("range")
    if given is None or request.headers.get("if-range", headers["etag"]) != headers["etag"]:
        return _Download(context_of(request).blobs, repo, entry, range(entry.size), 200, headers)
    part = byte_range(given, entry.size)
    if part is None:
        return _Download(context_of(request).blobs, repo, entry, range(entry.size), 200, headers)
    if not part:
        found = {"content-range": f"bytes */{entry.size}", "accept-ranges": "bytes"}
        return hub_error("The range is outside of the file.", 416, headers=found)
    headers["content-range"] = f"bytes {part[0]}-{part[-1]}/{entry.size}"
    return _Download(context_of(request).blobs, repo, entry, part, 206, headers)


def byte_range(header: str, size: int) -> range | None:
    """The bytes that a `Range` header asks for; none of them: it cannot be satisfied. None: several, so send them all.

    Raises `InvalidInput` for a header that is malformed.
    """
    found = _RANGE.fullmatch(header[:200])
    if found is None or not (found[1] or found[2]):
        if found is None and _RANGES.fullmatch(header[:2000]):
            return None
        raise InvalidInput("The header Range must look like `bytes=0-99`.")
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if last < start and found[2]:
        raise InvalidInput("The header Range must look like `bytes=0-99`.")
    return range(start, min(last + 1, size))


class _Download(Response):
    """Sends bytes of a blob piece by piece, until its reader has them, hangs up, or stalls."""

    def __init__(
        self, blobs: OpenBlobs, repo: Repo, entry: Entry, part: range, status: int, headers: dict[str, str]
    ) -> None:
        blobs.check(entry.oid, entry.size)
        super().__init__(None, status, {**headers, "content-length": str(len(part))})
        self._blobs, self._repo, self._entry, self._part = blobs, repo, entry, part

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            async with self._blobs.open(self._repo, self._entry.oid, self._entry.size) as descriptor:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                position, end = self._part.start, self._part.stop
                while position < end and not gone.done():
                    piece = await asyncio.to_thread(os.pread, descriptor, min(_PIECE, end - position), position)
                    if not piece:
                        return
                    position += len(piece)
                    message = {"type": "http.response.body", "body": piece, "more_body": position < end}
                    await asyncio.wait_for(send(message), _STALL_S)
                if not len(self._part):
                    await send({"type": "http.response.body", "body": b""})
        except asyncio.TimeoutError:  # the server cuts a response that has no end
            return
        finally:
            gone.cancel()


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
