"""The store of a hub in one SQLite file, which several processes may have open."""

from __future__ import annotations

from pathlib import Path

from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.sqlite_accounts import SqliteAccounts
from spaceport.store.hub.sqlite_applications import SqliteApplications
from spaceport.store.hub.sqlite_audit import SqliteAudit
from spaceport.store.hub.sqlite_factors import SqlitePasskeys, SqliteSecondFactors
from spaceport.store.hub.sqlite_linked import SqliteLinkedAccounts
from spaceport.store.hub.sqlite_organizations import SqliteInvitations, SqliteOrganizations
from spaceport.store.hub.sqlite_sessions import SqliteEmails, SqlitePasswords, SqliteSessions
from spaceport.store.hub.sqlite_sharing import SqliteSharing
from spaceport.store.hub.sqlite_spaces import SqliteSpaces
from spaceport.store.hub.sqlite_storage import SqliteStorage
from spaceport.store.hub.sqlite_tiers import SqliteTiers
from spaceport.store.hub.sqlite_tokens import SqliteTokens
from spaceport.store.hub.sqlite_variables import SqliteVariables


class SqliteHubStore(SqliteAccounts, SqliteTokens, SqliteSpaces, SqliteVariables):
    """Implements `ports.HubStore`."""

    def __init__(self, path: Path) -> None:
        """Raises `Conflict` for a file of a newer version of Spaceport."""
        self._db = HubDatabase(path)
        self.organizations = SqliteOrganizations(self._db)
        self.invitations = SqliteInvitations(self._db)
        self.sessions = SqliteSessions(self._db)
        self.passwords = SqlitePasswords(self._db)
        self.emails = SqliteEmails(self._db)
        self.linked_accounts = SqliteLinkedAccounts(self._db)
        self.second_factors = SqliteSecondFactors(self._db)
        self.passkeys = SqlitePasskeys(self._db)
        self.audit = SqliteAudit(self._db)
        self.applications = SqliteApplications(self._db)
        self.sharing = SqliteSharing(self._db)
        self.tiers = SqliteTiers(self._db)
        self.storage = SqliteStorage(self._db)

    def close(self) -> None:
        self._db.close()

    @property
    def version(self) -> int:
        self._db.refresh()
        return self._db.changes
