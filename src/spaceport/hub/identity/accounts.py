"""Accounts and their tokens."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import time
from dataclasses import dataclass

from spaceport.errors import InvalidInput, NotFound, Unauthenticated
from spaceport.hub import names
from spaceport.hub.identity.tiers import ANONYMOUS, TIERS, Tier
from spaceport.store.hub.ports import HubStore, Owner, Token

ROLES = ("read", "write")
_PREFIX = "hf_"
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 34
_PREFIX_SHOWN = 8
_RECORD_USE_S = 60.0
_TOKEN_NAME = re.compile(r"[\w .@-]{1,96}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request; `owner` is None for a caller without a token."""

    owner: Owner | None
    token: Token | None
    tier: Tier


NOBODY = Identity(None, None, ANONYMOUS)


class Accounts:
    """Accounts and tokens in the hub's store. A token is shown once, when it is made; only its SHA-256 is stored."""

    def __init__(self, store: HubStore) -> None:
        self._store = store

    def add(self, name: str, tier: str = "free", *, admin: bool = False) -> Owner:
        """Make an account. Raises `InvalidInput`, `Conflict` (the name is taken)."""
        return self._store.add_owner(names.check(name, "A user's name"), _tier(tier), time.time(), admin=admin)

    def mint(self, owner: str, name: str, role: str = "write", ttl_s: float | None = None) -> str:
        """Make a token; its secret. Raises `NotFound` (no such user), `InvalidInput`, `Conflict` (name taken)."""
        if role not in ROLES:
            raise InvalidInput(f"A token's role is one of {', '.join(ROLES)}.")
        if not _TOKEN_NAME.fullmatch(name):
            raise InvalidInput("A token's name has 1 to 96 letters, digits, spaces and any of _ . @ -")
        secret = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        now = time.time()
        expires_at = None if ttl_s is None else now + ttl_s
        account = self.get_account(owner)
        self._store.add_token(account.id, name, secret[:_PREFIX_SHOWN], _digest(secret), role, now, expires_at)
        return secret

    def get_account(self, owner: str) -> Owner:
        """The account of this name. Raises `NotFound`."""
        found = self._store.owner(owner)
        if found is None:
            raise NotFound(f"There is no user {owner!r}.")
        return found

    def set_tier(self, owner: str, tier: str) -> None:
        self._store.set_tier(self.get_account(owner).id, _tier(tier))

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
        owner = self.get_account(token.owner)
        return Identity(owner, token, TIERS.get(owner.tier, TIERS["free"]))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _tier(name: str) -> str:
    known = [tier for tier in TIERS if tier != ANONYMOUS.name]
    if name not in known:
        raise InvalidInput(f"A tier is one of {', '.join(known)}.")
    return name
