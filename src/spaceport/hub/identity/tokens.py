"""Access tokens of accounts: makes, revokes and recognizes them."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import time

from spaceport.errors import InvalidInput, NotFound, Unauthenticated
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.tiers import TIERS
from spaceport.store.hub.ports import TokenStore

ROLES = ("read", "write")
_PREFIX = "hf_"
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 34
_PREFIX_SHOWN = 8
_RECORD_USE_S = 60.0
_TOKEN_NAME = re.compile(r"[\w .@-]{1,96}")


class Tokens:
    """The tokens in the hub's store. A token is shown once, when it is made; only its SHA-256 is stored."""

    def __init__(self, store: TokenStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def mint(self, owner: str, name: str, role: str = "write", ttl_s: float | None = None) -> str:
        """Make a token; its secret. Raises `NotFound` (no such user), `InvalidInput`, `Conflict` (name taken)."""
        if role not in ROLES:
            raise InvalidInput(f"A token's role is one of {', '.join(ROLES)}.")
        if not _TOKEN_NAME.fullmatch(name):
            raise InvalidInput("A token's name has 1 to 96 letters, digits, spaces and any of _ . @ -")
        secret = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        now = time.time()
        expires_at = None if ttl_s is None else now + ttl_s
        account = self._accounts.get_user(owner)
        self._store.add_token(account.id, name, secret[:_PREFIX_SHOWN], _digest(secret), role, now, expires_at)
        return secret

    def revoke(self, owner: str, name: str) -> None:
        """Remove a token, which is refused from now on. Raises `NotFound`."""
        for token in self._store.tokens(owner):
            if token.name == name:
                self._store.remove_token(token.id)
                return
        raise NotFound(f"{owner} has no token {name!r}.")

    def identify(self, secret: str | None) -> Identity:
        """The identity of a token's account; without a token, `NOBODY`.

        Raises `Unauthenticated` for a token that is unknown or has expired.
        """
        if secret is None:
            return NOBODY
        token = self._store.token(_digest(secret))
        now = time.time()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise Unauthenticated("Invalid credentials in Authorization header")
        if token.used_at is None or now - token.used_at > _RECORD_USE_S:
            self._store.token_used(token.id, now)
        owner = self._accounts.get_account(token.owner)
        return Identity(owner, token, TIERS.get(owner.tier, TIERS["free"]), self._accounts.roles(owner))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
