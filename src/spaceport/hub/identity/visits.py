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
from dataclasses import dataclass, replace
from pathlib import Path

from spaceport.errors import NotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.hub.identity.rights import Right, Scopes
from spaceport.store import secret_file
from spaceport.store.hub.ports import HubStore, SpaceRow
from spaceport.store.hub.session_ports import Session

VISIT_S = 3600
_TICKET_S = 60.0
_MAX_TICKETS = 10_000
_LINK = 0
"""Stands in a cookie for the session, where a link is behind it."""
_COOKIE = re.compile(r"([0-9]{1,15})\.([0-9]{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class _Ticket:
    """`session`: None for a visitor who has a link."""

    session: int | None
    space: int
    origin: str
    until: float


class Visits:
    """`key_file`: of the cookies; created if it is missing. Tickets live in memory."""

    def __init__(self, store: HubStore, accounts: Accounts, key_file: Path) -> None:
        self._sessions = store.sessions
        self._sharing = store.sharing
        self._accounts = accounts
        self._key = secret_file(key_file, lambda: os.urandom(32))
        self._tickets: OrderedDict[bytes, _Ticket] = OrderedDict()

    def ticket(self, session: Session | None, space: SpaceRow, origin: str) -> str:
        """A ticket to a Space, for a form on a page of this origin, the hub's. The caller may see the Space, or has
        shown its link, and then no session."""
        secret, number = secrets.token_urlsafe(32), None if session is None else session.id
        self._tickets[_digest(secret)] = _Ticket(number, space.id, origin, time.monotonic() + _TICKET_S)
        if len(self._tickets) > _MAX_TICKETS:
            self._tickets.popitem(last=False)
        return secret

    def start(self, secret: str, space: SpaceRow, origin: str) -> str:
        """Use a ticket up; the value of the cookie for the Space. Raises `NotFound` where it is not valid there."""
        ticket = self._tickets.pop(_digest(secret), None)
        if ticket is None or ticket.until <= time.monotonic():
            raise NotFound("This ticket is used up: open the Space from the hub again.")
        if (ticket.space, ticket.origin) != (space.id, origin):
            raise NotFound("This ticket is for another Space, or from another page.")
        until = int(time.time()) + VISIT_S
        number = _LINK if ticket.session is None else ticket.session
        proof = self._proof(number, space, until)
        if proof is None:
            raise NotFound("The session or the link that this ticket comes from has ended.")
        return f"{number}.{until}.{proof}"

    def identify(self, cookie: str, space: SpaceRow) -> Identity:
        """Who visits the Space with this cookie; `NOBODY` for one that is not valid, or not any more."""
        found = _COOKIE.fullmatch(cookie)
        if found is None:
            return NOBODY
        number, until = int(found[1]), int(found[2])
        proof = self._proof(number, space, until)
        if proof is None or until <= time.time() or not hmac.compare_digest(found[3], proof):
            return NOBODY
        scopes = Scopes({}, {space.id: Right.CALL})
        session = None if number == _LINK else self._sessions.session_by_id(number)
        if session is None:
            return replace(self._accounts.nobody(), shared=frozenset({space.id}), scopes=scopes)
        return self._accounts.identity(session.user, scopes=scopes)

    def _proof(self, number: int, space: SpaceRow, until: int) -> str | None:
        """What no one else can know of a cookie; None where its session or link has ended.

        Ids of rows that are gone are given again; a user, a time and a random folder are not.
        """
        if number == _LINK:
            link = self._sharing.link(space.id)
            behind = None if link is None else link.hex()
        else:
            session = self._sessions.session_by_id(number)
            ended = session is None or session.expires_at <= time.time()
            behind = None if session is None or ended else f"{session.id} {session.user} {session.created_at!r}"
        if behind is None:
            return None
        return hmac.new(self._key, f"{behind} {space.folder} {until}".encode(), hashlib.sha256).hexdigest()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
