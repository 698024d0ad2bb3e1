"""Gives an app a loopback address of its own, so that any number of apps listen on the same port side by side.

A seccomp filter (seccomp_unotify(2)) asks the supervisor about each `bind` and `connect` of the app's processes. The
supervisor carries them out on the app's socket, with another address:

- `bind` of TCP to 0.0.0.0, 127.0.0.1, :: or ::1 becomes a `bind` to the app's own address, with the same port;
- `connect` to one of these, on a port that the app has bound, becomes a `connect` to its own address;
- everything else goes on as if nobody had looked: UDP, port 0, other addresses, Unix sockets.

This is no isolation: a process may get around it (docs/adr/0006). The supervisor of each replica loads this module: it
imports little.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct
import sys
import threading
from typing import NamedTuple


class _Machine(NamedTuple):
    """What the kernel calls an architecture, and its numbers of system calls."""

    arch: int
    bind: int
    connect: int
    seccomp: int


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 49, 42, 317),
    "aarch64": _Machine(0xC00000B7, 200, 203, 277),
}
_PIDFD_GETFD = 438
_SET_MODE_FILTER = 1
_SPEC_ALLOW, _NEW_LISTENER, _WAIT_KILLABLE = 1 << 2, 1 << 3, 1 << 5
_ALLOW, _ASK = 0x7FFF0000, 0x7FC00000
_PR_SET_NO_NEW_PRIVS = 38
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")
_RESPONSE = struct.Struct("=QqiI")
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_LENGTHS = (16, 28, 128)
"""Of the structures for an IPv4 and an IPv6 address, and of one that holds any."""
_LOCAL = {"0.0.0.0", "127.0.0.1", "::", "::1", "::ffff:0.0.0.0", "::ffff:127.0.0.1"}  # noqa: S104


def install() -> int:
    """Filter this process and its children; the descriptor that asks about their calls. Raises `OSError`."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, "no filter for this machine")
    libc = ctypes.CDLL(None, use_errno=True)
    code = _program(machine)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    for flags in (_NEW_LISTENER | _SPEC_ALLOW | _WAIT_KILLABLE, _NEW_LISTENER | _SPEC_ALLOW):
        call = [ctypes.c_long(part) for part in (machine.seccomp, _SET_MODE_FILTER, flags)]
        found = libc.syscall(*call, program)
        if found < 0 and ctypes.get_errno() == errno.EACCES:  # only root may do without
            libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            found = libc.syscall(*call, program)
        if found >= 0:
            return int(found)
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program(machine: _Machine) -> bytes:
    """Ask about `bind` and `connect` with the length of an IP address; allow all else (classic BPF)."""

    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    lines = (
        (load, 0, 0, 4),  # the architecture
        (jump_if_equal, 0, 7, machine.arch),
        (load, 0, 0, 0),  # the number of the system call
        (jump_if_equal, 1, 0, machine.bind),
        (jump_if_equal, 0, 4, machine.connect),
        (load, 0, 0, 32),  # the third argument, which is the length of the address
        (jump_if_equal, 3, 0, _LENGTHS[0]),
        (jump_if_equal, 2, 0, _LENGTHS[1]),
        (jump_if_equal, 1, 0, _LENGTHS[2]),
        (answer, 0, 0, _ALLOW),
        (answer, 0, 0, _ASK),
    )
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


class OwnAddress:
    """Answers what the filter asks. `descriptor` is what `install` returned, `host` the app's own address."""

    def __init__(self, descriptor: int, host: str) -> None:
        self.descriptor = descriptor
        self._host = host
        machine = _MACHINES[platform.machine()]
        self._bind = machine.bind
        self._ports: set[int] = set()
        """The ports that the app has bound."""
        self._libc = ctypes.CDLL(None, use_errno=True)

    def answer(self) -> None:
        """Carry out one call; blocks until there is one."""
        buffer = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, buffer)
        except OSError:  # who called has ended
            return
        number, thread, _, call, _, _, descriptor, pointer, length, *_ = _NOTIFICATION.unpack(buffer)
        try:
            target = _address(_memory(thread, pointer, length))
            local = target is not None and target[0] in _LOCAL and target[1] != 0
            is_bind = call == self._bind
            if target is None or not local or not (is_bind or target[1] in self._ports):
                self._respond(number, 0, _CONTINUE)
                return
            taken = self._take(thread, descriptor)
        except OSError:  # it cannot be looked at: as if nobody had asked
            self._respond(number, 0, _CONTINUE)
            return
        if taken.type != socket.SOCK_STREAM:
            taken.close()
            self._respond(number, 0, _CONTINUE)
        elif is_bind:
            self._respond(number, self._carry_out(taken, target, is_bind=True))
        else:  # which may wait, if the socket is a blocking one
            call_on = (number, taken, target)
            threading.Thread(target=self._connect, args=call_on, daemon=True).start()

    def _connect(self, number: int, taken: socket.socket, target: tuple[str, int]) -> None:
        self._respond(number, self._carry_out(taken, target, is_bind=False))

    def _carry_out(self, taken: socket.socket, target: tuple[str, int], *, is_bind: bool) -> int:
        """Bind or connect a socket of the app; the error's number, 0: none."""
        port = target[1]
        with taken:
            try:
                own = self._host
                only_ipv6 = False
                if taken.family == socket.AF_INET6:
                    own = f"::ffff:{own}"
                    only_ipv6 = bool(taken.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
                    taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                if not is_bind:
                    taken.connect((own, port))
                    return 0
                try:
                    taken.bind((own, port))
                except OSError as error:
                    # who listens on 0.0.0.0 and on :: has two sockets, of which one is enough
                    if error.errno != errno.EADDRINUSE or not only_ipv6 or port not in self._ports:
                        raise
                    taken.bind(("::1", 0))
                self._ports.add(port)
            except OSError as error:
                if is_bind and error.errno == errno.EINVAL and taken.getsockname()[1] == port:
                    return 0  # the call was interrupted and begins again
                return error.errno or errno.EIO
        return 0

    def _take(self, thread: int, descriptor: int) -> socket.socket:
        """A copy of a socket of the app. Raises `OSError`."""
        pidfd = os.pidfd_open(_process_of(thread))
        try:
            found = self._libc.syscall(
                *(ctypes.c_long(part) for part in (_PIDFD_GETFD, pidfd, descriptor & 0xFFFFFFFF, 0))
            )
            if found < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd")
        finally:
            os.close(pidfd)
        return socket.socket(fileno=found)

    def _respond(self, number: int, error: int, flags: int = 0) -> None:
        try:
            fcntl.ioctl(self.descriptor, _SEND, _RESPONSE.pack(number, 0, -error, flags))
        except OSError:  # who called has ended
            return


def _memory(thread: int, pointer: int, length: int) -> bytes:
    descriptor = os.open(f"/proc/{thread}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, min(length, 128), pointer)
    finally:
        os.close(descriptor)


def _address(raw: bytes) -> tuple[str, int] | None:
    """Host and port; None: this is no IP address."""
    family = int.from_bytes(raw[:2], sys.byteorder)
    port = int.from_bytes(raw[2:4], "big")
    if family == socket.AF_INET and len(raw) >= 8:
        return socket.inet_ntop(socket.AF_INET, raw[4:8]), port
    if family == socket.AF_INET6 and len(raw) >= 24:
        return socket.inet_ntop(socket.AF_INET6, raw[8:24]), port
    return None


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status", "rb") as file:  # noqa: PTH123
        for line in file:
            if line.startswith(b"Tgid:"):
                return int(line[5:])
    raise OSError(errno.ESRCH, "no such thread")
