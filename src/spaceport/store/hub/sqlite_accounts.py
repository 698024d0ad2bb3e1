"""Users, organizations and their names in the hub's SQLite file."""

from __future__ import annotations

from typing import Any

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.ports import Owner

_OWNERS = "SELECT id, name, tier, admin, created_at, organization FROM owners"
_MAX_FORMER_NAMES = 3
"""How many names an owner may keep from others at once."""


class SqliteAccounts:
    """Implements `ports.AccountStore`."""

    _db: HubDatabase

    def add_owner(
        self, name: str, tier: str, now: float, *, admin: bool = False, organization_of: int | None = None
    ) -> Owner:
        with self._db.transaction():
            self._check_free(name, now, None)
            self._db.run(
                "INSERT INTO owners (name, tier, admin, created_at, organization, skeleton)"
                " VALUES (?, ?, ?, ?, ?, skeleton(?))",
                (name, tier, admin, now, organization_of is not None, name),
            )
            if organization_of is not None:
                self._db.run(
                    "INSERT INTO members (organization, user, role, since)"
                    " SELECT id, ?, 'admin', ? FROM owners WHERE name = ?",
                    (organization_of, now, name),
                )
        found = self.owner(name)
        assert found is not None
        return found

    def _check_free(self, name: str, now: float, owner: int | None) -> None:
        """Take a name from who had it before. Raises `Conflict` where somebody but `owner` has it, or keeps it."""
        alike = self._db.all(
            "SELECT name FROM owners WHERE (name = ?1 OR skeleton = skeleton(?1)) AND id IS NOT ?2"
            " ORDER BY name = ?1 DESC LIMIT 1",
            (name, owner),
        )
        if alike:
            same = alike[0][0].lower() == name.lower()
            raise Conflict(
                f"A user or an organization with the name {name!r} already exists."
                if same
                else f"The name {name!r} looks too much like {alike[0][0]!r}, which exists. Choose another one."
            )
        self._db.run("DELETE FROM former_names WHERE until <= ?", (now,))
        own = "SELECT 1 FROM former_owners WHERE owner = ? AND skeleton(name) = skeleton(?)"
        if self._db.all("SELECT 1 FROM former_names WHERE skeleton = skeleton(?)", (name,)) and not self._db.all(
            own, (owner, name)
        ):
            raise Conflict(f"The name {name!r} belonged to an account that was deleted or renamed. Choose another one.")
        self._db.run("DELETE FROM former_names WHERE skeleton = skeleton(?)", (name,))
        self._db.run("DELETE FROM former_owners WHERE name = ?", (name,))

    def rename_owner(self, owner: int, name: str, now: float, kept_s: float) -> None:
        with self._db.transaction():
            self._check_free(name, now, owner)
            kept = "SELECT count(*) FROM former_owners WHERE owner = ? AND renamed_at > ?"
            if self._db.all(kept, (owner, now - kept_s))[0][0] >= _MAX_FORMER_NAMES:
                raise Conflict(
                    f"The account had {_MAX_FORMER_NAMES} other names in the last {kept_s / 86_400:.0f} days."
                    " Take one of them back, or wait."
                )
            self._db.run(
                "INSERT OR REPLACE INTO former_owners (name, owner, renamed_at)"
                " SELECT name, id, ?2 FROM owners WHERE id = ?1 AND name != ?3",
                (owner, now, name),
            )
            self._db.run(
                "INSERT OR REPLACE INTO former_names (skeleton, until)"
                " SELECT skeleton, ?2 FROM owners WHERE id = ?1 AND skeleton != skeleton(?3)",
                (owner, now + kept_s, name),
            )
            self._db.run("UPDATE owners SET name = ?2, skeleton = skeleton(?2) WHERE id = ?1", (owner, name))

    def renamed_owner(self, name: str) -> Owner | None:
        return self._db.one(
            _owner,
            "SELECT o.id, o.name, o.tier, o.admin, o.created_at, o.organization"
            " FROM former_owners f JOIN owners o ON o.id = f.owner WHERE f.name = ?",
            (name,),
        )

    def owner(self, name: str) -> Owner | None:
        return self._db.one(_owner, f"{_OWNERS} WHERE name = ?", (name,))

    def owners(self) -> list[Owner]:
        return [_owner(row) for row in self._db.all(f"{_OWNERS} ORDER BY name")]

    def set_tier(self, owner: int, tier: str) -> None:
        self._db.run("UPDATE owners SET tier = ? WHERE id = ?", (tier, owner))

    def set_admin(self, owner: int, *, admin: bool) -> None:
        with self._db.transaction():
            self._db.run("UPDATE owners SET admin = ? WHERE id = ?", (admin, owner))
            self._check_admins()

    def remove_owner(self, owner: int, keep_name_until: float) -> None:
        with self._db.transaction():
            alone = self._db.all(
                "SELECT o.name FROM members m JOIN owners o ON o.id = m.organization WHERE m.user = ?"
                " AND m.role = 'admin' AND NOT EXISTS (SELECT 1 FROM members a WHERE a.organization = m.organization"
                " AND a.user != m.user AND a.role = 'admin') ORDER BY o.name LIMIT 20",
                (owner,),
            )
            if alone:
                names = ", ".join(row[0] for row in alone)
                raise Conflict(f"It is the only admin of {names}: make another member an admin there, or delete that.")
            self._db.run(
                "INSERT OR REPLACE INTO former_names (skeleton, until) SELECT skeleton, ? FROM owners WHERE id = ?",
                (keep_name_until, owner),
            )
            self._db.run("DELETE FROM owners WHERE id = ?", (owner,))
            self._check_admins()

    def _check_admins(self) -> None:
        """Raises `Conflict`, which rolls the transaction back, where the hub has no admin."""
        if not self._db.all("SELECT 1 FROM owners WHERE admin"):
            raise Conflict("The hub needs an admin: make another user one first.")


def _owner(row: tuple[Any, ...]) -> Owner:
    return Owner(row[0], row[1], row[2], bool(row[3]), row[4], bool(row[5]))
