"""Uploads the files of calls, several at once and each content once; downloads outputs to disk."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from spaceport.client.core.files import FileData, files_in, is_url, marked, replace_files, safe_name
from spaceport.client.core.responses import error_from, parse_json
from spaceport.client.dedupe import find_uploaded
from spaceport.client.errors import ServerError
from spaceport.client.http import Http, origin
from spaceport.client.status import ProgressUnit
from spaceport.client.tus_upload import LARGE, ResumableUpload

_AT_ONCE = 4
_CHUNK = 1 << 20
_PLAYLIST = "playlist.m3u8"
_KNOWN_S = 600.0
"""Seconds for which an uploaded file is assumed to be on the server still."""
Told = Callable[[list[ProgressUnit]], None]


class Transfer:
    """The files of one app. `folder` is where outputs go; with None they stay the server's descriptions.

    `features`: what the server has beside Gradio's protocol.
    """

    def __init__(
        self,
        http: Http,
        prefix: str,
        folder: Path | None,
        max_file_size: int | None,
        bare_files: bool,
        features: frozenset[str],
    ) -> None:
        self._http = http
        self._prefix = prefix
        self._folder = folder
        self._max_file_size = max_file_size
        self._bare_files = bare_files
        self._features = features
        self._sent: dict[tuple[str, int, int], tuple[asyncio.Future[str], float]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def upload_all(self, value: Any, told: Told) -> Any:
        """The value with every local file uploaded. Raises `ValueError` for one that is too large for the server."""
        paths = sorted({one["path"] for one in files_in(value) if not is_url(one["path"])})
        if not paths:
            return value
        units = {path: ProgressUnit(0, _version(path)[1], "bytes", desc=Path(path).name) for path in paths}

        def count_sent(path: str) -> Callable[[int], None]:
            def add(count: int) -> None:
                units[path].index = (units[path].index or 0) + count
                told([replace(unit) for unit in units.values()])

            return add

        sent_to = await asyncio.gather(*(self._upload(path, count_sent(path)) for path in paths))
        places = dict(zip(paths, sent_to, strict=True))

        def sent(data: FileData) -> FileData:
            path = data["path"]
            if is_url(path):
                return data
            name = data.get("orig_name") or safe_name(path)
            return {"path": places[path], "orig_name": name, "meta": data["meta"]}

        return replace_files(value, sent)

    async def _upload(self, path: str, count_sent: Callable[[int], None]) -> str:
        """Upload a file; returns the server's path. An unchanged file is not sent again for a while."""
        key = _version(path)
        size = key[1]
        if self._max_file_size is not None and size > self._max_file_size:
            raise ValueError(
                f"File {Path(path).name} exceeds the maximum file size of {self._max_file_size} bytes: it has {size}."
            )
        now = asyncio.get_running_loop().time()
        self._sent = {one: (task, at) for one, (task, at) in self._sent.items() if at + _KNOWN_S > now}
        task, _ = self._sent.get(key, (None, 0.0))
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.ensure_future(self._send(Path(path), size, count_sent))
            self._sent[key] = task, now
        else:
            count_sent(size)
        return await asyncio.shield(task)

    async def _send(self, path: Path, size: int, count_sent: Callable[[int], None]) -> str:
        boundary = os.urandom(16).hex()
        name = safe_name(path.name).replace('"', "%22")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(len(head) + size + len(tail)),
        }
        async with self._slots:
            if size >= LARGE and "known-uploads" in self._features:
                known = await find_uploaded(self._http, self._prefix, path, size)
                if known is not None:
                    count_sent(size)
                    return known
            if size >= LARGE and "tus" in self._features:
                return await ResumableUpload(self._http, self._prefix, path, size, count_sent).send()
            response, body = await self._http.fetch(
                "POST", f"{self._prefix}upload", content=_multipart(path, head, tail, count_sent), headers=headers
            )
        found = parse_json(body)
        if response.status != 200:
            raise error_from(response.status, body, response.headers, f"The upload of {path.name}")
        if not (isinstance(found, list) and found and isinstance(found[0], str)):
            raise ServerError(f"The answer to the upload of {path.name} is no path: {body[:100]!r}", response.status)
        return found[0]

    async def download_all(self, value: Any) -> Any:
        """The value with every file fetched and replaced by its local path; without a folder, unchanged."""
        if self._folder is None:
            return value
        if self._bare_files:
            value = marked(value)
        found = list(files_in(value))
        if not found:
            return value
        folder = self._folder
        paths = await asyncio.gather(*(self._download(one, folder) for one in found))
        places = {id(one): path for one, path in zip(found, paths, strict=True)}
        return replace_files(value, lambda data: places[id(data)])

    async def _download(self, data: Mapping[str, Any], folder: Path) -> str:
        """Streamed into `folder/sha256/name`. Remote files come from where they are, without any secret of ours.

        Of what was made to be heard at once the whole comes, where the server joins it; else its playlist.
        """
        url = data.get("url")
        remote = next((one for one in (data["path"], url) if isinstance(one, str) and is_url(one)), None)
        if remote is not None and origin(remote) == origin(self._http.base) and not is_url(data["path"]):
            remote = None
        name = data.get("orig_name") or data["path"]
        if data.get("is_stream") and isinstance(url, str):
            whole = url.removesuffix(_PLAYLIST) + "playlist-file"
            if url.endswith(_PLAYLIST) and (found := await self._fetch(whole, folder, name)) is not None:
                return found
            remote, name = url, url  # a playlist, whatever it plays is called
        path = remote or f"{self._prefix}file={quote(data['path'])}"
        async with self._slots, self._http.stream("GET", path, follow=True) as response:
            if response.status != 200:
                body = await response.read()
                raise error_from(response.status, body, response.headers, f"The file {data['path']}")
            return await _save(response.chunks, folder, safe_name(name))

    async def _fetch(self, url: str, folder: Path, name: str) -> str | None:
        """Download a file, or return None if the server does not have it."""
        async with self._slots, self._http.stream("GET", url, follow=True) as response:
            if response.status != 200:
                await response.read()
                return None
            return await _save(response.chunks, folder, safe_name(name))


async def _multipart(
    path: Path, head: bytes, tail: bytes, count_sent: Callable[[int], None]
) -> AsyncGenerator[bytes, None]:
    yield head
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
            count_sent(len(chunk))
    yield tail


async def _save(chunks: AsyncIterator[bytes], folder: Path, name: str) -> str:
    digest = hashlib.sha256()
    draft, file = _draft(folder)
    try:
        with file:
            async for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        return _place(draft, folder / digest.hexdigest() / name)
    finally:
        draft.unlink(missing_ok=True)


def _draft(folder: Path) -> tuple[Path, BinaryIO]:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".part-")
    return Path(name), os.fdopen(handle, "wb")


def _place(draft: Path, target: Path) -> str:
    target.parent.mkdir(exist_ok=True)
    draft.replace(target)
    return str(target.resolve())


def _version(path: str) -> tuple[str, int, int]:
    """Identifies a file and its version: path, size and time of modification."""
    facts = Path(path).stat()
    return str(Path(path).resolve()), facts.st_size, facts.st_mtime_ns
