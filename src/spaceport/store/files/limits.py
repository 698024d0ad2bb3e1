"""How large an upload may be, how much the file store holds, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """Sizes in bytes: of one file (None: no limit), of all files, and of one caller's files.

    `count`, `caller_count`: how many files, because an empty one takes room too. `ttl_s`: how long a file stays after
    it was last used, in seconds.
    """

    file: int | None = None
    total: int = 20 << 30
    caller: int = 5 << 30
    ttl_s: float = 86_400.0
    count: int = 400_000
    caller_count: int = 100_000
