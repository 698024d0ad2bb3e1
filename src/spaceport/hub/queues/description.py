"""What an app says of itself in `/config` and `/info`, and whether its calls can be jobs of the hub.

It is read when a replica has started and saved for each revision, so that the hub can answer for a Space that sleeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from enum import Enum
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from spaceport.api.root import ANY_ROOT
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store.hub.ports import SpaceRow
from spaceport.wire.documents import API_PREFIX, PROTOCOL
from spaceport.wire.json import decode, too_deep

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_MAX_BYTES = 16 << 20
"""The most that one of the documents may have."""
_MAX_VALUES = 500_000
"""The most values in one of them: a value of three bytes takes more than twenty times that in memory."""
_MAX_DEPTH = 256
_TOO_LARGE = f"it describes itself in more than {_MAX_BYTES >> 20} MB or {_MAX_VALUES:,} values"
_REVISIONS = 3
"""How many revisions of a Space keep their documents."""


class Kind(str, Enum):
    OURS = "ours"
    GRADIO = "gradio"
    PROXIED = "proxied"
    """Calls are forwarded as they are; the hub keeps nothing of them."""


class Documents(msgspec.Struct, frozen=True):
    """What a revision said. `named`: `/info` by endpoint, undocumented ones included. `reason`: why it is proxied."""

    commit: str
    epoch: str
    kind: Kind
    reason: str = ""
    config: dict[str, Any] = {}
    named: dict[str, Any] = {}

    @property
    def max_file_size(self) -> int | None:
        size = self.config.get("max_file_size")
        return size if isinstance(size, int) else None


class _TooLarge(Exception):
    """A document exceeds `_MAX_BYTES` or `_MAX_VALUES`."""


async def fetch(http: aiohttp.ClientSession, address: str, commit: str, epoch: str) -> Documents:
    """Ask the replica that listens at `address` (`host:port`)."""
    try:
        status, config = await _get(http, address, "/config")
        if status == 401:
            return Documents(commit, epoch, Kind.PROXIED, "the app has a login of its own")
        if not isinstance(config, dict) or not isinstance(config.get("dependencies"), list):
            return Documents(commit, epoch, Kind.PROXIED, "it is not a Gradio app")
        if config.get("protocol") != PROTOCOL or config.get("api_prefix") != API_PREFIX:
            return Documents(commit, epoch, Kind.PROXIED, "its Gradio is too old")
        _, public = await _get(http, address, f"{API_PREFIX}/info")
        _, everything = await _get(http, address, f"{API_PREFIX}/info?all_endpoints=true")
    except _TooLarge:
        return Documents(commit, epoch, Kind.PROXIED, _TOO_LARGE)
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return Documents(commit, epoch, Kind.PROXIED, "it does not answer /config")
    named = {**_named(everything), **_named(public)}
    config.pop("space_id", None)  # @gradio/client would send its token to huggingface.co for it (hub-api §0)
    kind = Kind.OURS if "spaceport" in config else Kind.GRADIO
    return Documents(commit, epoch, kind, "", config, named)


def save(folder: Path, documents: Documents) -> None:
    """Write the documents of a revision; those of all but the newest few revisions are removed. Blocks."""
    folder.mkdir(exist_ok=True)
    draft = folder / f".{documents.commit}"
    draft.write_bytes(msgspec.json.encode(documents))
    for kind in Kind:
        _path(folder, documents.commit, kind).unlink(missing_ok=True)
    draft.replace(_path(folder, documents.commit, documents.kind))
    for path in _by_age(folder)[:-_REVISIONS]:
        path.unlink(missing_ok=True)


def load(folder: Path, commit: str | None) -> Documents | None:
    """The documents of a revision; None if it never ran here. Blocks."""
    for kind in Kind:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(_path(folder, str(commit), kind).read_bytes(), type=Documents)
    return None


def load_kind(folder: Path, commit: str | None) -> Kind | None:
    """The kind of a revision, which the file's name says; None if the revision never ran here."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  after a restart a listing of 1,000 Spaces asks for each
    except OSError:
        return None
    return next((kind for kind in Kind if f"{commit}.{kind.value}.json" in names), None)


class Kinds:
    """The kinds of the Spaces' newest revisions in memory, one for each Space. Safe from any thread."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._known: dict[int, tuple[str | None, Kind | None]] = {}
        """By Space: a revision and its kind."""

    def of(self, space: SpaceRow, commit: str | None) -> Kind | None:
        """As `load_kind` says. Blocks where another revision, or none, is known."""
        known = self._known.get(space.id)
        if known is not None and known[0] == commit:
            return known[1]
        found = load_kind(SpacePaths(self._data / space.folder).documents, commit)
        with self._lock:
            known = self._known.get(space.id)
            if known is not None and known[0] == commit:  # it was saved meanwhile
                return known[1]
            self._known[space.id] = (commit, found)
        return found

    def saved(self, space: SpaceRow, documents: Documents) -> None:
        """The documents of a revision are on the disk."""
        with self._lock:
            self._known[space.id] = (documents.commit, documents.kind)

    def removed(self, space: SpaceRow) -> None:
        with self._lock:
            self._known.pop(space.id, None)


def load_newest(folder: Path) -> Documents | None:
    """The documents of the revision that ran last. Blocks."""
    paths = _by_age(folder)
    return load(folder, paths[-1].name.partition(".")[0]) if paths else None


def _by_age(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9a-f]*.json"), key=lambda path: path.stat().st_mtime)


def _path(folder: Path, commit: str, kind: Kind) -> Path:
    return folder / f"{commit}.{kind.value}.json"


async def _get(http: aiohttp.ClientSession, address: str, path: str) -> tuple[int, Any]:
    headers = {"x-gradio-server": ANY_ROOT, "accept": "application/json", "accept-encoding": "identity"}
    async with http.get(
        f"http://{address}{path}", headers=headers, allow_redirects=False, timeout=_TIMEOUT
    ) as response:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise _TooLarge
    return response.status, await asyncio.to_thread(_decoded, bytes(body))


def _decoded(body: bytes) -> Any:
    """None: it is not JSON, or nests too deep. Raises `_TooLarge`."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _MAX_VALUES:
        raise _TooLarge
    if too_deep(body, _MAX_DEPTH):
        return None
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _named(info: Any) -> dict[str, Any]:
    named = info.get("named_endpoints") if isinstance(info, dict) else None
    return named if isinstance(named, dict) else {}
