"""Tiers in the hub's SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.tier_ports import Tier


class SqliteTiers:
    """Implements `tier_ports.TierStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def tiers(self) -> Mapping[str, Tier]:
        return self._db.cached(
            lambda rows: MappingProxyType({row[0]: Tier(*row) for row in rows}),
            "SELECT name, requests, gpu_s, priority, calls FROM tiers ORDER BY name",
            (),
        )

    def save_tier(self, tier: Tier) -> None:
        self._db.run(
            "INSERT OR REPLACE INTO tiers (name, requests, gpu_s, priority, calls) VALUES (?, ?, ?, ?, ?)",
            (tier.name, tier.requests, tier.gpu_s, tier.priority, tier.calls),
        )

    def remove_tier(self, name: str) -> None:
        self._db.run("DELETE FROM tiers WHERE name = ?", (name,))
