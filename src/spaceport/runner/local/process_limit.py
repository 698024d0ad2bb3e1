"""How many processes each session has: an app that forks without end is found before it fills the machine.

`RLIMIT_NPROC` is no help there: it counts the processes of a user, who may be root or share the machine.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from pathlib import Path

_AT_LEAST_S = 5.0


class ProcessLimit:
    """Looks often for little: processes are counted one by one only when the machine has that many more than before."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._fullest = 0
        self._then = 0
        self._looked_at = 0.0

    def over_limit(self) -> list[int]:
        """Sessions with more than `most` processes, by their leader's pid; Linux only."""
        all_there_are = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
        now = time.monotonic()
        grown = all_there_are - self._then >= self._most - self._fullest
        if not grown and (all_there_are <= self._most or now - self._looked_at < _AT_LEAST_S):
            return []
        found = _sessions()
        self._fullest, self._then, self._looked_at = max(found.values(), default=0), all_there_are, now
        return [session for session, count in found.items() if count > self._most]


def _sessions() -> Counter[int]:
    """Processes by session (proc(5), stat)."""
    found: Counter[int] = Counter()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                found[int(fields[3])] += 1
    return found
