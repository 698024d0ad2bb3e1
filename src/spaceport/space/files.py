"""The files of a served Space: which of them a call may name, a caller may download and a function may return.

On the way in, every `FileData` in the value of a component that takes files becomes a `LocalFile` (in the store, of
this caller) or a `RemoteFile` (a URL, fetched before the function runs); whatever else names a path is plain JSON. On
the way out, `output_files` copies what a function returned into the store.
"""

from __future__ import annotations

import asyncio
import io
import os
import stat
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from spaceport.errors import NotFound
from spaceport.space.data_urls import data_url_content, data_url_name
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import FileValue, InlineFile, LocalFile, RemoteFile
from spaceport.space.playlists import Playlist, Playlists
from spaceport.store import ContentIndex, FileStore, PinnedFiles
from spaceport.wire.documents import FILE_PREFIX
from spaceport.wire.filedata import DATA_URL, is_file_data

_MAX_RETURNED_URLS = 10_000


def _name_in(url: str) -> str:
    return unquote(urlsplit(url).path).rsplit("/", 1)[-1]


class Fetch(Protocol):
    async def __call__(self, remote: RemoteFile, owner: str, caller: str) -> LocalFile:
        """Raises `ValueRejected`."""
        ...


class SpaceFiles:
    """The files of a served Space: the store, and the folders whose files may be returned and downloaded."""

    def __init__(
        self, store: FileStore, fetch: Fetch, allowed: Sequence[str | Path] = (), blocked: Sequence[str | Path] = ()
    ) -> None:
        self.store = store
        self.fetch = fetch
        self.playlists = Playlists(store)
        self.known = ContentIndex(store)
        self.shared_folder: Path | None = None
        """Any call may name the files of this folder: a hub puts the uploads of its callers there."""
        self._returned_urls: OrderedDict[str, None] = OrderedDict()
        self._allowed = [Path(path).resolve() for path in allowed]
        self._blocked = [Path(path).resolve() for path in blocked]

    def playlist(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound`."""
        return self.playlists.find(place, owner)

    def draft(self, name: str, owner: str, caller: str) -> Any:
        return self.store.draft(name, owner, caller)

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """A file that this user may download, and whether the author published it. Raises `NotFound`."""
        if "\0" in path:
            raise NotFound("There is no such file.")
        try:
            return self.store.find(path, owner), False
        except NotFound:
            real = Path(os.path.realpath(path))
            if os.path.isabs(path) and (real in _initial_files or self._published(real)):  # noqa: PTH117
                return real, True
            raise

    def has(self, path: str, owner: str) -> bool:
        """Whether a file in an earlier answer can still be downloaded."""
        try:
            self.readable(path, owner)
        except NotFound:
            return path in self._returned_urls
        return True

    def with_root(self, value: Any, root: str) -> Any:
        """The value with the URLs of its files under another public root."""
        if is_file_data(value):
            place = (value.get("url") or "").partition(FILE_PREFIX)[2]
            return {**value, "url": f"{root}{FILE_PREFIX}{place}"} if place else value
        if isinstance(value, dict):
            return {key: self.with_root(one, root) for key, one in value.items()}
        return [self.with_root(one, root) for one in value] if isinstance(value, list) else value

    def allow_fetch(self, url: str) -> None:
        """Let callers download this URL through the Space, because a function returned it."""
        self._returned_urls[url] = None
        self._returned_urls.move_to_end(url)
        while len(self._returned_urls) > _MAX_RETURNED_URLS:
            self._returned_urls.popitem(last=False)

    async def fetch_remote(self, url: str, owner: str, caller: str) -> Path:
        """Fetch the file at a URL that a function returned. Raises `NotFound` for any other URL."""
        if url not in self._returned_urls:
            raise NotFound("No function returned this URL.")
        try:
            return (await self.fetch(RemoteFile(url, ""), owner, caller)).path
        except ValueRejected as error:
            raise NotFound(error.message) from None

    def _published(self, real: Path) -> bool:
        return _below(real, self._allowed) and not _below(real, self._blocked)

    def _is_shared(self, path: Path) -> bool:
        if self.shared_folder is None or "\0" in str(path):
            return False
        real = path.resolve()
        return _below(real, [self.shared_folder.resolve()]) and real.is_file()

    # In

    def resolve(self, value: Any, owner: str, held: PinnedFiles) -> Any:
        """The value with each `FileData` as the file that it names.

        Raises `ValueRejected` for a file that this owner may not read.
        """
        if is_file_data(value):
            return self._file(value, owner, held)
        if isinstance(value, dict):
            return {key: self.resolve(one, owner, held) for key, one in value.items()}
        if isinstance(value, list):
            return [self.resolve(one, owner, held) for one in value]
        return value

    def _file(self, value: dict[str, Any], owner: str, held: PinnedFiles) -> FileValue:
        path, given = value.get("path"), value.get("orig_name")
        name = given if isinstance(given, str) and given else ""
        if not isinstance(path, str) or not path:
            raise ValueRejected("A file needs its `path`: the path from an upload, or an http(s) URL.", "file")
        if path[: len(DATA_URL)].lower() == DATA_URL:
            return InlineFile(path, name or data_url_name(path), value)
        if path.startswith(("http://", "https://")):
            return RemoteFile(path, name or _name_in(path))
        try:
            found = self.store.find(path, owner)
        except NotFound as error:
            found = Path(path)
            if found not in _initial_files and not self._is_shared(found):
                raise ValueRejected(error.message, "file") from None
        held.add(found)
        return LocalFile(found, name or found.name)

    async def bring(self, value: Any, owner: str, caller: str, held: PinnedFiles | None, *, remote: bool = True) -> Any:
        """The value with every file in it local: inline ones stored, remote ones fetched unless `remote` is false.

        `caller` pays for them with its file budget.

        Raises `ValueRejected`, `TooLarge` and `StorageFull`.
        """
        if isinstance(value, RemoteFile):
            if not remote:
                return value
            found = await self.fetch(value, owner, caller)
        elif isinstance(value, InlineFile):
            found = await asyncio.to_thread(self._store_inline, value, owner, caller)
        elif isinstance(value, dict):
            return {key: await self.bring(one, owner, caller, held, remote=remote) for key, one in value.items()}
        elif isinstance(value, (list, tuple)):
            return type(value)([await self.bring(one, owner, caller, held, remote=remote) for one in value])
        else:
            return value
        if held is not None:
            held.add(found.path)
        return found

    def _store_inline(self, file: InlineFile, owner: str, caller: str) -> LocalFile:
        path = self.store.keep(io.BytesIO(data_url_content(file.url)), file.name, owner, caller)
        file.wire.update({"path": str(path), "url": None, "orig_name": file.name})
        return LocalFile(path, file.name)

    # Out

    def open_output(self, path: str | Path) -> BinaryIO:
        """Open a file that a function returned. Raises `ValueRejected` outside of the folders that may be shown.

        Those are the working folder (without hidden files), the temporary folder, the store and `allowed_paths`.
        """
        real = Path(os.path.realpath(path))
        if not self._returnable(real):
            raise ValueRejected(
                f"The function returned the file {Path(path).name!r}, which lies outside of the working folder, the "
                "temporary folder and `allowed_paths`."
            )
        try:
            descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise ValueRejected(f"The function returned the file {Path(path).name!r}: {error.strerror}.") from None
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise ValueRejected(f"The function returned {Path(path).name!r}, which is not a file.")
        return file

    def _returnable(self, real: Path) -> bool:
        if _below(real, [*self._blocked, self.store.private]):
            return False
        if self._is_shared(real):
            return True
        if real in _initial_files or _below(
            real, [*self._allowed, self.store.folder, Path(tempfile.gettempdir()).resolve()]
        ):
            return True
        here = Path.cwd().resolve()
        return _below(real, [here]) and not any(part.startswith(".") for part in real.relative_to(here).parts)


_initial_files: set[Path] = set()
"""Files that authors gave as initial values of components: every caller may read them."""


def publish_initial(path: Path) -> None:
    """Let every caller read this file, which an author gave as an initial value. `path` is a real path."""
    _initial_files.add(path)


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)
