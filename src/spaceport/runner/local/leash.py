"""Whether a hub still holds a replica: its supervisor ends it when all that held it are gone for some time.

The hub that starts a replica keeps the pipe open by which the supervisor was told what to run. A later hub that adopts
it connects to a socket of the supervisor's. The kernel closes both with the process that has them, also when it is
killed. The supervisor loads this module: it imports little.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from collections.abc import Container

_MAX_HOLDERS = 8
"""Whoever has the right uid may hold a replica; the oldest holder goes for one more."""
_PEER = struct.Struct("=iII")


def hold(supervisor: int, started_at: int) -> socket.socket | None:
    """Hold the replica of a supervisor until the socket is closed; None: the supervisor is an older one, or gone."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        held.connect(_address(supervisor, started_at))
    except OSError:
        held.close()
        return None
    return held


class Leash:
    """The supervisor's side. `descriptor` is the end of the starter's pipe; `orphan_s` the time without any holder."""

    def __init__(self, descriptor: int, orphan_s: float, started_at: int) -> None:
        self._orphan_s = orphan_s
        self._lost_at: float | None = None
        self._held: dict[int, socket.socket | None] = {descriptor: None}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(_address(os.getpid(), started_at))
        self._listener.listen()
        self._listener.setblocking(False)

    @property
    def descriptors(self) -> list[int]:
        """The descriptors to wait for."""
        return [self._listener.fileno(), *self._held]

    @property
    def left_s(self) -> float | None:
        """Seconds until the replica is to end; None: somebody holds it."""
        return None if self._lost_at is None else max(self._lost_at + self._orphan_s - time.monotonic(), 0.0)

    def update(self, ready: Container[int]) -> None:
        """Accept new holders and drop those that are gone. `ready`: the descriptors that can be read."""
        if self._listener.fileno() in ready:
            self._accept()
        for descriptor in [one for one in self._held if one in ready]:
            self._read(descriptor)
        if self._held:
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = time.monotonic()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            holder, _ = self._listener.accept()
            _, uid, _ = _PEER.unpack(holder.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
            if uid not in (0, os.getuid()):
                holder.close()
                return
            holder.setblocking(False)
            self._held[holder.fileno()] = holder
            if len(self._held) > _MAX_HOLDERS:
                self._drop(next(iter(self._held)))

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 64)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(descriptor)

    def _drop(self, descriptor: int) -> None:
        holder = self._held.pop(descriptor)
        if holder is not None:
            holder.close()


def _address(supervisor: int, started_at: int) -> str:
    """A name in the abstract namespace, which leaves no file behind."""
    return f"\0spaceport-supervisor-{supervisor}-{started_at}"
