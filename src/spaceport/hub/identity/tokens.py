"""Access tokens of users: makes, revokes and recognizes them."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence

from spaceport.errors import InvalidInput, NotFound, Unauthenticated
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.applications import PREFIX, Applications
from spaceport.hub.identity.audit import Audit, entry_of
from spaceport.hub.identity.caller import FINE_GRAINED, Identity
from spaceport.hub.identity.rights import RIGHTS, Right, Scopes
from spaceport.hub.identity.token_secrets import is_well_formed, make_secret
from spaceport.store.hub.ports import HubStore, Owner, Token, TokenScope

ROLES = ("read", "write", FINE_GRAINED)
_PREFIX = "hf_"
_PREFIX_SHOWN = 8
_RECORD_USE_S = 60.0
_TOKEN_NAME = re.compile(r"[\w .@-]{1,96}")
_MAX_TOKENS = 500
_MAX_SCOPES = 100
_MAX_TTL_S = 10 * 366 * 86_400.0


class Tokens:
    """The tokens in the hub's store. A token is shown once, when it is made; only its SHA-256 is stored."""

    def __init__(self, store: HubStore, accounts: Accounts, applications: Applications) -> None:
        self._store = store
        self._accounts = accounts
        self._applications = applications
        self._audit = Audit(store.audit)

    def mint(
        self, owner: str, name: str, role: str = "write", ttl_s: float | None = None, scopes: Sequence[str] = ()
    ) -> str:
        """Make a token; its secret. `scopes`, of a fine-grained one: `ann/app:call`, `team:write`.

        Raises `NotFound` (no such user, or nothing of that name in a scope), `InvalidInput`, `Conflict` (name taken).
        """
        if role not in ROLES:
            raise InvalidInput(f"A token's role is one of {', '.join(ROLES)}.")
        if not _TOKEN_NAME.fullmatch(name):
            raise InvalidInput("A token's name has 1 to 96 letters, digits, spaces and any of _ . @ -")
        if bool(scopes) != (role == FINE_GRAINED) or len(scopes) > _MAX_SCOPES:
            raise InvalidInput(f"A fine-grained token, and no other, has scopes: 1 to {_MAX_SCOPES}.")
        if ttl_s is not None and not 0 < ttl_s <= _MAX_TTL_S:
            raise InvalidInput("A token is valid for more than nothing and less than ten years.")
        account = self._accounts.get_user(owner)
        if len(self._store.tokens(account.name)) >= _MAX_TOKENS:
            raise InvalidInput(f"{account.name} has {_MAX_TOKENS} tokens, the most that a user may have.")
        stored = [self._scope(account, one) for one in scopes]
        secret, now = make_secret(_PREFIX), time.time()
        expires_at = None if ttl_s is None else now + ttl_s
        self._store.add_token(account.id, name, secret[:_PREFIX_SHOWN], _digest(secret), role, now, expires_at, stored)
        return secret

    def _scope(self, user: Owner, text: str) -> TokenScope:
        """What `ann/app:call` or `team:write` names. Raises `InvalidInput`, `NotFound` for what the user cannot see."""
        where, _, level = text.rpartition(":")
        if level not in RIGHTS:
            raise InvalidInput(f"A scope is a Space or an owner, then `:` and one of {', '.join(RIGHTS)}.")
        owner_name, _, name = where.partition("/")
        owner = self._accounts.find(owner_name)
        own = owner is not None and (user.admin or owner.id == user.id or owner.id in self._accounts.roles(user))
        space = self._store.space(owner.name, name) if owner is not None and name else None
        if space is not None and (own or space.id in self._store.sharing.shared_with(user.id)):
            return TokenScope(None, space.id, level)
        if owner is None or not own:
            raise NotFound(f"You have no Spaces at {owner_name[:96]!r}: name yourself, or one of your organizations.")
        if name:
            raise NotFound(f"There is no Space {where[:200]!r}.")
        return TokenScope(owner.id, None, level)

    def of(self, user: Owner) -> list[Token]:
        """Oldest first."""
        return self._store.tokens(user.name)

    def scopes_of(self, token: Token) -> list[str]:
        """As `mint` takes them."""
        owners = {owner.id: owner.name for owner in self._store.owners()}
        found = []
        for one in self._store.scopes(token.id):
            space = None if one.space is None else self._store.space_by_id(one.space)
            where = owners.get(one.owner or 0) if space is None else space.full_name
            if where is not None:
                found.append(f"{where}:{one.level}")
        return found

    def revoke(self, owner: str, name: str) -> None:
        """Remove a token, which is refused from now on. Raises `NotFound`."""
        for token in self._store.tokens(owner):
            if token.name == name:
                self._store.remove_token(token.id)
                return
        raise NotFound(f"{owner} has no token {name!r}.")

    def find(self, secret: str) -> Token:
        """A token that was found somewhere. Raises `InvalidInput` for one that was typed wrong, `NotFound`."""
        token = self._store.token(_digest(secret))
        if token is not None:
            return token
        if not is_well_formed(secret):
            raise InvalidInput("This is no token of a hub, or it was typed wrong: its check sum does not fit.")
        raise NotFound("This hub has no such token: it is another hub's, or was revoked.")

    def identify(self, secret: str | None, address: str = "") -> Identity:
        """The identity of a token's account, an application's token included; without a token, nobody's.

        Raises `Unauthenticated` for a token that is unknown or has expired.
        """
        if secret is None:
            return self._accounts.nobody()
        if secret.startswith(PREFIX):
            return self._applications.identify(secret, address)
        token = self._store.token(_digest(secret))
        now = time.time()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise Unauthenticated("Invalid credentials in Authorization header")
        if token.used_at is None or now - token.used_at > _RECORD_USE_S:
            self._store.token_used(token.id, now, address)
            if address and address != token.address:
                self._record_address(token, address)
        scopes = self._scopes(token) if token.role == FINE_GRAINED else None
        return self._accounts.identity(token.owner, token, scopes=scopes)

    def _record_address(self, token: Token, address: str) -> None:
        """Whoever has stolen a token is seen at another address."""
        before = "for the first time" if token.address is None else f"before from {token.address}"
        action, user = f"used from {address}, {before}", self._accounts.get_user(token.owner)
        entry = entry_of(action, 0, address, account=user.name, credential=f"token {token.name}", space="")
        self._audit.record(user, entry)

    def _scopes(self, token: Token) -> Scopes:
        owners: dict[int, Right] = {}
        spaces: dict[int, Right] = {}
        for one in self._store.scopes(token.id):
            right = RIGHTS[one.level]
            if one.owner is not None:
                owners[one.owner] = max(right, owners.get(one.owner, right))
            elif one.space is not None:
                spaces[one.space] = max(right, spaces.get(one.space, right))
        return Scopes(owners, spaces)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
