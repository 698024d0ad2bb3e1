"""Files between the wire and a function: which a call may name, and how returned ones get out.

Only a component that takes files ever sees one. On the way in, every `FileData` of its value becomes a `LocalFile` (in
the store, of this caller) or a `RemoteFile` (a URL, fetched before the function runs); whatever else names a path is
plain JSON. On the way out, `output_file` and `output_bytes` copy into the store.
"""

from __future__ import annotations

import base64
import binascii
import io
import mimetypes
import os
import stat
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, unquote, urlsplit

from spaceport.errors import NotFound, SpaceportError
from spaceport.space.components.base import ValueRejected
from spaceport.space.context import current
from spaceport.space.playlists import Playlist, Playlists
from spaceport.store import ContentIndex, FileStore, PinnedFiles
from spaceport.wire.filedata import file_data, is_file_data

_PATH_CHARACTERS = "/"
_ROUTE = "/gradio_api/file="
_DATA_URL = "data:"
_GIVEN = 10_000


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine. `name` is what its sender calls it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that lies elsewhere until `fetch` brings it."""

    url: str
    name: str


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
        self.given: Path | None = None
        """A folder of files that any call may name."""
        self._given: OrderedDict[str, None] = OrderedDict()
        self._allowed = [Path(path).resolve() for path in allowed]
        self._blocked = [Path(path).resolve() for path in blocked]

    def playlist(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound`."""
        return self.playlists.find(place, owner)

    def draft(self, name: str, owner: str, caller: str) -> Any:
        return self.store.draft(name, owner, caller)

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """A file that may be downloaded, and whether the author published it. Raises `NotFound`."""
        if "\0" in path:
            raise NotFound("There is no such file.")
        try:
            return self.store.find(path, owner), False
        except NotFound:
            real = Path(os.path.realpath(path))
            if os.path.isabs(path) and (real in _defaults or self._published(real)):  # noqa: PTH117
                return real, True
            raise

    def has(self, path: str, owner: str) -> bool:
        """Whether a file that was given out can still be had."""
        try:
            self.readable(path, owner)
        except NotFound:
            return path in self._given
        return True

    def rooted(self, value: Any, root: str) -> Any:
        """A value with the addresses of its files under another public root."""
        if is_file_data(value):
            place = (value.get("url") or "").partition(_ROUTE)[2]
            return {**value, "url": f"{root}{_ROUTE}{place}"} if place else value
        if isinstance(value, dict):
            return {key: self.rooted(one, root) for key, one in value.items()}
        return [self.rooted(one, root) for one in value] if isinstance(value, list) else value

    def give(self, url: str) -> None:
        """A function returned this URL: whoever sees it may ask for the file here."""
        self._given[url] = None
        self._given.move_to_end(url)
        while len(self._given) > _GIVEN:
            self._given.popitem(last=False)

    async def brought(self, url: str, owner: str, caller: str) -> Path:
        """A file that lies elsewhere, if a function returned its URL; fetched. Raises `NotFound` for any other."""
        if url not in self._given:
            raise NotFound("No function returned this URL.")
        try:
            return (await self.fetch(RemoteFile(url, ""), owner, caller)).path
        except ValueRejected as error:
            raise NotFound(error.message) from None

    def _published(self, real: Path) -> bool:
        return _below(real, self._allowed) and not _below(real, self._blocked)

    def _is_given(self, path: Path) -> bool:
        if self.given is None or "\0" in str(path):
            return False
        real = path.resolve()
        return _below(real, [self.given.resolve()]) and real.is_file()

    # In

    def resolve(self, value: Any, owner: str, held: PinnedFiles) -> Any:
        """The value with every file in it. Raises `ValueRejected` for one that this caller may not name."""
        if is_file_data(value):
            return self._file(value, owner, held)
        if isinstance(value, dict):
            return {key: self.resolve(one, owner, held) for key, one in value.items()}
        if isinstance(value, list):
            return [self.resolve(one, owner, held) for one in value]
        return value

    def _file(self, value: dict[str, Any], owner: str, held: PinnedFiles) -> LocalFile | RemoteFile:
        path, url, name = value.get("path"), value.get("url"), value.get("orig_name")
        if path is None and isinstance(url, str) and url.startswith(_DATA_URL):
            return self._data_url(url, owner, held)
        if not isinstance(path, str) or not path:
            raise ValueRejected("A file needs its `path`: upload it first, or give an http(s) URL.", "file")
        if path.startswith(("http://", "https://")):
            return RemoteFile(path, name if isinstance(name, str) and name else _name_in(path))
        try:
            found = self.store.find(path, owner)
        except NotFound as error:
            found = Path(path)
            if found not in _defaults and not self._is_given(found):
                raise ValueRejected(error.message, "file") from None
        held.add(found)
        return LocalFile(found, name if isinstance(name, str) and name else found.name)

    def _data_url(self, url: str, owner: str, held: PinnedFiles) -> LocalFile:
        head, _, body = url.partition(",")
        try:
            data = base64.b64decode(body, validate=True) if head.endswith(";base64") else b""
        except binascii.Error:
            data = b""
        if not data:
            raise ValueRejected("A data: URL needs base64 content.", "file")
        kind = head.removeprefix(_DATA_URL).partition(";")[0]
        name = f"file{mimetypes.guess_extension(kind) or ''}"
        path = self.store.keep(io.BytesIO(data), name, owner, f"user:{owner}")
        held.add(path)
        return LocalFile(path, name)

    # Out

    def open_output(self, path: str | Path) -> BinaryIO:
        """A file that a function returned, opened. Raises `ValueRejected` for one that lies where nothing may be shown.

        That is everything but the working folder (without hidden files), the temporary folder, the store and what the
        author allows.
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
        if _below(real, self._blocked):
            return False
        if self._is_given(real):
            return True
        if real in _defaults or _below(
            real, [*self._allowed, self.store.folder, Path(tempfile.gettempdir()).resolve()]
        ):
            return True
        here = Path.cwd().resolve()
        return _below(real, [here]) and not any(part.startswith(".") for part in real.relative_to(here).parts)


@dataclass(frozen=True, slots=True)
class Saver:
    """Where the outputs of one call go: whose they are, who pays, and the public root for their URLs."""

    files: SpaceFiles
    owner: str
    caller: str
    root: str

    def save(self, source: BinaryIO, name: str, **facts: Any) -> dict[str, Any]:
        path = self.files.store.keep(source, name, self.owner, self.caller)
        return self.described(path, **facts)

    def streamed(self, place: str) -> dict[str, Any]:
        """A stream of audio that has begun."""
        path = f"{place}/playlist.m3u8"
        url = f"{self.root}/gradio_api/stream/{path}"
        found: dict[str, Any] = {**file_data(path, url, "audio.aac"), "is_stream": True}
        return found

    def described(self, path: Path, **facts: Any) -> dict[str, Any]:
        url = f"{self.root}{_ROUTE}{quote(str(path), safe=_PATH_CHARACTERS)}"
        found: dict[str, Any] = file_data(str(path), url, path.name, **facts)
        return found


_defaults: set[Path] = set()
"""Files that authors gave as initial values: known to everybody."""


def output_file(path: str | os.PathLike[str], **facts: Any) -> dict[str, Any]:
    """A returned file as `FileData`, copied into the store. `facts`: size, mime_type.

    Raises `ValueRejected` for one that may not be shown. Outside of a call: an author's initial value.
    """
    place = Path(os.fspath(path)).expanduser()
    running = current.get()
    if running is None or running.saver is None:
        real = Path(os.path.realpath(place))
        if not real.is_file():
            raise ValueRejected(f"There is no file {place}.")
        _defaults.add(real)
        initial: dict[str, Any] = file_data(str(real), None, place.name, **facts)
        return initial
    with running.saver.files.open_output(place) as file:
        return running.saver.save(file, place.name, **facts)


def output_bytes(data: bytes, name: str, **facts: Any) -> dict[str, Any]:
    """Bytes that a component made, as `FileData`."""
    running = current.get()
    if running is None or running.saver is None:
        folder = Path(tempfile.mkdtemp(prefix="spaceport-"))
        (folder / name).write_bytes(data)
        return output_file(folder / name, **facts)
    return running.saver.save(io.BytesIO(data), name, **facts)


def file_or_url(value: Any, **facts: Any) -> dict[str, Any]:
    """A returned path as `FileData`; an http(s) URL stays where it is."""
    text = os.fspath(value)
    if isinstance(text, str) and text.startswith(("http://", "https://")):
        running = current.get()
        if running is not None and running.saver is not None:
            running.saver.files.give(text)
        remote: dict[str, Any] = file_data(text, text, text.rpartition("/")[2] or "file", **facts)
        return remote
    return output_file(text, **facts)


def one_file(value: Any, what: str) -> LocalFile | RemoteFile | None:
    """What `from_wire` of a component with one file takes. Raises `ValueRejected`."""
    if value is None or isinstance(value, (LocalFile, RemoteFile)):
        return value
    raise ValueRejected(f"{what} takes a file: a FileData object with `path` and `meta` (upload it first).", "file")


def as_text(value: Any) -> Any:
    """The value with each file as its path or URL: what a validator sees."""
    if isinstance(value, LocalFile):
        return str(value.path)
    if isinstance(value, RemoteFile):
        return value.url
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in value.items()}
    return list(map(as_text, value)) if isinstance(value, list) else value


def local(value: Any) -> LocalFile:
    """A file at the time the function runs. Raises `SpaceportError` if nobody has fetched it."""
    if not isinstance(value, LocalFile):
        raise SpaceportError("The file was not fetched.")
    return value


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)
