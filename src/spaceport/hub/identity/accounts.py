"""Accounts: the users of a hub."""

from __future__ import annotations

import time

from spaceport.errors import InvalidInput, NotFound
from spaceport.hub import names
from spaceport.hub.identity.tiers import ANONYMOUS, TIERS
from spaceport.store.hub.ports import AccountStore, Owner


class Accounts:
    """The accounts in the hub's store."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store

    def add(self, name: str, tier: str = "free", *, admin: bool = False) -> Owner:
        """Make an account. Raises `InvalidInput`, `Conflict` (the name is taken)."""
        return self._store.add_owner(names.check(name, "A user's name"), _tier(tier), time.time(), admin=admin)

    def get_account(self, owner: str) -> Owner:
        """The account of this name. Raises `NotFound`."""
        found = self._store.owner(owner)
        if found is None:
            raise NotFound(f"There is no user {owner!r}.")
        return found

    def set_tier(self, owner: str, tier: str) -> None:
        self._store.set_tier(self.get_account(owner).id, _tier(tier))


def _tier(name: str) -> str:
    known = [tier for tier in TIERS if tier != ANONYMOUS.name]
    if name not in known:
        raise InvalidInput(f"A tier is one of {', '.join(known)}.")
    return name
