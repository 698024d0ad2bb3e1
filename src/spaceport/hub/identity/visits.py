"""Visits: a browser that is signed in at the hub shows itself at the address of one Space, which is another origin.

The hub gives it a ticket, which its form sends to the Space's address, once and within a minute. There it becomes a
cookie, which counts for this Space alone, for an hour, while the session that it comes from goes on and its user may
see the Space: all of that is looked at with each request. It allows to call the Space and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from spaceport.errors import NotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.rights import Right, Scopes
from spaceport.hub.identity.tiers import TIERS
from spaceport.store import secret_file
from spaceport.store.hub.ports import SpaceRow
from spaceport.store.hub.session_ports import Session, SessionStore

VISIT_S = 3600
_TICKET_S = 60.0
_MAX_TICKETS = 10_000
_COOKIE = re.compile(r"([0-9]{1,15})\.([0-9]{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class _Ticket:
    session: int
    space: int
    origin: str
    until: float


class Visits:
    """`key_file`: of the cookies; created if it is missing. Tickets live in memory."""

    def __init__(self, store: SessionStore, accounts: Accounts, key_file: Path) -> None:
        self._store = store
        self._accounts = accounts
        self._key = secret_file(key_file, lambda: os.urandom(32))
        self._tickets: OrderedDict[bytes, _Ticket] = OrderedDict()

    def ticket(self, session: Session, space: SpaceRow, origin: str) -> str:
        """A ticket to a Space, for a form on a page of this origin, the hub's. The caller may see the Space."""
        secret = secrets.token_urlsafe(32)
        self._tickets[_digest(secret)] = _Ticket(session.id, space.id, origin, time.monotonic() + _TICKET_S)
        if len(self._tickets) > _MAX_TICKETS:
            self._tickets.popitem(last=False)
        return secret

    def begin(self, secret: str, space: SpaceRow, origin: str) -> str:
        """Use a ticket up; the value of the cookie for the Space. Raises `NotFound` where it is not valid there."""
        ticket = self._tickets.pop(_digest(secret), None)
        session = None if ticket is None else self._store.session_by_id(ticket.session)
        if ticket is None or session is None or ticket.until <= time.monotonic():
            raise NotFound("This ticket is used up: open the Space from the hub again.")
        if (ticket.space, ticket.origin) != (space.id, origin):
            raise NotFound("This ticket is for another Space, or from another page.")
        until = int(time.time()) + VISIT_S
        return f"{session.id}.{until}.{self._proof(session, space, until)}"

    def identify(self, cookie: str, space: SpaceRow) -> Identity:
        """Who visits the Space with this cookie; `NOBODY` for one that is not valid, or not any more."""
        found = _COOKIE.fullmatch(cookie)
        if found is None:
            return NOBODY
        until, now = int(found[2]), time.time()
        session = self._store.session_by_id(int(found[1]))
        if session is None or min(until, session.expires_at) <= now:
            return NOBODY
        if not hmac.compare_digest(found[3], self._proof(session, space, until)):
            return NOBODY
        user = self._accounts.get_user(session.user)
        tier, scopes = TIERS.get(user.tier, TIERS["free"]), Scopes({}, {space.id: Right.CALL})
        return Identity(user, None, tier, self._accounts.roles(user), scopes=scopes)

    def _proof(self, session: Session, space: SpaceRow, until: int) -> str:
        """Ids of rows that are gone are given again; a user, a time and a random folder are not."""
        text = f"{session.id} {session.user} {session.created_at!r} {space.folder} {until}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
