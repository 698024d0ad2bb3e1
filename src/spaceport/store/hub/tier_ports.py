"""The seam to how much an account of each tier may use (the contract of ports.py holds for it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tier:
    """In one window: `requests` of the hub's API, `resolver` downloads of files, `pages`, and `calls` to Spaces (0: any
    number). `streams` that are open at once (0: as many as the hub's settings say); `gpu_s` seconds of GPU a day; calls
    of a lower `priority` go first. `storage`: bytes that the Spaces of an owner may keep (0: any number)."""

    name: str
    requests: int
    gpu_s: float
    priority: int
    calls: int = 0
    resolver: int = 5000
    pages: int = 200
    streams: int = 0
    storage: int = 0


class TierStore(Protocol):
    def tiers(self) -> Mapping[str, Tier]:
        """Those that an admin has set, by name. Read with every request: cached."""
        ...

    def save_tier(self, tier: Tier) -> None:
        """Add a tier, or replace the one of this name."""
        ...

    def remove_tier(self, name: str) -> None: ...
