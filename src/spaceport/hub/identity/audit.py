"""The log of who did what: what was done with each token and browser, and who signed in, or tried to."""

from __future__ import annotations

import time

from spaceport.hub.identity.caller import Identity
from spaceport.store.hub.audit_ports import AuditFilter, AuditStore, Entry
from spaceport.store.hub.ports import Owner

_KEPT = 5000
"""Entries of a user."""
_KEPT_OF_NOBODY = 20_000
"""Entries of failed sign-ins, of the command line, and of accounts that are gone."""
_SHOWN = 1000
_MAX_ACTION = 300
COMMAND_LINE = "command line"


class Audit:
    """The log in the hub's store."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store

    def record(self, user: Owner | None, entry: Entry) -> None:
        """Record a request that changes something, or tried to."""
        self._store.add_entry(None if user is None else user.id, entry, _KEPT_OF_NOBODY if user is None else _KEPT)

    def record_command(self, action: str, space: str = "") -> None:
        """Record what the operator did on the hub's machine."""
        entry = Entry(time.time(), COMMAND_LINE, action[:_MAX_ACTION], 0, "", space=space)
        self.record(None, entry)

    def of(self, user: Owner, *, limit: int = 100, credential: str | None = None) -> list[Entry]:
        """Newest first."""
        return self._store.entries(user.id, min(limit, _SHOWN), credential=credential)

    def search(self, wanted: AuditFilter, limit: int = 100) -> tuple[list[Entry], int | None]:
        """Of all accounts, newest first, and the id before which the next ones are (`AuditStore.search`)."""
        return self._store.search(wanted, max(1, min(limit, _SHOWN)))


def entry_of(action: str, status: int, address: str, *, account: str, credential: str, space: str) -> Entry:
    """An entry of this moment."""
    return Entry(time.time(), credential, action[:_MAX_ACTION], status, address, account, space)


def credential_of(identity: Identity) -> str:
    if identity.application is not None:
        return f"application {identity.application.name}"
    if identity.token is not None:
        return f"token {identity.token.name}"
    return "" if identity.session is None else f"browser {identity.session.id}"
