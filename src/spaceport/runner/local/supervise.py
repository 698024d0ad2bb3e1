"""The parent of all processes of a replica or a build: `python -I -S supervise.py`, told by a line of JSON what to run.

It starts the command in a session of its own, with limits, and is the parent of whatever the command leaves behind
(PR_SET_CHILD_SUBREAPER): a process with a session of its own cannot get away. It ends all of them

- when the command ends;
- on SIGTERM: the command gets SIGTERM and `grace_s`, then all get SIGKILL;
- on SIGUSR1, at once;
- as on SIGTERM, when no hub has held the replica for `orphan_s` (`leash`): the one that started it was killed, and no
  other adopted it;
- for a build (`attached`), at once when its standard input ends, which is when the hub ends.

On its standard output it says in a line of JSON which process the command is. What it was told does not show in its own
environment or arguments, and variables such as LD_PRELOAD reach only the command.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import socket
import sys
import time

if not __package__:  # it runs as a program, without site-packages
    sys.path.insert(0, __file__.rpartition("/spaceport/")[0])

from spaceport.runner.local import leash, own_address, processes

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_KILL_S = 10.0
_COUNT_EVERY_S = 0.2
TOO_MANY = 125
"""The exit status after a build that had too many processes."""


class Instructions:
    """What to run. `memory`: bytes of address space, `files`: open files, `processes`: at once; 0: no limit.

    `host`: the address that the command gets for its own; "": none.
    """

    def __init__(self, text: bytes) -> None:
        given = json.loads(text)
        self.command: list[str] = given["command"]
        self.environment: dict[str, str] = given["environment"]
        self.folder: str = given["folder"]
        self.memory: int = given["memory"]
        self.files: int = given["files"]
        self.processes: int = given["processes"]
        self.host: str = given["host"]
        self.attached: bool = given["attached"]
        self.grace_s: float = given["grace_s"]
        self.orphan_s: float = given["orphan_s"]


def main() -> int:
    instructions = Instructions(_line(0))
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, _ignore)
    ours, theirs = socket.socketpair()
    own = os.getpid()
    child = os.fork()
    if child == 0:
        _become(instructions, libc, theirs, own)
    theirs.close()
    descriptor = _descriptor_from(ours)
    ours.close()
    own_start = processes.state_and_start(own)[1]
    about = {
        "pid": child,
        "started_at": processes.state_and_start(child)[1],
        "supervisor_started_at": own_start,
        "host": instructions.host if descriptor >= 0 else "",
    }
    held = None
    with contextlib.suppress(OSError):
        if not instructions.attached:
            held = leash.Leash(0, instructions.orphan_s, own_start)
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(about).encode() + b"\n")
    os.close(1)
    address = own_address.OwnAddress(descriptor, instructions.host) if descriptor >= 0 else None
    return _supervise(instructions, child, woken, address, held)


def _supervise(
    instructions: Instructions,
    child: int,
    woken: int,
    address: own_address.OwnAddress | None,
    held: leash.Leash | None,
) -> int:
    """Until all have ended; the exit status of the command, or 128 and the number of the signal that ended it."""
    poller = select.poll()
    poller.register(woken, select.POLLIN)
    if address is not None:
        poller.register(address.descriptor, select.POLLIN)
    if instructions.attached:
        poller.register(0, select.POLLIN)
    count_every = _COUNT_EVERY_S if instructions.processes else None
    deadline: float | None = None
    watched: set[int] = set()
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        if held is not None:
            watched = _watch(poller, watched, set(held.descriptors))
        orphan_left = None if held is None else held.left_s
        waits = [one for one in (count_every, left, orphan_left) if one is not None]
        ready = dict(poller.poll(max(min(waits), 0) * 1000 if waits else None))
        if address is not None and address.descriptor in ready:
            if ready[address.descriptor] & select.POLLIN:
                address.answer()
            else:  # nobody is left whom it could ask about
                poller.unregister(address.descriptor)
        signals = set(_drain(woken)) if woken in ready else set()
        status = _reap(child)
        if status is not None:
            _kill_all()
            return status
        if held is not None:
            held.update(ready)
        abandoned = held is not None and held.left_s == 0
        if (signal.SIGTERM in signals or abandoned) and deadline is None:
            held = None
            deadline = time.monotonic() + instructions.grace_s
            with contextlib.suppress(OSError):
                os.killpg(child, signal.SIGTERM)
        over = bool(instructions.processes) and len(processes.descendants(os.getpid())) > instructions.processes
        expired = deadline is not None and time.monotonic() >= deadline
        if over or expired or signal.SIGUSR1 in signals or (instructions.attached and 0 in ready and not os.read(0, 1)):
            _kill_all()
            return TOO_MANY if over else 128 + signal.SIGKILL


def _watch(poller: select.poll, before: set[int], now: set[int]) -> set[int]:
    """Wait for other descriptors of holders than before; those that were closed are taken out."""
    for descriptor in before - now:
        poller.unregister(descriptor)
    for descriptor in now - before:
        poller.register(descriptor, select.POLLIN)
    return now


def _become(instructions: Instructions, libc: ctypes.CDLL, theirs: socket.socket, parent: int) -> None:
    """In the child: become the command. Does not return."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        for kind, limit in ((resource.RLIMIT_AS, instructions.memory), (resource.RLIMIT_NOFILE, instructions.files)):
            if limit:
                most = resource.getrlimit(kind)[1]
                both = limit if most == resource.RLIM_INFINITY else min(limit, most)
                resource.setrlimit(kind, (both, both))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.chdir(instructions.folder)
        if instructions.host:
            with contextlib.suppress(OSError):
                descriptor = own_address.install()
                socket.send_fds(theirs, [b"a"], [descriptor])
                os.close(descriptor)
        theirs.close()
        os.execvpe(instructions.command[0], instructions.command, instructions.environment)  # noqa: S606  no shell
    except BaseException as error:  # noqa: BLE001  nothing of the parent may run here
        os.write(2, f"{instructions.command[0]} cannot be run: {error}\n".encode())
    finally:
        os._exit(127)


def _descriptor_from(ours: socket.socket) -> int:
    """What the child sends; -1: nothing. Its end of the pair is closed when it has become the command."""
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    return descriptors[0] if descriptors else -1


def _reap(child: int) -> int | None:
    """Take note of all that ended; the exit status of the command if it did."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            found = code if code >= 0 else 128 - code


def _kill_all() -> None:
    """SIGKILL to all processes below this one; first they are stopped, so that none starts another meanwhile."""
    deadline = time.monotonic() + _KILL_S
    stopped: set[int] = set()
    while (found := processes.descendants(os.getpid())) - stopped and time.monotonic() < deadline:
        for pid in found - stopped:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= found
    while (found := processes.descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        _reap(-1)
        time.sleep(0.002)
    _reap(-1)


def _line(descriptor: int) -> bytes:
    """The first line; what follows stays unread."""
    found = bytearray()
    while not found.endswith(b"\n"):
        data = os.read(descriptor, 1 << 16)
        if not data:
            break
        found += data
    return bytes(found)


def _drain(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""


def _ignore(_number: int, _frame: object) -> None:
    """Leave a signal to whoever reads the pipe that wakes the loop."""


if __name__ == "__main__":
    sys.exit(main())
