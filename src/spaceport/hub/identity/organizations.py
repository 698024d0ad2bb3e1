"""Organizations: who belongs to them, with which role."""

from __future__ import annotations

import time

from spaceport.errors import Conflict, InvalidInput, NotFound
from spaceport.hub import names
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.roles import ROLES
from spaceport.store.hub.organization_ports import Member, Membership
from spaceport.store.hub.ports import HubStore, Owner

_MAX_OF_A_USER = 100
_MAX_MEMBERS = 1000


class Organizations:
    """The organizations in the hub's store. Who may do it, `access` has said before."""

    def __init__(self, store: HubStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def add(self, name: str, admin: Owner) -> Owner:
        """Make an organization of one member, its admin. Raises `InvalidInput`, `Conflict`."""
        name = names.check_unreserved(names.check(name, "An organization's name"))
        self._check_room(admin)
        return self._store.add_owner(name, "free", time.time(), organization_of=admin.id)

    def of(self, user: Owner) -> list[Membership]:
        """Those that a user is in."""
        return self._store.organizations.memberships(user.id)

    def members(self, organization: Owner) -> list[Member]:
        return self._store.organizations.members(organization.id)

    def join(self, organization: str, user: Owner, role: str) -> Owner:
        """Make a user a member; one who is a member already keeps the better role. Raises `Conflict`, `NotFound`."""
        found = self._accounts.get_organization(organization)
        present = self._store.organizations.roles(user.id).get(found.id)
        if present is not None and ROLES[present] >= ROLES[check_role(role)]:
            return found
        if present is None:
            self._check_room(user)
            if len(self.members(found)) >= _MAX_MEMBERS:
                raise Conflict(f"{found.name} has {_MAX_MEMBERS} members, the most that an organization may have.")
        self._store.organizations.set_member(found.id, user.id, role, time.time())
        return found

    def set_role(self, organization: Owner, user: str, role: str) -> None:
        """Change a member's role. Raises `InvalidInput`, `NotFound`, `Conflict` where no admin would be left."""
        member = self._member(organization, user)
        self._store.organizations.set_member(organization.id, member.id, check_role(role), time.time())

    def remove_member(self, organization: Owner, user: str) -> None:
        """Raises `NotFound`, `Conflict` where no admin would be left."""
        self._store.organizations.remove_member(organization.id, self._member(organization, user).id)

    def _member(self, organization: Owner, user: str) -> Owner:
        account = self._accounts.get_user(user)
        if organization.id not in self._store.organizations.roles(account.id):
            raise NotFound(f"{account.name} is not a member of {organization.name}.")
        return account

    def _check_room(self, user: Owner) -> None:
        if len(self._store.organizations.roles(user.id)) >= _MAX_OF_A_USER:
            raise Conflict(f"{user.name} is in {_MAX_OF_A_USER} organizations, the most that a user may be in.")


def check_role(role: str) -> str:
    """The role itself. Raises `InvalidInput`."""
    if role not in ROLES:
        raise InvalidInput(f"A role is one of {', '.join(ROLES)}.")
    return role
