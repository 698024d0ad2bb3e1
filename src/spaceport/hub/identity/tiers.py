"""How much an account of each tier may use: as it comes, and as an admin has changed it while the hub runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from spaceport.errors import InvalidInput, NotFound
from spaceport.store.hub.tier_ports import Tier, TierStore

WINDOW_S = 300.0
ANONYMOUS = Tier("anonymous", 500, 120.0, 2, resolver=3000, pages=100)
FREE = Tier("free", 1000, 210.0, 1, resolver=5000, pages=200, storage=10_000_000_000)
_PRO = Tier("pro", 2500, 1500.0, 0, resolver=12_000, pages=400, storage=100_000_000_000)
DEFAULTS = {tier.name: tier for tier in (ANONYMOUS, FREE, _PRO)}
LIMITS = ("requests", "resolver", "pages", "calls", "streams", "priority", "gpu_s", "storage")
"""What an admin may change of a tier."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MAX_TIERS = 50
_MAX = 10**9
_MAX_STORAGE = 10**15
_PRIORITIES = range(10)


class Tiers:
    """Those of the hub's store, and the defaults beside them."""

    def __init__(self, store: TierStore) -> None:
        self._store = store

    def get(self, name: str) -> Tier:
        """The tier of an account; `free` for one that is not there any more."""
        found = self._store.tiers()
        return found.get(name) or DEFAULTS.get(name) or found.get(FREE.name, FREE)

    def all(self) -> dict[str, Tier]:
        return {**DEFAULTS, **self._store.tiers()}

    def check(self, name: str) -> str:
        """The name itself, for an account. Raises `InvalidInput`."""
        known = [tier for tier in self.all() if tier != ANONYMOUS.name]
        if name not in known:
            raise InvalidInput(f"A tier is one of {', '.join(known)}.")
        return name

    def change(self, name: str, values: Mapping[str, Any]) -> Tier:
        """Set limits of a tier, or make one with the other limits of `free`. Raises `InvalidInput`."""
        present = self.all()
        if not _NAME.fullmatch(name) or (name not in present and len(present) >= _MAX_TIERS):
            raise InvalidInput(f"A tier's name has small letters, digits and -; there are at most {_MAX_TIERS} tiers.")
        changes: dict[str, Any] = {}
        for key in LIMITS:
            if key in values:
                changes[key] = _number(key, values[key])
        found = replace(present.get(name, replace(FREE, name=name)), **changes)
        if found.priority not in _PRIORITIES:
            raise InvalidInput(f"A priority is a whole number below {len(_PRIORITIES)}: calls of a lower one go first.")
        self._store.save_tier(found)
        return found

    def reset(self, name: str) -> None:
        """Remove a tier that an admin has set; one that comes with the hub is as it came. Raises `NotFound`."""
        if name not in self._store.tiers():
            raise NotFound(f"Nobody has set a tier {name[:40]!r}.")
        self._store.remove_tier(name)


def _number(key: str, value: Any) -> float:
    kinds = (int, float) if key == "gpu_s" else (int,)
    most = _MAX_STORAGE if key == "storage" else _MAX
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value <= most:
        raise InvalidInput(f"`{key}` must be a number from 0 to {most}.")
    return value
