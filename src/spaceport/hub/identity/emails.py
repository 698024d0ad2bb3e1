"""Addresses for mail: which one a user has, after it was confirmed, and what is sent to who forgot the password."""

from __future__ import annotations

from spaceport.errors import RateLimited
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.mail import check_address
from spaceport.hub.identity.passwords import Passwords
from spaceport.hub.identity.sign_in import Guesses
from spaceport.store.hub.ports import Owner
from spaceport.store.hub.session_ports import EmailStore

_MAX_USERS = 5
"""Users of one address who get a link."""
_MAX_MAILS = 3
"""To one address in fifteen minutes."""


class Emails:
    """The addresses in the hub's store. Several users may have the same: that tells nobody who has which."""

    def __init__(self, store: EmailStore, accounts: Accounts, passwords: Passwords) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._mailed = Guesses()

    def get(self, user: Owner) -> str:
        """Empty for none."""
        return self._store.email(user.id)

    def set(self, user: Owner, address: str) -> None:
        """An address that is the user's own, as was confirmed; an empty one removes it. Raises `InvalidInput`."""
        self._store.set_email(user.id, check_address(address) if address else "")

    def may_mail(self, address: str) -> bool:
        """Whether another mail may go there now; counts it."""
        try:
            self._mailed.check({address.lower(): _MAX_MAILS})
        except RateLimited:
            return False
        return True

    def resets(self, address: str) -> list[tuple[str, str]]:
        """The users of an address, each with the secret of a link that sets a new password. Blocks."""
        found = self._store.users_of_email(address)[:_MAX_USERS]
        return [(name, self._passwords.make_reset(name)) for name in found]
