"""Invitations: links that let whoever has them join an organization, or sign up at the hub."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from spaceport.errors import Conflict, InvalidInput, NotFound
from spaceport.hub.identity.organizations import Organizations, check_role
from spaceport.store.hub.organization_ports import Invitation
from spaceport.store.hub.ports import HubStore, Owner

DAY_S = 86_400.0
_MAX_DAYS = 90.0
_MAX_USES = 1000
_MAX_OPEN = 200
_INVALID = "This invitation is not valid any more: ask for a new one."


@dataclass(frozen=True, slots=True)
class Offer:
    """How long an invitation is valid, and how often it can be used."""

    days: float = 7.0
    uses: int = 1

    def check(self) -> None:
        """Raises `InvalidInput`."""
        if not 0 < self.days <= _MAX_DAYS or not 0 < self.uses <= _MAX_USES:
            raise InvalidInput(f"An invitation is valid for at most {_MAX_DAYS:.0f} days and {_MAX_USES} uses.")


class Invitations:
    """The invitations in the hub's store. The secret of a link is shown once; only its SHA-256 is stored."""

    def __init__(self, store: HubStore, organizations: Organizations) -> None:
        self._store = store.invitations
        self._organizations = organizations

    def add(self, organization: Owner | None, role: str | None, inviter: Owner | None, offer: Offer) -> str:
        """Make an invitation into an organization or, with neither it nor a role, to the hub; its secret.

        Raises `InvalidInput`, `Conflict` above the number of open ones.
        """
        offer.check()
        if organization is not None:
            check_role(role or "")
        now = time.time()
        self._store.purge_invitations(now)
        group = None if organization is None else organization.id
        if len(self._store.invitations(group)) >= _MAX_OPEN:
            raise Conflict(f"There are {_MAX_OPEN} open invitations: revoke some first.")
        secret = secrets.token_urlsafe(24)
        inviter_id = None if inviter is None else inviter.id
        self._store.add_invitation(_digest(secret), group, role, inviter_id, now, now + offer.days * DAY_S, offer.uses)
        return secret

    def listing(self, organization: Owner | None) -> list[Invitation]:
        """The valid ones, oldest first."""
        now = time.time()
        found = self._store.invitations(None if organization is None else organization.id)
        return [one for one in found if one.expires_at > now and one.uses_left > 0]

    def revoke(self, organization: Owner | None, number: int) -> None:
        """Raises `NotFound`."""
        if all(one.id != number for one in self.listing(organization)):
            raise NotFound(f"There is no open invitation {number}.")
        self._store.remove_invitation(number)

    def find(self, secret: str) -> Invitation:
        """Raises `NotFound` for an invitation that is unknown, used up or expired."""
        found = self._store.invitation(_digest(secret), time.time())
        if found is None:
            raise NotFound(_INVALID)
        return found

    def accept(self, secret: str, user: Owner) -> Owner:
        """Join the organization that the invitation is for. Raises `NotFound`, `Conflict`, `InvalidInput`."""
        found = self.find(secret)
        if found.organization is None or found.role is None:
            raise InvalidInput("This invitation is to the hub: sign up with it.")
        self.use(found)
        return self._organizations.join(found.organization, user, found.role)

    def use(self, invitation: Invitation) -> None:
        """Use it once. Raises `NotFound` where somebody else was faster."""
        if not self._store.use_invitation(invitation.id, time.time()):
            raise NotFound(_INVALID)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
