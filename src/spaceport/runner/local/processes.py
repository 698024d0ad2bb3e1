"""Processes of this machine and the ports they listen on, as proc(5) tells of them. Linux only.

The supervisor of each replica loads this module: it imports little.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterable

_LISTEN = b"0A"


def state_and_start(pid: int) -> tuple[str, int]:
    """The state of a process and when it started, in clock ticks since boot; "X" and 0 where there is none."""
    fields = _stat(pid)
    return ("X", 0) if fields is None else (fields[0].decode(), int(fields[19]))


def parents() -> dict[int, int]:
    """The parent of each process that has not ended, by its pid."""
    found = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  pathlib would be most of the supervisor's start
        if name.isdigit():
            fields = _stat(int(name))
            if fields is not None and fields[0] not in (b"Z", b"X"):
                found[int(name)] = int(fields[1])
    return found


def descendants(root: int, known: dict[int, int] | None = None) -> set[int]:
    """All processes below `root`; `known`: what `parents` has said."""
    children: dict[int, list[int]] = {}
    for pid, parent in (parents() if known is None else known).items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    todo = [root]
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def listeners(pids: Iterable[int]) -> set[tuple[str, int]]:
    """Host and port of all TCP sockets on which one of these processes listens."""
    wanted: set[bytes] = set()
    for pid in pids:
        wanted |= _socket_inodes(pid)
    return {(host, port) for host, port, inode in _listening() if inode in wanted}


def is_listening_on(port: int, *, beside: Collection[tuple[str, int]] = ()) -> bool:
    """Whether some process of this machine listens on a port, other than with the sockets `beside`."""
    return any(found == port and (host, found) not in beside for host, found, _ in _listening())


def _stat(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def _socket_inodes(pid: int) -> set[bytes]:
    found = set()
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            for entry in entries:
                try:
                    target = os.readlink(entry.path)  # noqa: PTH115
                except OSError:
                    continue
                if target.startswith("socket:["):
                    found.add(target[8:-1].encode())
    except OSError:  # it has just ended
        pass
    return found


def _listening() -> Iterable[tuple[str, int, bytes]]:
    """Host, port and inode of each TCP socket that listens."""
    for path, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        if not os.path.exists(path):  # noqa: PTH110  a kernel without IPv6
            continue
        with open(path, "rb") as file:  # noqa: PTH123
            next(file, None)
            for line in file:
                fields = line.split(None, 10)
                if fields[3] == _LISTEN:
                    host, _, port = fields[1].partition(b":")
                    yield _address(family, host), int(port, 16), fields[9]


def _address(family: int, text: bytes) -> str:
    """The address that the kernel writes as words of the machine's byte order."""
    raw = bytes.fromhex(text.decode())
    words = [raw[at : at + 4][::-1] for at in range(0, len(raw), 4)]
    host = socket.inet_ntop(family, b"".join(words))
    return host.removeprefix("::ffff:")
