"""Programs that sign in by a browser (RFC 8628): the program shows a code, and somebody who is signed in allows it.

    pending ── allowed ── (the program fetches its token, once)
        └───── denied

Both codes live in memory for a quarter of an hour. The one that a person types is short: guesses are counted.
"""

from __future__ import annotations

import enum
import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from spaceport.errors import NotFound
from spaceport.hub.identity.address import address_group
from spaceport.hub.identity.sign_in import Guesses
from spaceport.store.hub.ports import Owner

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
VALID_S = 900
INTERVAL_S = 3
"""Between two questions of the program."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that a code is no word, and nothing that looks like a digit (RFC 8628 §6.1)."""
_LENGTH = 8
_MAX_LOGINS = 10_000
_STARTS_BY_ADDRESS = 100
_GUESSES_BY_USER = 10
_GUESSES_BY_ADDRESS = 50
_EARLY_S = 1.0
"""How much too early a question may come: networks are not even."""


class Outcome(enum.Enum):
    """What a program is told."""

    PENDING = "authorization_pending"
    TOO_FAST = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"


@dataclass(slots=True)
class DeviceLogin:
    """`program` and `address`: what the program says it is, and where it asked from."""

    code: str
    program: str
    address: str
    until: float
    asked_at: float = 0.0
    user: Owner | None = None
    denied: bool = False


class DeviceLogins:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._logins: OrderedDict[bytes, DeviceLogin] = OrderedDict()
        """By the digest of the code that the program keeps."""
        self._guesses = Guesses()

    def start(self, program: str, address: str) -> tuple[str, DeviceLogin]:
        """The secret for the program, and the login that it waits for. Raises `RateLimited`."""
        self._guesses.check({f"start:{address_group(address)}": _STARTS_BY_ADDRESS})
        now = time.monotonic()
        while self._logins and (len(self._logins) >= _MAX_LOGINS or self._oldest().until <= now):
            self._logins.popitem(last=False)
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        code = f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"
        secret = secrets.token_urlsafe(32)
        login = self._logins[_digest(secret)] = DeviceLogin(code, program, address, now + VALID_S)
        return secret, login

    def find(self, code: str, user: Owner, address: str) -> DeviceLogin:
        """The login that waits with this code, however it is typed. Raises `NotFound`, `RateLimited`."""
        limits = {f"user:{user.id}": _GUESSES_BY_USER, f"address:{address_group(address)}": _GUESSES_BY_ADDRESS}
        self._guesses.check(limits)
        typed, now = "".join(one for one in code.upper()[:40] if one.isalnum()), time.monotonic()
        for login in self._logins.values():
            if login.code.replace("-", "") == typed and login.until > now and login.user is None and not login.denied:
                self._guesses.forgive(limits)
                return login
        raise NotFound("No program waits with this code. It is valid for a quarter of an hour: ask for a new one.")

    def poll(self, secret: str) -> DeviceLogin | Outcome:
        """The login that a user has allowed, once; else what the program is told."""
        key, now = _digest(secret), time.monotonic()
        login = self._logins.get(key)
        if login is None or login.until <= now:
            return Outcome.EXPIRED
        if login.denied:
            del self._logins[key]
            return Outcome.DENIED
        if login.user is not None:
            del self._logins[key]
            return login
        early = now - login.asked_at < INTERVAL_S - _EARLY_S
        login.asked_at = now
        return Outcome.TOO_FAST if early else Outcome.PENDING

    def _oldest(self) -> DeviceLogin:
        return next(iter(self._logins.values()))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
