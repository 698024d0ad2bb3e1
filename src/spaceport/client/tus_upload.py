"""Uploads a large file to a server of ours, and resumes after a broken connection or a restart (tus)."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from urllib.parse import unquote

from spaceport.client.core.files import safe_name
from spaceport.client.core.responses import RETRY_STATUSES, error_from
from spaceport.client.core.retry import backoff
from spaceport.client.errors import ConnectionFailed, RequestTimeout, ServerError
from spaceport.client.http import Http, Response
from spaceport.wire.numbers import whole_number

LARGE = 16 << 20
"""Bytes. Smaller files are sent in one request: resuming would cost more than sending again."""
_CHUNK = 1 << 20
_GIVE_UP_S = 60.0
_TUS = {"tus-resumable": "1.0.0"}


class ResumableUpload:
    """The upload of one file. `moved` is told the bytes that were sent, and, negative, those that did not arrive."""

    def __init__(self, http: Http, prefix: str, path: Path, size: int, moved: Callable[[int], None]) -> None:
        self._http = http
        self._prefix = prefix
        self._path = path
        self._size = size
        self._moved = moved
        self._told = 0

    async def send(self) -> str:
        """Upload the file; returns the server's path of it.

        Raises what a connection can raise after a minute without progress, and what the server refuses.
        """
        place = await self._create()
        clock = asyncio.get_running_loop().time
        waits, offset, since = backoff(), 0, clock()
        while True:
            try:
                response = await self._patch(place, offset)
                path = response.headers.get("x-upload-path")
                if path is not None:
                    return unquote(path)
                problem: Exception = ServerError("The upload ended before the file did.", response.status)
            except (ConnectionFailed, RequestTimeout) as error:
                problem = error
            found = await self._ask(place)
            if isinstance(found, str):
                return found
            if found is not None and found > offset:
                offset, since, waits = found, clock(), backoff()
            if clock() - since > _GIVE_UP_S:
                raise problem
            self._tell(offset)
            await asyncio.sleep(next(waits))

    async def _create(self) -> str:
        name = b64encode(safe_name(self._path.name).encode()).decode()
        headers = {**_TUS, "upload-length": str(self._size), "upload-metadata": f"filename {name}"}
        response, body = await self._http.fetch("POST", f"{self._prefix}tus", headers=headers)
        if response.status != 201 or "location" not in response.headers:
            raise error_from(response.status, body, response.headers, f"The upload of {self._path.name}")
        return f"{self._prefix}tus/{response.headers['location'].rpartition('/')[2]}"

    async def _patch(self, place: str, offset: int) -> Response:
        headers = {
            **_TUS,
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
            "content-length": str(self._size - offset),
        }
        response, body = await self._http.fetch("PATCH", place, headers=headers, content=self._bytes(offset))
        if response.status not in (204, 408, 409, 423) and response.status not in RETRY_STATUSES:
            raise error_from(response.status, body, response.headers, f"The upload of {self._path.name}")
        return response

    async def _ask(self, place: str) -> int | str | None:
        """The number of bytes that the server has, the path if it has all, or None if it cannot be reached now."""
        try:
            response, body = await self._http.fetch("HEAD", place, headers=_TUS)
        except (ConnectionFailed, RequestTimeout):
            return None
        if response.status in RETRY_STATUSES:
            return None
        if response.status != 200:
            raise error_from(response.status, body, response.headers, f"The upload of {self._path.name}")
        path = response.headers.get("x-upload-path")
        if path is not None:
            return unquote(path)
        offset = whole_number(response.headers.get("upload-offset", "0"))
        if offset is None or offset > self._size:
            raise ServerError("The server does not say how much of the upload it has.", response.status)
        return offset

    async def _bytes(self, offset: int) -> AsyncGenerator[bytes, None]:
        with self._path.open("rb") as file:
            file.seek(offset, os.SEEK_SET)
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
                offset += len(chunk)
                self._tell(offset)

    def _tell(self, offset: int) -> None:
        if offset != self._told:
            self._moved(offset - self._told)
            self._told = offset
