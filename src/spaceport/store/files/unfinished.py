"""Which resumable uploads are unfinished, whose they are, and which of them goes where there is no room for another."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_IDLE_S = 600.0
"""An upload that was not continued for so long may go for another one of the same caller."""


@dataclass(slots=True)
class _Upload:
    caller: str
    size: int
    used_at: float


class UnfinishedUploads:
    """Safe from any thread. Whoever has the most gives way, so that a few callers cannot take all the room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uploads: dict[str, _Upload] = {}
        """The one that was continued last is the last."""
        self._bytes: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        """Bytes and number of uploads, by caller."""

    def __len__(self) -> int:
        return len(self._uploads)

    def count(self, caller: str) -> int:
        return self._counts[caller]

    def size(self, upload: str) -> int:
        """Bytes that have arrived; 0 for an upload that is not, or no longer, unfinished."""
        found = self._uploads.get(upload)
        return 0 if found is None else found.size

    def add(self, upload: str, caller: str, size: int, used_at: float) -> None:
        with self._lock:
            self._uploads[upload] = _Upload(caller, size, used_at)
            self._bytes[caller] += size
            self._counts[caller] += 1

    def grow(self, upload: str, size: int) -> bool:
        """Count more bytes of an upload; False where it has been removed."""
        with self._lock:
            found = self._uploads.pop(upload, None)
            if found is None:
                return False
            found.size += size
            found.used_at = time.time()
            self._uploads[upload] = found
            self._bytes[found.caller] += size
            return True

    def remove(self, upload: str) -> tuple[str, int] | None:
        """Returns its caller and its bytes; None where it was removed before."""
        with self._lock:
            found = self._uploads.pop(upload, None)
            if found is None:
                return None
            self._bytes[found.caller] -= found.size
            self._counts[found.caller] -= 1
            if not self._counts[found.caller]:
                del self._bytes[found.caller], self._counts[found.caller]
            return found.caller, found.size

    def largest_share(self, caller: str, size: int) -> str | None:
        """The upload that gives way for `size` more bytes of `caller`: the oldest of who has the most bytes.

        None where nobody has more than the caller then would have.
        """
        with self._lock:
            return self._oldest_of_greediest(self._bytes, caller, size)

    def largest_count(self, caller: str) -> str | None:
        """As `largest_share`, for one more upload."""
        with self._lock:
            return self._oldest_of_greediest(self._counts, caller, 1)

    def idle(self, caller: str, upload: str) -> str | None:
        """The caller's upload that was continued least recently, unless that was a moment ago, or it is `upload`."""
        with self._lock:
            late = time.time() - _IDLE_S
            return next((one for one in self._of(caller) if one != upload and self._uploads[one].used_at < late), None)

    def total_bytes(self) -> int:
        with self._lock:
            return self._bytes.total()

    # Helpers; the caller holds the lock

    def _oldest_of_greediest(self, shares: Counter[str], caller: str, more: int) -> str | None:
        greediest = max(shares, key=shares.__getitem__, default=caller)
        return next(self._of(greediest), None) if shares[greediest] > shares[caller] + more else None

    def _of(self, caller: str) -> Iterator[str]:
        return (name for name, one in self._uploads.items() if one.caller == caller)
