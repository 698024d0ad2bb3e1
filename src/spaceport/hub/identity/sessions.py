"""Sessions of browsers: made at sign-in, recognized by a cookie, ended one by one or all at once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time

from spaceport.errors import NotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import NOBODY, Identity
from spaceport.store.hub.ports import Owner
from spaceport.store.hub.session_ports import Session, SessionStore

LIFETIME_S = 30 * 86_400.0
_RECORD_USE_S = 60.0
_MAX_SESSIONS = 50
"""Of a user; the one that was not used for longest ends."""
_MAX_DEVICE = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


class Sessions:
    """The sessions in the hub's store; of a session's secret only the SHA-256 is stored."""

    def __init__(self, store: SessionStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def start(self, user: Owner, device: str, address: str) -> str:
        """Sign a browser in; the secret for its cookie."""
        secret, now = secrets.token_urlsafe(32), time.time()
        self._store.purge_sessions(now)
        shown = _UNPRINTABLE.sub("?", device[:_MAX_DEVICE])
        self._store.add_session(_digest(secret), user.id, shown, address, now, now + LIFETIME_S, _MAX_SESSIONS)
        return secret

    def identify(self, secret: str, address: str) -> Identity:
        """Whose session it is; `NOBODY` for one that has ended: a browser keeps its cookie for longer."""
        found = self._store.session(_digest(secret)) if _SECRET.fullmatch(secret) else None
        now = time.time()
        if found is None or found.expires_at <= now:
            return NOBODY
        if now - found.used_at > _RECORD_USE_S:
            self._store.session_used(found.id, address, now)
        return self._accounts.identity(found.user, session=found)

    def of(self, user: Owner) -> list[Session]:
        """Those that have not ended, the one used last first."""
        now = time.time()
        return [one for one in self._store.sessions(user.id) if one.expires_at > now]

    def revoke(self, user: Owner, session: int) -> None:
        """Raises `NotFound`."""
        if not self._store.remove_session(user.id, session):
            raise NotFound(f"You have no session {session}.")

    def revoke_all(self, user: Owner, *, but: Session | None = None) -> None:
        self._store.remove_sessions(user.id, but=None if but is None else but.id)


def form_token(secret: str) -> str:
    """What a form of the hub's pages carries, so that no other page can send it. It tells nothing of the secret."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
