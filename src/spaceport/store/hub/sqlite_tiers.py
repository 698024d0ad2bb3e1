"""Tiers in the hub's SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from types import MappingProxyType

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.tier_ports import Tier

_FIELDS = "name, requests, gpu_s, priority, calls, resolver, pages, streams, storage"
"""As `Tier` has them."""


class SqliteTiers:
    """Implements `tier_ports.TierStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def tiers(self) -> Mapping[str, Tier]:
        return self._db.cached(
            lambda rows: MappingProxyType({row[0]: Tier(*row) for row in rows}),
            f"SELECT {_FIELDS} FROM tiers ORDER BY name",  # noqa: S608 (a constant)
            (),
        )

    def save_tier(self, tier: Tier) -> None:
        self._db.run(
            f"INSERT OR REPLACE INTO tiers ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (a constant)
            astuple(tier),
        )

    def remove_tier(self, name: str) -> None:
        self._db.run("DELETE FROM tiers WHERE name = ?", (name,))
