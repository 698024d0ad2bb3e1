"""Which account of a provider is which user here, and what its groups give the user.

An account of a provider belongs to a user because the user was made for it, or has linked it while signed in. It never
does because names or addresses are the same: whoever can choose a name or an address at the provider would get in.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator

from spaceport.errors import Conflict, InvalidInput, NotFound, SpaceportError
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.group_rules import GroupRules
from spaceport.hub.identity.openid import Claims
from spaceport.hub.identity.organizations import Organizations
from spaceport.hub.identity.tiers import FREE
from spaceport.store.hub.linked_ports import LinkedAccount, LinkedAccountStore
from spaceport.store.hub.ports import Owner

logger = logging.getLogger("spaceport.hub")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")
_MAX_NAME = 40
_TRIED = 50
"""Names that are tried, where others have the first ones."""


class LinkedAccounts:
    """The links in the hub's store."""

    def __init__(self, store: LinkedAccountStore, accounts: Accounts, organizations: Organizations) -> None:
        self._store = store
        self._accounts = accounts
        self._organizations = organizations

    def find(self, issuer: str, subject: str) -> Owner | None:
        name = self._store.linked_user(issuer, subject)
        return None if name is None else self._accounts.find(name)

    def of(self, user: Owner) -> list[LinkedAccount]:
        return self._store.linked_accounts(user.id)

    def link(self, user: Owner, issuer: str, claims: Claims) -> None:
        """Raises `Conflict` where the account there is another user's, or the user has another one there."""
        found = self.find(issuer, claims.subject)
        if found is not None and found.id != user.id:
            raise Conflict("This account of the provider belongs to another user here.")
        if found is None:
            self._store.add_link(issuer, claims.subject, user.id, claims.email, time.time())

    def unlink(self, user: Owner) -> None:
        """Raises `NotFound`."""
        if not self._store.remove_links(user.id):
            raise NotFound(f"{user.name} has no linked account.")

    def register(self, issuer: str, claims: Claims, use_invitation: Callable[[Owner], None]) -> Owner:
        """Make a user with a name like the one at the provider. Raises `Conflict` where none is free."""
        user = self._add(claims.name)
        try:
            use_invitation(user)
            self.link(user, issuer, claims)
        except BaseException:
            self._accounts.undo(user)
            raise
        return user

    def apply_groups(self, user: Owner, rules: GroupRules, groups: frozenset[str]) -> None:
        """Give the user the roles and the tier of the groups, and take those that they do not give any more.

        What cannot be done is logged, and hinders nobody from signing in.
        """
        for name, role in rules.roles_of(groups).items():
            with _logged(f"The role of {user.name} in {name}"):
                self._set_role(user, name, role)
        tier = rules.tier_of(groups, FREE.name)
        if tier is not None and tier != user.tier:
            with _logged(f"The tier of {user.name}"):
                self._accounts.set_tier(user.name, tier)

    def _set_role(self, user: Owner, organization: str, role: str | None) -> None:
        found = self._accounts.get_organization(organization)
        present = self._accounts.roles(user).get(found.id)
        if role is None and present is not None:
            self._organizations.remove_member(found, user.name)
        elif role is not None and role != present:
            self._organizations.join(found.name, user, role)
            self._organizations.set_role(found, user.name, role)

    def _add(self, wanted: str) -> Owner:
        plain = _NOT_IN_NAMES.sub("-", wanted)[:_MAX_NAME].strip("-") or "user"
        for name in (plain, *(f"{plain}-{number}" for number in range(2, _TRIED))):
            with contextlib.suppress(Conflict, InvalidInput):  # taken, looks like another one, or reserved
                return self._accounts.add(name)
        raise Conflict(f"The names {plain}, {plain}-2, … are all taken: ask the hub's admin for an account.")


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except SpaceportError as error:
        logger.warning("%s does not follow the groups of the provider: %s", what, error.message)
