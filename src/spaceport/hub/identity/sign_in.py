"""Signing in with a password and a second factor: how many guesses count, and who is let in while somebody guesses.

Guesses are counted before the password is looked at, by account and by address. Whoever guesses at somebody's account
would lock its owner out; so a browser that was signed in keeps a second cookie, the device cookie, and what comes with
one is counted by that cookie instead (OWASP: "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from spaceport.errors import RateLimited, Unauthenticated
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.address import address_group
from spaceport.hub.identity.passwords import Passwords
from spaceport.hub.identity.second_factor import SecondFactor
from spaceport.store import secret_file
from spaceport.store.hub.ports import Owner

T = TypeVar("T")
WRONG = "The name or the password is wrong."
WRONG_CODE = "This code is wrong, or was used before. Wait for the next one, or use a recovery code."
_WINDOW_S = 900.0
_BY_ACCOUNT = 10
_BY_DEVICE = 10
_BY_ADDRESS = 50
_MAX_COUNTED = 100_000
_AT_ONCE = 2
"""Passwords that are hashed side by side: each takes a core and 64 MiB."""
_WAITING = 32


class Guesses:
    """Counts guesses in windows of a fixed length. Bounded: the oldest windows are forgotten first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, limits: dict[str, int]) -> None:
        """Count a guess for each key. Raises `RateLimited`, and counts nothing, where one has reached its limit."""
        now = time.monotonic()
        for key, limit in limits.items():
            count, since = self._counts.get(key, (0, now))
            if count >= limit and now - since < _WINDOW_S:
                raise RateLimited("Too many attempts. Try again later.", since + _WINDOW_S - now)
        for key in limits:
            count, since = self._counts.pop(key, (0, now))
            self._counts[key] = (count + 1, since) if now - since < _WINDOW_S else (1, now)
        while len(self._counts) > _MAX_COUNTED:
            self._counts.popitem(last=False)

    def forgive(self, limits: dict[str, int]) -> None:
        """The guess was right: it does not count."""
        for key in limits:
            count, since = self._counts.get(key, (0, 0.0))
            if count > 1:
                self._counts[key] = (count - 1, since)
            else:
                self._counts.pop(key, None)


class SignIn:
    """`key_file`: of the device cookies; created if it is missing. Belongs to one event loop."""

    def __init__(self, accounts: Accounts, passwords: Passwords, second_factor: SecondFactor, key_file: Path) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._second_factor = second_factor
        self._key = secret_file(key_file, lambda: os.urandom(32))
        self._guesses = Guesses()
        self._hashing = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def check(self, name: str, password: str, address: str, device: str) -> Owner:
        """The user whose password it is. `device`: the device cookie, or nothing.

        Raises `Unauthenticated`, and `RateLimited` after too many wrong ones.
        """
        found = self._accounts.find(name[:100])
        user = None if found is None or found.organization else found
        account = hashlib.sha256(name.lower().encode()).hexdigest()
        if user is not None and self._is_device_of(user, device):
            limits = {f"device:{device}": _BY_DEVICE}
        else:
            limits = {f"account:{account}": _BY_ACCOUNT, f"address:{address_group(address)}": _BY_ADDRESS}
        self._guesses.check(limits)
        if not await self.verify(user, password):
            raise Unauthenticated(WRONG)
        self._guesses.forgive(limits)
        assert user is not None
        return user

    async def check_code(self, user: Owner, code: str, address: str, device: str) -> None:
        """Check the second factor of a user whose password was right. Raises as `check` does."""
        if self._is_device_of(user, device):
            limits = {f"code-device:{device}": _BY_DEVICE}
        else:
            limits = {f"code:{user.id}": _BY_ACCOUNT, f"address:{address_group(address)}": _BY_ADDRESS}
        self._guesses.check(limits)
        if not await asyncio.to_thread(self._second_factor.check, user, code):
            raise Unauthenticated(WRONG_CODE)
        self._guesses.forgive(limits)

    async def verify(self, user: Owner | None, password: str) -> bool:
        """Whether it is the user's password. Raises `RateLimited` as `hashing` does."""
        return await self.hashing(lambda: self._passwords.verify(user, password))

    async def hashing(self, work: Callable[[], T]) -> T:
        """Run what hashes a password in a thread. Raises `RateLimited` where too many wait for that."""
        if self._waiting >= _WAITING:
            raise RateLimited("Too many people sign in at the moment. Try again in a moment.", 2)
        self._waiting += 1
        try:
            async with self._hashing:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def count_sign_up(self, address: str) -> None:
        """Count an attempt to make an account, or to use a link. Raises `RateLimited`."""
        self._guesses.check({f"sign-up:{address_group(address)}": _BY_ADDRESS})

    def device_cookie(self, user: Owner) -> str:
        """For a browser that has signed in."""
        nonce = secrets.token_hex(16)
        return f"{nonce}.{self._proof(user, nonce)}"

    def _is_device_of(self, user: Owner, device: str) -> bool:
        nonce, _, proof = device.partition(".")
        return hmac.compare_digest(proof.encode(), self._proof(user, nonce).encode())

    def _proof(self, user: Owner, nonce: str) -> str:
        return hmac.new(self._key, f"{user.id} {nonce}".encode(), hashlib.sha256).hexdigest()
