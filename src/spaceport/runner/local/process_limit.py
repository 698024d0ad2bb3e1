"""How many processes each replica has: an app that forks without end is found before it fills the machine.

`RLIMIT_NPROC` is no help there: it counts the processes of a user, who may be root or share the machine.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

from spaceport.runner.local import processes

_AT_LEAST_EVERY_S = 5.0


class ProcessLimit:
    """Cheap to ask often: processes are counted one by one only when the machine has that many more than before."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._fullest = 0
        self._total = 0
        self._counted_at = 0.0

    def over_limit(self, supervisors: Collection[int]) -> set[int]:
        """Those of these processes that have more than `limit` below them."""
        total = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
        now = time.monotonic()
        has_grown = total - self._total >= self._limit - self._fullest
        if not has_grown and (total <= self._limit or now - self._counted_at < _AT_LEAST_EVERY_S):
            return set()
        known = processes.parents()
        counts = {pid: len(processes.descendants(pid, known)) for pid in supervisors}
        self._fullest, self._total, self._counted_at = max(counts.values(), default=0), total, now
        return {pid for pid, count in counts.items() if count > self._limit}
