"""What a hub keeps: its data folder, and what reads and writes it."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from spaceport.errors import Conflict
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.applications import Applications
from spaceport.hub.identity.audit import Audit
from spaceport.hub.identity.emails import Emails
from spaceport.hub.identity.id_tokens import IdTokens
from spaceport.hub.identity.invitations import Invitations
from spaceport.hub.identity.linked_accounts import LinkedAccounts
from spaceport.hub.identity.oauth_clients import OAuthClients
from spaceport.hub.identity.organizations import Organizations
from spaceport.hub.identity.passkeys import Passkeys
from spaceport.hub.identity.passwords import Passwords, check_strength
from spaceport.hub.identity.payer import PayerTokens
from spaceport.hub.identity.second_factor import SecondFactor
from spaceport.hub.identity.sessions import Sessions
from spaceport.hub.identity.sharing import Sharing
from spaceport.hub.identity.tokens import Tokens
from spaceport.hub.identity.visits import Visits
from spaceport.hub.spaces.directory import Spaces
from spaceport.hub.spaces.storage import Storage
from spaceport.hub.spaces.variables import SpaceVariables
from spaceport.store.hub.ports import HubStore, Owner, SpaceRow
from spaceport.store.hub.sqlite import SqliteHubStore

ADMIN = "admin"
_SHOWN = 20
"""How many Spaces a sentence names."""


class Hub:
    """The state in one data folder: `hub.db` has owners, tokens and Spaces, `spaces/` has the Spaces' files.

    `close` it. Several may have the same folder open; the one that serves must `claim` it.
    """

    def __init__(self, data: Path) -> None:
        self.data = data = data.resolve()
        self._claim: IO[str] | None = None
        self.store: HubStore = SqliteHubStore(data / "hub.db")
        self.accounts = Accounts(self.store)
        self.tiers = self.accounts.tiers
        self.organizations = Organizations(self.store, self.accounts)
        self.invitations = Invitations(self.store, self.organizations)
        self.linked_accounts = LinkedAccounts(self.store.linked_accounts, self.accounts, self.organizations)
        self.passwords = Passwords(self.store.passwords, self.accounts)
        self.emails = Emails(self.store.emails, self.accounts, self.passwords)
        self.passkeys = Passkeys(self.store.passkeys, self.accounts)
        self.second_factor = SecondFactor(self.store.second_factors, self.passwords, data / "second-factor.key")
        self.sessions = Sessions(self.store.sessions, self.accounts)
        self.sharing = Sharing(self.store, self.accounts)
        self.visits = Visits(self.store, self.accounts, data / "visits.key")
        self.audit = Audit(self.store.audit)
        self.applications = Applications(self.store, self.accounts)
        self.clients = OAuthClients(self.store, data / "clients.key")
        self.id_tokens = IdTokens(data / "openid.key")
        self.tokens = Tokens(self.store, self.accounts, self.applications)
        self.storage = Storage(self.store, self.accounts, data)
        self.spaces = Spaces(self.store, self.accounts, data, self.storage)
        self.payer_tokens = PayerTokens(data / "visitors.key")
        self.variables = SpaceVariables(self.store, data / "secrets.key")

    def first_admin(self) -> str | None:
        """Make the first account, an admin, and return its token; None if the hub has accounts already."""
        if self.store.owners():
            return None
        self.accounts.add(ADMIN, "pro", admin=True)
        return self.tokens.mint(ADMIN, "first")

    def sign_up(self, name: str, password: str, invitation: str) -> Owner:
        """Make an account with a password, and use the invitation, if there is one. Blocks.

        Raises `InvalidInput`, `Conflict`, `NotFound` for an invitation that is not valid, and then makes none.
        """
        if invitation:
            self.invitations.find(invitation)
        check_strength(password, name)
        user = self.accounts.add(name)
        try:
            self.use_invitation(invitation, user)
            self.passwords.set(user, password)
        except BaseException:
            self.accounts.undo(user)
            raise
        return user

    def use_invitation(self, invitation: str, user: Owner) -> None:
        """Use the invitation of a user who is new, if there is one. Raises `NotFound`, `Conflict`."""
        invited = self.invitations.find(invitation) if invitation else None
        if invited is not None and invited.organization is not None:
            self.invitations.accept(invitation, user)
        elif invited is not None:
            self.invitations.use(invited)

    def ways_to_sign_in(self, user: Owner) -> int:
        """How many passwords, passkeys and linked accounts the user has."""
        return self.passwords.has(user) + len(self.passkeys.of(user)) + len(self.linked_accounts.of(user))

    def what_goes_with(self, owner: Owner) -> str:
        """What is deleted together with an account, as sentences."""
        spaces = [space.full_name for space in self.spaces.all_of(owner)]
        shown = f": {', '.join(spaces[:_SHOWN])}{', …' if len(spaces) > _SHOWN else ''}" if spaces else ""
        more = "its members lose their roles" if owner.organization else f"{len(self.store.tokens(owner.name))} tokens"
        return f"With {owner.name} go {len(spaces)} Spaces with their files and secrets{shown}; and {more}."

    def rename_account(self, owner: Owner, name: str) -> tuple[Owner, list[SpaceRow]]:
        """Give an account another name, and its Spaces the addresses of that. Raises as `Accounts.rename` does."""
        renamed = self.accounts.rename(owner, name)
        return renamed, self.spaces.owner_renamed(renamed)

    def remove_account(self, owner: Owner) -> None:
        """Delete an account with all its Spaces. Raises as `Accounts.remove` does, and then nothing is gone."""
        spaces = self.spaces.all_of(owner)
        self.accounts.remove(owner)
        self.spaces.remove_files(spaces)

    def claim(self) -> None:
        """Become the one hub of this folder, until `close` or the end of the process. Raises `Conflict`."""
        claim = (self.data / "hub.lock").open("a")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            claim.close()
            raise Conflict("Another hub runs with this data folder. Stop it, or choose another one.") from None
        self._claim = claim

    def close(self) -> None:
        """Close the database and give up the folder's claim."""
        self.store.close()
        if self._claim is not None:
            self._claim.close()
            self._claim = None
