"""Audio that is heard while it is made: HLS playlists of what generators yield (gradio.md §11).

A stream's segments are files in the store. Its list is in memory while it grows; when it ends the list is written
beside the store, so that the outcome of the call can be played again also after a restart.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from spaceport.errors import NotFound
from spaceport.space.components.base import ValueRejected
from spaceport.store import FileStore

_FOLDER = ".streams"
_PLACE = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}/[0-9]{1,9}")
_SEGMENT_S = 0.25
"""Shorter pieces wait for more, except at the end."""
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_FRAME = 1024
"""Samples in an AAC frame."""
_END_S = 30


@dataclass(slots=True)
class Playlist:
    """`place`: its part of the address. `segments`: the path and length in seconds of each."""

    place: str
    owner: str
    segments: list[tuple[str, float]] = field(default_factory=list)
    ended: bool = False

    def text(self) -> str:
        """The list as HLS (RFC 8216) has it."""
        segments = list(self.segments)
        longest = max((seconds for _, seconds in segments), default=1.0)
        lines = ["#EXTM3U", "#EXT-X-PLAYLIST-TYPE:EVENT", f"#EXT-X-TARGETDURATION:{int(longest) + 1}"]
        lines += ["#EXT-X-VERSION:4", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-START:TIME-OFFSET=0"]
        for number, (_, seconds) in enumerate(segments):
            lines += [f"#EXTINF:{seconds:.6f},", f"{number}.aac"]
        return "\n".join([*lines, "#EXT-X-ENDLIST"] if self.ended else lines) + "\n"


class Playlists:
    """The streams of a Space."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._live: dict[str, Playlist] = {}
        self._folder = store.folder / _FOLDER
        self._folder.mkdir(exist_ok=True)

    def open(self, owner: str, number: int) -> Playlist:
        playlist = Playlist(f"{secrets.token_hex(16)}/{secrets.token_hex(16)}/{number}", owner)
        self._live[playlist.place] = playlist
        return playlist

    def add(self, playlist: Playlist, data: bytes, seconds: float, caller: str) -> None:
        """Raises `StorageFull`."""
        name = f"{playlist.place.partition('/')[0]}-{len(playlist.segments)}.aac"
        path = self._store.keep(BytesIO(data), name, playlist.owner, caller)
        playlist.segments.append((str(path), seconds))

    def end(self, playlist: Playlist) -> None:
        playlist.ended = True
        text = json.dumps({"owner": playlist.owner, "segments": playlist.segments})
        self._file(playlist.place).write_text(text)
        self._live.pop(playlist.place, None)

    def find(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound`, the same for another user's."""
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
        """Forget the lists of streams whose segments are gone by age."""
        old = time.time() - self._store.limits.ttl_s
        for path in self._folder.iterdir():
            if path.stat().st_mtime < old:
                path.unlink(missing_ok=True)

    def _file(self, place: str) -> Path:
        return self._folder / f"{place.replace('/', '-')}.json"


class Encoder:
    """One ffmpeg for a whole stream, so that there is no gap between what is fed: samples in, AAC segments out.

    Raises `ValueRejected` where ffmpeg is not installed, or when it fails.
    """

    def __init__(self, playlists: Playlists, playlist: Playlist, caller: str, rate: int, channels: int) -> None:
        ffmpeg = shutil.which("ffmpeg")
        if ffmpeg is None:
            raise ValueRejected("Audio(streaming=True) needs ffmpeg, which is not installed here.")
        self.rate, self.channels = rate, channels
        self._playlists, self._playlist, self._caller = playlists, playlist, caller
        source = ["-f", "s16le", "-ar", str(rate), "-ac", str(channels), "-probesize", "32", "-i", "pipe:0"]
        target = ["-c:a", "aac", "-f", "adts", "-flush_packets", "1", "pipe:1"]
        self._process = subprocess.Popen(  # noqa: S603  no shell
            [ffmpeg, "-v", "error", *source, *target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._error: Exception | None = None
        self._reader = threading.Thread(target=self._read, daemon=True, name="spaceport-encoder")
        self._reader.start()

    def feed(self, samples: Any) -> None:
        """16 bit samples, interleaved."""
        if self._error is not None:
            raise self._error
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(samples.astype("<i2").tobytes())
            self._process.stdin.flush()
        except OSError:
            raise ValueRejected("ffmpeg could not encode the stream.") from None

    def close(self) -> None:
        """Encode the rest and end the list. Raises what went wrong since the last `feed`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(_END_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._reader.join()
        self._playlists.end(self._playlist)
        if self._error is not None:
            raise self._error

    def _read(self) -> None:
        assert self._process.stdout is not None
        held = bytearray()
        try:
            while data := self._process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                held += data
                size, seconds = whole_frames(held)
                if seconds >= _SEGMENT_S:
                    self._playlists.add(self._playlist, bytes(held[:size]), seconds, self._caller)
                    del held[:size]
            size, seconds = whole_frames(held)
            if size:
                self._playlists.add(self._playlist, bytes(held[:size]), seconds, self._caller)
        except Exception as error:  # noqa: BLE001  told to whoever feeds next
            self._error = error
            self._process.kill()


def whole_frames(data: bytes | bytearray) -> tuple[int, float]:
    """The bytes of all complete ADTS frames at the start, and their seconds (ISO/IEC 13818-7, 6.2)."""
    place, seconds = 0, 0.0
    while place + 7 <= len(data) and data[place] == 0xFF and data[place + 1] & 0xF0 == 0xF0:
        length = (data[place + 3] & 3) << 11 | data[place + 4] << 3 | data[place + 5] >> 5
        index = data[place + 2] >> 2 & 15
        if length < 7 or place + length > len(data) or index >= len(_RATES):
            break
        place += length
        seconds += _FRAME / _RATES[index]
    return place, seconds
