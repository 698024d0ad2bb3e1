"""How many event streams each caller has open, and how many one may."""

from __future__ import annotations

from spaceport.errors import RateLimited


class StreamLimit:
    """Counts the open streams of each caller."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._open.values())

    def acquire(self, caller: str, limit: int) -> _OpenStream:
        """A context manager, in which a stream of the caller is open. Raises `RateLimited` above the limit."""
        count = self._open.get(caller, 0)
        if count >= limit:
            raise RateLimited(f"You already have {count} open streams, the limit per caller. Close some.", 5)
        return _OpenStream(self._open, caller)


class _OpenStream:
    __slots__ = ("_caller", "_open")

    def __init__(self, opened: dict[str, int], caller: str) -> None:
        self._open = opened
        self._caller = caller

    def __enter__(self) -> None:
        self._open[self._caller] = self._open.get(self._caller, 0) + 1

    def __exit__(self, *_: object) -> None:
        self._open[self._caller] -= 1
        if not self._open[self._caller]:
            del self._open[self._caller]
