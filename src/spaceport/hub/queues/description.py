"""What an app says of itself, `/config` and `/info`: read when a replica has started, kept by revision, so that the hub
can answer for a Space that sleeps; and whether the hub can queue its calls at all (HUB.md, Lanes).
"""

from __future__ import annotations

import asyncio
import contextlib
from enum import Enum
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from spaceport.api.root import ANY_ROOT
from spaceport.wire.documents import API_PREFIX, PROTOCOL

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_KEPT = 3


class Kind(str, Enum):
    OURS = "ours"
    GRADIO = "gradio"
    PROXIED = "proxied"
    """Its calls are passed on as they are: nothing of them is kept at the hub."""


class Documents(msgspec.Struct, frozen=True):
    """Of one revision. `named` is what `/info` has by endpoint, undocumented ones too; `reason`: why it is proxied."""

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


async def fetch(http: aiohttp.ClientSession, port: int, commit: str, epoch: str) -> Documents:
    """Ask a replica that listens."""
    try:
        status, config = await _get(http, port, "/config")
        if status == 401:
            return Documents(commit, epoch, Kind.PROXIED, "the app has a login of its own")
        if not isinstance(config, dict) or not isinstance(config.get("dependencies"), list):
            return Documents(commit, epoch, Kind.PROXIED, "it is not a Gradio app")
        if config.get("protocol") != PROTOCOL or config.get("api_prefix") != API_PREFIX:
            return Documents(commit, epoch, Kind.PROXIED, "its Gradio is too old")
        _, public = await _get(http, port, f"{API_PREFIX}/info")
        _, everything = await _get(http, port, f"{API_PREFIX}/info?all_endpoints=true")
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return Documents(commit, epoch, Kind.PROXIED, "it does not answer /config")
    named = {**_named(everything), **_named(public)}
    config.pop("space_id", None)  # @gradio/client would send its token elsewhere for it (hub.md §0)
    kind = Kind.OURS if "spaceport" in config else Kind.GRADIO
    return Documents(commit, epoch, kind, "", config, named)


def keep(folder: Path, documents: Documents) -> None:
    """Write them; the newest few revisions stay."""
    folder.mkdir(exist_ok=True)
    draft = folder / f".{documents.commit}"
    draft.write_bytes(msgspec.json.encode(documents))
    for kind in Kind:
        _place(folder, documents.commit, kind).unlink(missing_ok=True)
    draft.replace(_place(folder, documents.commit, documents.kind))
    for path in _by_age(folder)[:-_KEPT]:
        path.unlink(missing_ok=True)


def kept(folder: Path, commit: str | None) -> Documents | None:
    """Those of a revision; None if it never ran here."""
    for kind in Kind:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(_place(folder, str(commit), kind).read_bytes(), type=Documents)
    return None


def kept_kind(folder: Path, commit: str | None) -> Kind | None:
    """What a revision is, without reading more."""
    return next((kind for kind in Kind if _place(folder, str(commit), kind).exists()), None)


def newest(folder: Path) -> Documents | None:
    """Those of the revision that ran last."""
    paths = _by_age(folder)
    return kept(folder, paths[-1].name.partition(".")[0]) if paths else None


def _by_age(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9a-f]*.json"), key=lambda path: path.stat().st_mtime)


def _place(folder: Path, commit: str, kind: Kind) -> Path:
    return folder / f"{commit}.{kind.value}.json"


async def _get(http: aiohttp.ClientSession, port: int, path: str) -> tuple[int, Any]:
    headers = {"x-gradio-server": ANY_ROOT, "accept": "application/json", "accept-encoding": "identity"}
    url = f"http://127.0.0.1:{port}{path}"
    async with http.get(url, headers=headers, allow_redirects=False, timeout=_TIMEOUT) as response:
        body = await response.read()
    try:
        return response.status, msgspec.json.decode(body)
    except msgspec.DecodeError:
        return response.status, None


def _named(info: Any) -> dict[str, Any]:
    named = info.get("named_endpoints") if isinstance(info, dict) else None
    return named if isinstance(named, dict) else {}
