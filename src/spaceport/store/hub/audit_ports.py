"""The seam to the log of what was done with each credential (the contract of ports.py holds for it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done. `credential`: "token laptop" or "browser 7"."""

    at: float
    credential: str
    action: str
    status: int
    address: str


class AuditStore(Protocol):
    def add_entry(self, user: int, entry: Entry, keep: int) -> None:
        """The user's newest `keep` entries stay."""
        ...

    def entries(self, user: int, limit: int, *, credential: str | None = None) -> list[Entry]:
        """Newest first."""
        ...
