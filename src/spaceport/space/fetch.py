"""Fetches the files that calls name by URL, from public addresses only.

Each host name is resolved once and the connection goes to the address that was checked, which defeats DNS rebinding;
redirects are checked in the same way.
"""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from spaceport.client.errors import ConnectionFailed, RequestTimeout
from spaceport.client.http import origin
from spaceport.client.network import Settings
from spaceport.client.transport.addresses import is_public
from spaceport.client.transport.base import HttpResponse, Timeouts
from spaceport.client.transport.http1 import Http1
from spaceport.errors import SpaceportError
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import LocalFile, RemoteFile
from spaceport.store import FileStore, PendingFile

_REDIRECTS = 5
_DEADLINE_S = 120.0
_TIMEOUTS = Timeouts(10.0, 30.0)


class Fetcher:
    """`private`: also connect to addresses of this machine and its network."""

    def __init__(self, store: FileStore, *, private: bool = False) -> None:
        self._store = store
        self._private = private

    async def fetch(self, remote: RemoteFile, owner: str, caller: str) -> LocalFile:
        """Fetch the file into the store. Raises `ValueRejected` with a text for the caller."""
        transport = Http1(Settings().tls, self._may_connect)
        try:
            return await asyncio.wait_for(self._fetch(transport, remote, owner, caller), _DEADLINE_S)
        except asyncio.TimeoutError:
            raise ValueRejected(
                f"The file at {_shown(remote.url)} did not arrive within {_DEADLINE_S:g} s.", "file"
            ) from None
        except (ConnectionFailed, RequestTimeout) as error:
            raise ValueRejected(f"The file at {_shown(remote.url)} could not be fetched: {error}", "file") from None
        finally:
            await transport.close()

    async def _fetch(self, transport: Http1, remote: RemoteFile, owner: str, caller: str) -> LocalFile:
        url = remote.url
        for _ in range(_REDIRECTS + 1):
            server = origin(url)
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = [(b"host", str(server).encode()), (b"accept", b"*/*"), (b"user-agent", b"spaceport")]
            answer = await transport.send("GET", server, target, headers, None, _TIMEOUTS)
            try:
                location = _header(answer, b"location")
                if answer.status in (301, 302, 303, 307, 308) and location:
                    url = urljoin(url, location)
                    continue
                if answer.status != 200:
                    raise ValueRejected(f"The file at {_shown(remote.url)} answered {answer.status}.", "file")
                name = _name(remote.name, parts.path, _header(answer, b"content-type"))
                with self._store.draft(name, owner, caller) as draft:
                    path = await self._save(answer, draft)
                return LocalFile(path, name)
            finally:
                await answer.close()
        raise ValueRejected(f"The file at {_shown(remote.url)} redirects more than {_REDIRECTS} times.", "file")

    async def _save(self, answer: HttpResponse, draft: PendingFile) -> Path:
        try:
            async for chunk in answer.chunks():
                await asyncio.to_thread(draft.write, chunk)
            return await asyncio.to_thread(draft.finish)
        except (ConnectionFailed, RequestTimeout):
            raise
        except SpaceportError as error:  # too large, or the store is full
            raise ValueRejected(error.message, "file") from None

    def _may_connect(self, address: str) -> bool:
        return self._private or is_public(address)


def _header(answer: HttpResponse, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in answer.headers if key == name), "")


def _name(given: str, path: str, kind: str) -> str:
    name = given or unquote(path).rpartition("/")[2] or "file"
    if "." not in name:
        name += mimetypes.guess_extension(kind.partition(";")[0].strip()) or ""
    return name if name.strip(". ") else "file"


def _shown(url: str) -> str:
    """The URL for an error text: shortened, without user name, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
