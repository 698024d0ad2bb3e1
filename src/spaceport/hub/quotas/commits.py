"""How many commits may be on their way at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from spaceport.errors import RateLimited


class CommitLimit:
    """Bounds what commits that are on their way take of memory and disk. Belongs to one event loop."""

    def __init__(self, per_owner: int = 4) -> None:
        self.one_at_a_time = asyncio.Lock()
        """Held while a commit is decoded and given to git."""
        self._per_owner = per_owner
        self._arriving: dict[str, int] = {}

    @contextmanager
    def arriving(self, owner: str) -> Iterator[None]:
        """Entered while the body of a commit by `owner` arrives and is made. Raises `RateLimited`."""
        if self._arriving.get(owner, 0) >= self._per_owner:
            raise RateLimited(f"You already have {self._per_owner} commits on their way, the limit per user.", 2)
        self._arriving[owner] = self._arriving.get(owner, 0) + 1
        try:
            yield
        finally:
            self._arriving[owner] -= 1
            if not self._arriving[owner]:
                del self._arriving[owner]
