"""Accounts: the users and organizations of a hub, and what happens to their names."""

from __future__ import annotations

import time
from collections.abc import Mapping

from spaceport.errors import NotFound
from spaceport.hub import names
from spaceport.hub.identity.caller import Application, Identity
from spaceport.hub.identity.rights import Scopes
from spaceport.hub.identity.tiers import ANONYMOUS, Tiers
from spaceport.store.hub.ports import HubStore, Owner, Token
from spaceport.store.hub.session_ports import Session

NAME_KEPT_S = 90 * 86_400.0
"""How long nobody else can have the name of an account that was deleted or renamed: links and programs trust it."""


class Accounts:
    """The accounts in the hub's store."""

    def __init__(self, store: HubStore) -> None:
        self.tiers = Tiers(store.tiers)
        self._store = store

    def add(self, name: str, tier: str = "free", *, admin: bool = False) -> Owner:
        """Make a user. Raises `InvalidInput`, `Conflict` (the name is taken, or looks like one that is)."""
        name = names.check(name, "A user's name")
        return self._store.add_owner(names.check_unreserved(name), self.tiers.check(tier), time.time(), admin=admin)

    def find(self, name: str) -> Owner | None:
        """The user or organization of this name."""
        return self._store.owner(name)

    def get_account(self, owner: str) -> Owner:
        """The user or organization of this name. Raises `NotFound`."""
        found = self._store.owner(owner)
        if found is None:
            raise NotFound(f"There is no user or organization {owner[:96]!r}.")
        return found

    def get_user(self, name: str) -> Owner:
        """Raises `NotFound`."""
        found = self._store.owner(name)
        if found is None or found.organization:
            raise NotFound(f"There is no user {name[:96]!r}.")
        return found

    def get_organization(self, name: str) -> Owner:
        """Raises `NotFound`."""
        found = self._store.owner(name)
        if found is None or not found.organization:
            raise NotFound(f"There is no organization {name[:96]!r}.")
        return found

    def roles(self, user: Owner) -> Mapping[int, str]:
        """The user's roles by the id of the organization."""
        return self._store.organizations.roles(user.id)

    def identity(
        self,
        user: str,
        token: Token | None = None,
        session: Session | None = None,
        scopes: Scopes | None = None,
        application: Application | None = None,
    ) -> Identity:
        """The identity of a user who has shown a credential."""
        owner = self.get_user(user)
        tier, shared = self.tiers.get(owner.tier), self._store.sharing.shared_with(owner.id)
        return Identity(owner, token, tier, self.roles(owner), session, shared, scopes, application)

    def nobody(self) -> Identity:
        """The identity of a caller without a credential."""
        return Identity(None, None, self.tiers.get(ANONYMOUS.name))

    def set_tier(self, owner: str, tier: str) -> None:
        self._store.set_tier(self.get_account(owner).id, self.tiers.check(tier))

    def set_admin(self, user: str, *, admin: bool) -> None:
        """Raises `NotFound`, `Conflict` for the hub's last admin."""
        self._store.set_admin(self.get_user(user).id, admin=admin)

    def rename(self, owner: Owner, name: str) -> Owner:
        """Give an account another name. Raises `InvalidInput`, `Conflict` as `add` does, or for too many names."""
        name = names.check_unreserved(names.check(name, "The name of an account"))
        self._store.rename_owner(owner.id, name, time.time(), NAME_KEPT_S)
        return self.get_account(name)

    def renamed(self, name: str) -> Owner | None:
        """The account that had this name, until somebody else has it."""
        return self._store.renamed_owner(name)

    def remove(self, owner: Owner) -> None:
        """Remove an account with its records and the records of its Spaces.

        Raises `Conflict` for the hub's last admin, and for the last admin of an organization.
        """
        self._store.remove_owner(owner.id, time.time() + NAME_KEPT_S)

    def undo(self, owner: Owner) -> None:
        """Remove an account that was made in this moment, whose name nobody knows yet."""
        self._store.remove_owner(owner.id, 0.0)
