"""Statements that the hub gives a browser and reads again a few minutes later: which step of signing in was done.

They are encrypted with a key that lives as long as the process, so that nothing is stored for who never comes back, and
nobody can push another one's out. A ticket that may count only once is remembered once it has, until it expires.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from spaceport.errors import Unauthenticated

LIFETIME_S = 600
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,8192}")
_MAX_USED = 100_000
EXPIRED = "This took too long, or was done before: start again."


class Tickets:
    """Makes and reads tickets. Belongs to one event loop."""

    def __init__(self) -> None:
        self._cipher = Fernet(Fernet.generate_key())
        self._used: OrderedDict[bytes, float] = OrderedDict()

    def seal(self, purpose: str, values: Mapping[str, str]) -> str:
        """A ticket for one purpose; what is in it cannot be read or changed outside.

        It has no padding, which a cookie would put in quotes.
        """
        return self._cipher.encrypt(json.dumps({**values, "for": purpose}).encode()).decode().rstrip("=")

    def open(self, purpose: str, ticket: str) -> dict[str, str]:
        """What was sealed for this purpose. Raises `Unauthenticated` for anything else, and after ten minutes."""
        try:
            raw = self._cipher.decrypt(_encoded(ticket), ttl=LIFETIME_S)
        except InvalidToken:
            raise Unauthenticated(EXPIRED) from None
        found: dict[str, str] = json.loads(raw)
        if found.pop("for") != purpose or _key(ticket) in self._used:
            raise Unauthenticated(EXPIRED)
        return found

    def use_up(self, ticket: str) -> None:
        """It opens no more. Call it for tickets that have led to something: only they take room."""
        now = time.monotonic()
        while self._used and (len(self._used) >= _MAX_USED or next(iter(self._used.values())) < now):
            self._used.popitem(last=False)
        self._used[_key(ticket)] = now + LIFETIME_S


def _encoded(ticket: str) -> bytes:
    """Raises `InvalidToken` for what is no Base64, which the decoder would pass over."""
    if not _TICKET.fullmatch(ticket):
        raise InvalidToken
    return f"{ticket}{'=' * (-len(ticket) % 4)}".encode()


def _key(ticket: str) -> bytes:
    """The same for each way in which a ticket's bytes can be written: more signs at its end do not make it another."""
    return hashlib.sha256(base64.urlsafe_b64decode(_encoded(ticket))).digest()
