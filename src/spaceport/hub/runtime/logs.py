"""What builds and apps print: each line with its time, in files of a bounded size.

    2026-01-31T12:00:00.000Z text

An app prints into a named pipe that it holds open itself: it goes on while the hub is away. One that prints without
end is slowed down, and only the newest part is kept.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

_MAX_LOG_BYTES = 4 << 20
_READ_BYTES = 64 << 10
_PAUSE_S = 0.02
"""The pause after each reading, and longer where that is written as more than `_READ_BYTES`, because each line gets its
time: a log grows by 3 MB a second at most."""
_POLL_INTERVAL_S = 0.25
_MAX_LINE_BYTES = 16 << 10


def stamp(at: float) -> str:
    """A time as the Hub writes it."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


class Log:
    """Lines in one file. When it is full its older half is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rest = b""

    def add(self, data: bytes, at: float) -> int:
        """Add output; returns the bytes written. A line is written once it is complete, or longer than
        `_MAX_LINE_BYTES`."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MAX_LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        return self._write(lines, at)

    def finish(self, at: float) -> None:
        """Write the last line although it has no line end."""
        if self._rest:
            self._write([self._rest], at)
            self._rest = b""

    def _write(self, lines: list[bytes], at: float) -> int:
        if not lines:
            return 0
        mark = stamp(at).encode() + b" "
        with self.path.open("ab") as file:
            written = file.write(b"".join(mark + line.rstrip(b"\r") + b"\n" for line in lines))
            size = file.tell()
        if size > _MAX_LOG_BYTES:
            self._halve()
        return written

    def _halve(self) -> None:
        newest = self.path.read_bytes()[-_MAX_LOG_BYTES // 2 :]
        draft = self.path.with_suffix(".part")
        draft.write_bytes(newest[newest.find(b"\n") + 1 :])
        draft.replace(self.path)


class Pipe:
    """Reads what an app prints, in the running loop."""

    def __init__(self, path: Path, log: Log) -> None:
        """`path` becomes a named pipe, for the app to print into."""
        if not path.is_fifo():
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)
        self._log = log
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._loop.add_reader(self._descriptor, self._read)

    def say(self, text: str) -> None:
        """Add a line of the hub's own."""
        self._log.add(f"{text}\n".encode(), _now())

    def close(self, at: float) -> None:
        """Read what is still in the pipe, then close it."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._descriptor)
        for _ in range(64):
            data = self._read_some()
            if not data:
                break
            self._log.add(data, at)
        self._log.finish(at)
        os.close(self._descriptor)

    def _read(self) -> None:
        written = self._log.add(self._read_some(), _now())
        self._loop.remove_reader(self._descriptor)
        self._pause = self._loop.call_later(_PAUSE_S * max(1, written / _READ_BYTES), self._resume)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._descriptor, self._read)

    def _read_some(self) -> bytes:
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return b""


async def follow(path: Path) -> AsyncIterator[tuple[str, str] | None]:
    """Yield the time and text of each line, and then of each new one; None whenever there is nothing new."""
    position, rest = 0, b""
    while True:
        data = await asyncio.to_thread(_read_from, path, position)
        position += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            at, _, text = line.decode("utf-8", "replace").partition(" ")
            yield at, text
        if not data:
            yield None
            await asyncio.sleep(_POLL_INTERVAL_S)
            if await asyncio.to_thread(_size, path) < position:  # its older half was removed, or it is a new one
                position, rest = 0, b""


def _read_from(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(position)
            return file.read(1 << 20)
    except OSError:
        return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _now() -> float:
    return datetime.now(timezone.utc).timestamp()
