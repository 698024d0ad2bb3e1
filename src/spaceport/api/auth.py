"""User names and passwords of a Space (Gradio's `auth=`): the login, its cookies, and whose a request is.

Cookies as Gradio sets them (gradio-wire §14): two with the same token, one for https and one for plain http.
HTTP Basic works too, so that `curl -u` needs no cookie jar.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie

from spaceport.api.credentials import bearer
from spaceport.api.ports import Requester
from spaceport.errors import RateLimited

Check = Callable[[str, str], bool]
_TOKENS = 10_000
_TOKEN_AGE_S = 30 * 86_400.0
_FAILURES = 30
_FAILURE_WINDOW_S = 60.0


class Auth:
    """`accounts` are pairs of name and password, or a function of both; with None everyone may call, without a name."""

    operator_token: str | None = None
    """A request with this bearer token may see everybody's jobs, and the metrics."""

    def __init__(self, accounts: Sequence[tuple[str, str]] | Check | None, message: str | None = None) -> None:
        self.message = message
        self.required = accounts is not None
        self._check = accounts if callable(accounts) else _table(accounts or ())
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        suffix = secrets.token_urlsafe(16)
        self.cookies = (f"access-token-{suffix}", f"access-token-unsecure-{suffix}")

    def user(self, request: Requester) -> str | None:
        """The authenticated user of a request, or None."""
        if not self.required:
            return None
        headers = request.headers
        cookie = headers.get(b"cookie")
        if cookie is not None:
            user = self._from_cookie(cookie.decode("latin-1"))
            if user is not None:
                return user
        authorization = headers.get(b"authorization", b"")
        if authorization[:6].lower() == b"basic ":
            return self._from_basic(authorization[6:], request.client)
        return None

    @property
    def names(self) -> bool:
        """Set if callers can have a name."""
        return self.required

    def operates(self, request: Requester) -> bool:
        """Whether a request carries the operator's token."""
        own, given = self.operator_token, bearer(request.headers)
        return own is not None and given is not None and hmac.compare_digest(given.encode(), own.encode())

    def priority(self, request: Requester) -> int:
        """The priority of a caller's jobs; smaller numbers run first."""
        return 0

    def streams(self, request: Requester) -> int:
        """How many streams a caller may have open; 0: as many as the settings say."""
        return 0

    def count_calls(self, request: Requester, number: int) -> None:
        """Count calls beyond the one that each request is. Raises `RateLimited`."""

    def login(self, name: str, password: str, client: str) -> str | None:
        """Log in: a new token, or None for wrong credentials.

        Raises `RateLimited` after too many wrong ones from one address.
        """
        name = name.strip()
        if not self._verify(name, password, client):
            return None
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (name, time.monotonic() + _TOKEN_AGE_S)
        while len(self._tokens) > _TOKENS:
            self._tokens.popitem(last=False)
        return token

    def logout(self, user: str) -> None:
        """Revoke all login tokens of a user."""
        for token in [token for token, (name, _) in self._tokens.items() if name == user]:
            del self._tokens[token]

    def token(self, cookie: str) -> str | None:
        """The login token in a Cookie header, whether it is valid or not."""
        try:
            jar = SimpleCookie(cookie)
        except CookieError:
            return None
        for name in self.cookies:
            if name in jar:
                return jar[name].value
        return None

    def _from_cookie(self, cookie: str) -> str | None:
        token = self.token(cookie)
        found = None if token is None else self._tokens.get(token)
        if token is None or found is None:
            return None
        if found[1] < time.monotonic():
            del self._tokens[token]
            return None
        return found[0]

    def _verify(self, name: str, password: str, client: str) -> bool:
        """Check a password, however it was sent, and count wrong ones by address. Raises `RateLimited`."""
        self._throttle(client)
        if self._check(name, password):
            return True
        count, since = self._failures.get(client, (0, time.monotonic()))
        self._failures[client] = (count + 1, since)
        return False

    def _from_basic(self, encoded: bytes, client: str) -> str | None:
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return name if self._verify(name, password, client) else None

    def _throttle(self, client: str) -> None:
        now = time.monotonic()
        while self._failures:
            oldest = next(iter(self._failures))
            if now - self._failures[oldest][1] < _FAILURE_WINDOW_S:
                break
            del self._failures[oldest]
        if self._failures.get(client, (0, now))[0] >= _FAILURES:
            raise RateLimited("Too many wrong passwords from your address. Wait a minute, then try again.", 60)


def _table(accounts: Sequence[tuple[str, str]]) -> Check:
    known = {name.strip(): password for name, password in accounts}

    def check(name: str, password: str) -> bool:
        expected = known.get(name)
        same = hmac.compare_digest((expected or secrets.token_hex(16)).encode(), password.encode())
        return same and expected is not None

    return check
