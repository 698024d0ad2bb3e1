"""Sharing single private Spaces: with people and organizations by name, and with anyone who has a link."""

from __future__ import annotations

import hashlib
import secrets

from spaceport.errors import Conflict, NotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.store.hub.ports import HubStore, SpaceRow

_MAX_GUESTS = 500
_INVALID = "This link is not valid any more: ask for a new one."


class Sharing:
    """Guests may see a Space, call it and read its files. Who may invite them, `access` has said before."""

    def __init__(self, store: HubStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def guests(self, space: SpaceRow) -> list[str]:
        return self._store.sharing.guests(space.id)

    def add_guest(self, space: SpaceRow, name: str) -> None:
        """Let a user or an organization see it. Raises `NotFound`, `Conflict` above the number of guests."""
        guest = self._accounts.get_account(name)
        if len(self.guests(space)) >= _MAX_GUESTS:
            raise Conflict(f"{space.full_name} has {_MAX_GUESTS} guests, the most that a Space may have.")
        self._store.sharing.add_guest(space.id, guest.id)

    def remove_guest(self, space: SpaceRow, name: str) -> None:
        """Raises `NotFound`."""
        if not self._store.sharing.remove_guest(space.id, self._accounts.get_account(name).id):
            raise NotFound(f"{name[:96]} is no guest of {space.full_name}.")

    def has_link(self, space: SpaceRow) -> bool:
        return self._store.sharing.link(space.id) is not None

    def make_link(self, space: SpaceRow) -> str:
        """The secret of a link with which anyone may see and call the Space; an earlier one ends."""
        secret = secrets.token_urlsafe(24)
        self._store.sharing.set_link(space.id, _digest(secret))
        return secret

    def end_link(self, space: SpaceRow) -> None:
        """Whoever visits the Space with it, may not from now on."""
        self._store.sharing.set_link(space.id, None)

    def space_of_link(self, secret: str) -> SpaceRow:
        """Raises `NotFound`."""
        number = self._store.sharing.space_of_link(_digest(secret))
        space = None if number is None else self._store.space_by_id(number)
        if space is None:
            raise NotFound(_INVALID)
        return space


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
