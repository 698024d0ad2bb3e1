"""Statements that the hub gives a browser and reads again a few minutes later: which step of signing in was done.

They are encrypted with a key that lives as long as the process, so that nothing is stored for who never comes back, and
nobody can push another one's out. A ticket that may count only once is remembered once it has, until it expires.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from spaceport.errors import Unauthenticated

LIFETIME_S = 600
_MAX_LENGTH = 8192
_MAX_USED = 100_000
EXPIRED = "This took too long, or was done before: start again."


class Tickets:
    """Makes and reads tickets. Belongs to one event loop."""

    def __init__(self) -> None:
        self._cipher = Fernet(Fernet.generate_key())
        self._used: OrderedDict[bytes, float] = OrderedDict()

    def seal(self, purpose: str, values: Mapping[str, str]) -> str:
        """A ticket for one purpose; what is in it cannot be read or changed outside."""
        return self._cipher.encrypt(json.dumps({**values, "for": purpose}).encode()).decode()

    def open(self, purpose: str, ticket: str) -> dict[str, str]:
        """What was sealed for this purpose. Raises `Unauthenticated` for anything else, and after ten minutes."""
        try:
            raw = self._cipher.decrypt(ticket[:_MAX_LENGTH].encode(), ttl=LIFETIME_S)
        except InvalidToken:
            raise Unauthenticated(EXPIRED) from None
        found: dict[str, str] = json.loads(raw)
        if found.pop("for") != purpose or self._key(ticket) in self._used:
            raise Unauthenticated(EXPIRED)
        return found

    def use_up(self, ticket: str) -> None:
        """It opens no more. Call it for tickets that have led to something: only they take room."""
        now = time.monotonic()
        while self._used and (len(self._used) >= _MAX_USED or next(iter(self._used.values())) < now):
            self._used.popitem(last=False)
        self._used[self._key(ticket)] = now + LIFETIME_S

    @staticmethod
    def _key(ticket: str) -> bytes:
        return hashlib.sha256(ticket.encode()).digest()
