"""HLS playlists of audio streams that generators yield (gradio-wire §11).

The segments of a stream are files in the store. Its playlist is in memory while it grows; when the stream ends, the
playlist is written beside the store, so that the result can be played after a restart too.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from spaceport.errors import NotFound
from spaceport.store import FileStore

_PLACE = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}/[0-9]{1,9}")


@dataclass(slots=True)
class Playlist:
    """One stream. `place`: its part of the URL. `segments`: path and length in seconds of each."""

    place: str
    owner: str
    segments: list[tuple[str, float]] = field(default_factory=list)
    ended: bool = False

    def text(self) -> str:
        """The playlist in the format of HLS (RFC 8216)."""
        segments = list(self.segments)
        longest = max((seconds for _, seconds in segments), default=1.0)
        lines = ["#EXTM3U", "#EXT-X-PLAYLIST-TYPE:EVENT", f"#EXT-X-TARGETDURATION:{int(longest) + 1}"]
        lines += ["#EXT-X-VERSION:4", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-START:TIME-OFFSET=0"]
        for number, (_, seconds) in enumerate(segments):
            lines += [f"#EXTINF:{seconds:.6f},", f"{number}.aac"]
        return "\n".join([*lines, "#EXT-X-ENDLIST"] if self.ended else lines) + "\n"


class Playlists:
    """The audio streams of a Space."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._live: dict[str, Playlist] = {}
        self._folder = store.private_subfolder("streams", formerly=".streams")

    def open(self, owner: str, number: int) -> Playlist:
        playlist = Playlist(f"{secrets.token_hex(16)}/{secrets.token_hex(16)}/{number}", owner)
        self._live[playlist.place] = playlist
        return playlist

    def add(self, playlist: Playlist, data: bytes, seconds: float, caller: str) -> None:
        """Raises `StorageFull`."""
        name = f"{playlist.place.partition('/')[0]}-{len(playlist.segments)}.aac"
        path = self._store.keep(BytesIO(data), name, playlist.owner, caller)
        playlist.segments.append((str(path), seconds))

    def finish(self, playlist: Playlist) -> None:
        playlist.ended = True
        text = json.dumps({"owner": playlist.owner, "segments": playlist.segments})
        self._file(playlist.place).write_text(text)
        self._live.pop(playlist.place, None)

    def find(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound` for missing streams and for those of other users."""
        found = self._live.get(place)
        if found is None and _PLACE.fullmatch(place):
            try:
                kept = json.loads(self._file(place).read_text())
            except OSError:
                kept = None
            if kept is not None:
                found = Playlist(place, kept["owner"], [tuple(one) for one in kept["segments"]], ended=True)
        if found is None or found.owner not in ("", owner):
            raise NotFound("There is no such stream.")
        return found

    def sweep(self) -> None:
        """Remove the playlists of streams whose segments have expired."""
        old = time.time() - self._store.limits.ttl_s
        for path in self._folder.iterdir():
            if path.stat().st_mtime < old:
                path.unlink(missing_ok=True)

    def _file(self, place: str) -> Path:
        return self._folder / f"{place.replace('/', '-')}.json"
