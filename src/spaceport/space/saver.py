"""Where the files in a call's outputs are stored, and the addresses that the caller gets for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from spaceport.space.files import SpaceFiles
from spaceport.wire.documents import FILE_PREFIX
from spaceport.wire.filedata import file_data


@dataclass(frozen=True, slots=True)
class Saver:
    """Stores the output files of one call. `owner` may read them, `caller` pays for them with its file budget, and
    `root` is the public address that their URLs start with."""

    files: SpaceFiles
    owner: str
    caller: str
    root: str

    def save(self, source: BinaryIO, name: str, **facts: Any) -> dict[str, Any]:
        """Copy an open file into the store; returns its `FileData`. `facts`: size, mime_type."""
        path = self.files.store.keep(source, name, self.owner, self.caller)
        return self._describe(path, **facts)

    def stream(self, place: str) -> dict[str, Any]:
        """`FileData` of an audio stream that has begun."""
        path = f"{place}/playlist.m3u8"
        url = f"{self.root}/gradio_api/stream/{path}"
        found: dict[str, Any] = {**file_data(path, url, "audio.aac"), "is_stream": True}
        return found

    def _describe(self, path: Path, **facts: Any) -> dict[str, Any]:
        url = f"{self.root}{FILE_PREFIX}{quote(str(path), safe='/')}"
        found: dict[str, Any] = file_data(str(path), url, path.name, **facts)
        return found
