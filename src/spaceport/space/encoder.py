"""Encodes an audio stream while a generator makes it: samples in, AAC segments of a playlist out."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import dataclass
from typing import Any

from spaceport.space.errors import ValueRejected
from spaceport.space.playlists import Playlist, Playlists

_SEGMENT_S = 0.25
"""Minimum length of a segment, except the last."""
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_FRAME = 1024
"""Samples in an AAC frame."""
_END_S = 30


class Encoder:
    """Runs one ffmpeg for a whole stream, so that its pieces join without gaps.

    Raises `ValueRejected` if ffmpeg is not installed or fails.
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
        """Encode 16 bit samples, channels interleaved."""
        if self._error is not None:
            raise self._error
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(samples.astype("<i2").tobytes())
            self._process.stdin.flush()
        except OSError:
            raise ValueRejected("ffmpeg could not encode the stream.") from None

    def close(self) -> None:
        """Encode the rest and end the playlist. Raises the error of the encoder since the last `feed`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(_END_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._reader.join()
        self._playlists.finish(self._playlist)
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
        except Exception as error:  # noqa: BLE001  raised by the next `feed`
            self._error = error
            self._process.kill()


def whole_frames(data: bytes | bytearray) -> tuple[int, float]:
    """Size of the complete ADTS frames at the start, in bytes and in seconds (ISO/IEC 13818-7, 6.2)."""
    place, seconds = 0, 0.0
    while place + 7 <= len(data) and data[place] == 0xFF and data[place + 1] & 0xF0 == 0xF0:
        length = (data[place + 3] & 3) << 11 | data[place + 4] << 3 | data[place + 5] >> 5
        index = data[place + 2] >> 2 & 15
        if length < 7 or place + length > len(data) or index >= len(_RATES):
            break
        place += length
        seconds += _FRAME / _RATES[index]
    return place, seconds


@dataclass(frozen=True, slots=True)
class OpenStream:
    """An audio stream that a running generator adds to, and its `FileData`."""

    encoder: Encoder
    shown: dict[str, Any]
