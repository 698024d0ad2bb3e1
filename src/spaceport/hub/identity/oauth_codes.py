"""Authorization codes: what a browser carries from the hub to an app, which exchanges it for a token, once.

They live in memory for a minute. A code that comes twice was stolen: the token that it gave ends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from spaceport.errors import InvalidInput
from spaceport.store.hub.session_ports import Session

_VALID_S = 60.0
_MAX_CODES = 10_000


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a user has allowed. `challenge`: of PKCE (S256), empty where the app does not use it. `lifetime_s`: of the
    token."""

    user: int
    session: Session
    grant: int
    space: int
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str
    challenge: str
    lifetime_s: float


@dataclass(slots=True)
class _Code:
    authorization: Authorization
    until: float
    token: bytes | None = None
    """The digest of the token that it was exchanged for."""
    used: bool = False


class AuthorizationCodes:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._codes: OrderedDict[bytes, _Code] = OrderedDict()

    def issue(self, authorization: Authorization) -> str:
        secret = secrets.token_urlsafe(32)
        self._codes[_digest(secret)] = _Code(authorization, time.monotonic() + _VALID_S)
        if len(self._codes) > _MAX_CODES:
            self._codes.popitem(last=False)
        return secret

    def use(self, secret: str, space: int, redirect_uri: str, verifier: str) -> Authorization:
        """What a code stands for. Whatever is wrong with the request, the code is used up.

        Raises `CodeReused` for a second use, `InvalidInput` for a code that is not valid, or not for this request.
        """
        code = self._codes.get(_digest(secret))
        if code is None or code.until <= time.monotonic() or code.authorization.space != space:
            raise InvalidInput("The code is not valid, or has expired: sign in again.")
        if code.used:
            raise CodeReused("The code was used before: sign in again.", code.token)
        code.used = True
        found = code.authorization
        if redirect_uri != found.redirect_uri:
            raise InvalidInput("`redirect_uri` is not the one that the code was asked with.")
        if not _is_verified(found.challenge, verifier):
            raise InvalidInput("`code_verifier` does not fit the `code_challenge`.")
        return found

    def exchanged(self, secret: str, token: bytes) -> None:
        """Remember the token that a code gave, by its digest."""
        self._codes[_digest(secret)].token = token


class CodeReused(InvalidInput):
    """`token`: the digest of the token that the first use gave."""

    def __init__(self, message: str, token: bytes | None) -> None:
        super().__init__(message)
        self.token = token


def _is_verified(challenge: str, verifier: str) -> bool:
    """Whether both are there and fit (RFC 7636), or neither is."""
    if not challenge or not verifier:
        return challenge == verifier
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), challenge.encode("utf-8", "replace"))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
