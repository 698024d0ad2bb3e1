"""The log of what was done with each token and browser: who asks later finds which one to revoke."""

from __future__ import annotations

import time

from spaceport.hub.identity.caller import Identity
from spaceport.store.hub.audit_ports import AuditStore, Entry
from spaceport.store.hub.ports import Owner

_KEPT = 1000
"""Entries of a user."""
_MAX_ACTION = 300


class Audit:
    """The log in the hub's store."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store

    def record(self, identity: Identity, action: str, status: int, address: str) -> None:
        """Record a request that changes something, or tried to."""
        if identity.owner is not None:
            entry = Entry(time.time(), credential_of(identity), action[:_MAX_ACTION], status, address)
            self._store.add_entry(identity.owner.id, entry, _KEPT)

    def of(self, user: Owner, *, limit: int = 100, credential: str | None = None) -> list[Entry]:
        """Newest first."""
        return self._store.entries(user.id, min(limit, _KEPT), credential=credential)


def credential_of(identity: Identity) -> str:
    if identity.application is not None:
        return f"application {identity.application.name}"
    if identity.token is not None:
        return f"token {identity.token.name}"
    return "" if identity.session is None else f"browser {identity.session.id}"
