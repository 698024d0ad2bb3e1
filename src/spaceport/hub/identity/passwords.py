"""Passwords: how they are hashed, which are good enough, and links that set a new one.

Hashing and judging one takes a third of a second of a core and 64 MiB: call what says "Blocks" in a thread.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import time
from typing import Any

from spaceport.errors import InvalidInput, NotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.store.hub.ports import Owner
from spaceport.store.hub.session_ports import PasswordStore

MIN_LENGTH = 8
MAX_LENGTH = 256
_JUDGED = 72
"""The characters that the judge of strength looks at: its time grows fast with them."""
_LEAST_SCORE = 3
"""Of 0 to 4: more than 10^8 guesses."""
_RESET_S = 86_400.0
_INVALID_LINK = "This link is not valid any more: ask for a new one."


class Passwords:
    """The passwords in the hub's store."""

    def __init__(self, store: PasswordStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def has(self, user: Owner) -> bool:
        return self._store.password(user.id) is not None

    def set(self, user: Owner, password: str) -> None:
        """Raises `InvalidInput` for a weak one, with what would be better. Blocks."""
        check_strength(password, user.name)
        self._store.set_password(user.id, _hasher().hash(password), time.time())

    def verify(self, user: Owner | None, password: str) -> bool:
        """Whether it is the user's password. It takes as long for nobody, and for a user without one. Blocks."""
        stored = None if user is None else self._store.password(user.id)
        known = _matches(stored or _nobodys(), password[:MAX_LENGTH])
        if user is None or stored is None or not known or len(password) > MAX_LENGTH:
            return False
        if _hasher().check_needs_rehash(stored):
            self._store.set_password(user.id, _hasher().hash(password), time.time())
        return True

    def make_reset(self, user: str) -> str:
        """The secret of a link that sets a new password once, within a day. Raises `NotFound`."""
        now, secret = time.time(), secrets.token_urlsafe(24)
        self._store.add_reset(_digest(secret), self._accounts.get_user(user).id, now, now + _RESET_S)
        return secret

    def reset_user(self, secret: str) -> Owner:
        """Whose password the link sets. Raises `NotFound`."""
        name = self._store.reset_user(_digest(secret), time.time())
        if name is None:
            raise NotFound(_INVALID_LINK)
        return self._accounts.get_user(name)

    def reset(self, secret: str, password: str) -> Owner:
        """Set a new password with a link, which is used up. Raises `NotFound`, `InvalidInput`. Blocks."""
        user = self.reset_user(secret)
        check_strength(password, user.name)
        if not self._store.use_reset(_digest(secret), time.time()):
            raise NotFound(_INVALID_LINK)
        self.set(user, password)
        return user


def check_strength(password: str, name: str) -> None:
    """Raise `InvalidInput` for a password that others could guess. Blocks."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:_JUDGED], user_inputs=[name, "spaceport"])
    if found["score"] < _LEAST_SCORE:
        hints = [found["feedback"]["warning"], *found["feedback"]["suggestions"]]
        better = " ".join(f"{hint.rstrip('.')}." for hint in hints if hint)
        raise InvalidInput(f"This password is easy to guess. {better}".strip())


@functools.cache
def _hasher() -> Any:
    """Argon2id with the library's parameters, which follow RFC 9106. It takes long to load."""
    import argon2

    return argon2.PasswordHasher()


@functools.cache
def _nobodys() -> str:
    """The hash that is compared where there is none."""
    hashed: str = _hasher().hash(secrets.token_urlsafe(24))
    return hashed


def _matches(stored: str, password: str) -> bool:
    import argon2

    try:
        found: bool = _hasher().verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
