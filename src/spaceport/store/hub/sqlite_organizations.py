"""Members of organizations and invitations in the hub's SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.organization_ports import Invitation, Member, Membership

_OTHER_ADMIN = "EXISTS (SELECT 1 FROM members WHERE organization = ? AND user != ? AND role = 'admin')"
_LAST_ADMIN = "An organization needs an admin: make another member one first, or delete the organization."
_INVITATIONS = (
    "SELECT i.id, o.name, i.role, u.name, i.created_at, i.expires_at, i.uses_left FROM invitations i"
    " LEFT JOIN owners o ON o.id = i.organization LEFT JOIN owners u ON u.id = i.inviter"
)


class SqliteOrganizations:
    """Implements `organization_ports.OrganizationStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def roles(self, user: int) -> Mapping[int, str]:
        return self._db.cached(
            lambda rows: MappingProxyType({row[0]: row[1] for row in rows}),
            "SELECT organization, role FROM members WHERE user = ?",
            (user,),
        )

    def memberships(self, user: int) -> list[Membership]:
        rows = self._db.all(
            "SELECT o.id, o.name, m.role FROM members m JOIN owners o ON o.id = m.organization"
            " WHERE m.user = ? ORDER BY o.name",
            (user,),
        )
        return [Membership(*row) for row in rows]

    def members(self, organization: int) -> list[Member]:
        rows = self._db.all(
            "SELECT u.name, m.role, m.since FROM members m JOIN owners u ON u.id = m.user"
            " WHERE m.organization = ? ORDER BY u.name",
            (organization,),
        )
        return [Member(*row) for row in rows]

    def set_member(self, organization: int, user: int, role: str, now: float) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT INTO members (organization, user, role, since) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (organization, user) DO UPDATE SET role = excluded.role",
                (organization, user, role, now),
            )
            if role != "admin" and not self._db.all(f"SELECT 1 WHERE {_OTHER_ADMIN}", (organization, user)):
                raise Conflict(_LAST_ADMIN)

    def remove_member(self, organization: int, user: int) -> None:
        with self._db.transaction():
            self._db.run("DELETE FROM members WHERE organization = ? AND user = ?", (organization, user))
            if not self._db.all(f"SELECT 1 WHERE {_OTHER_ADMIN}", (organization, user)):
                raise Conflict(_LAST_ADMIN)


class SqliteInvitations:
    """Implements `organization_ports.InvitationStore`."""

    def __init__(self, database: HubDatabase) -> None:
        self._db = database

    def add_invitation(
        self,
        digest: bytes,
        organization: int | None,
        role: str | None,
        inviter: int | None,
        now: float,
        expires_at: float,
        uses: int,
    ) -> None:
        self._db.run(
            "INSERT INTO invitations (hash, organization, role, inviter, created_at, expires_at, uses_left)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (digest, organization, role, inviter, now, expires_at, uses),
        )

    def invitation(self, digest: bytes, now: float) -> Invitation | None:
        rows = self._db.all(f"{_INVITATIONS} WHERE i.hash = ? AND i.expires_at > ? AND i.uses_left > 0", (digest, now))
        return Invitation(*rows[0]) if rows else None

    def invitations(self, organization: int | None) -> list[Invitation]:
        rows = self._db.all(f"{_INVITATIONS} WHERE i.organization IS ? ORDER BY i.id", (organization,))
        return [Invitation(*row) for row in rows]

    def use_invitation(self, invitation: int, now: float) -> bool:
        return bool(
            self._db.run(
                "UPDATE invitations SET uses_left = uses_left - 1 WHERE id = ? AND expires_at > ? AND uses_left > 0",
                (invitation, now),
            )
        )

    def remove_invitation(self, invitation: int) -> None:
        self._db.run("DELETE FROM invitations WHERE id = ?", (invitation,))

    def purge_invitations(self, now: float) -> None:
        self._db.run("DELETE FROM invitations WHERE expires_at <= ? OR uses_left <= 0", (now,))
