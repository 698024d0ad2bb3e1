"""The store of a hub in one SQLite file, which several processes may have open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.ports import ListedSpace, Owner, SpacePage, SpaceRow, SpaceValue, Token, TokenScope
from spaceport.store.hub.sqlite_applications import SqliteApplications
from spaceport.store.hub.sqlite_audit import SqliteAudit
from spaceport.store.hub.sqlite_factors import SqlitePasskeys, SqliteSecondFactors
from spaceport.store.hub.sqlite_linked import SqliteLinkedAccounts
from spaceport.store.hub.sqlite_organizations import SqliteInvitations, SqliteOrganizations
from spaceport.store.hub.sqlite_sessions import SqliteEmails, SqlitePasswords, SqliteSessions
from spaceport.store.hub.sqlite_sharing import SqliteSharing
from spaceport.store.hub.sqlite_storage import SqliteStorage
from spaceport.store.hub.sqlite_tiers import SqliteTiers

_OWNERS = "SELECT id, name, tier, admin, created_at, organization FROM owners"
_LISTED = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at, s.owner,"
    " s.creator, r.sleep_s, r.paused, o.admin"
    " FROM spaces s JOIN owners o ON o.id = s.owner LEFT JOIN space_runs r ON r.space = s.id"
)
_SPACES = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at, s.owner,"
    " s.creator FROM spaces s JOIN owners o ON o.id = s.owner"
)
_MAX_FORMER_NAMES = 3
"""How many names an owner may keep from others at once."""
_MAX_FORMER_ADDRESSES = 20
"""How many former addresses of a Space lead to it."""
_REMEMBER_ADDRESS = (
    "INSERT OR REPLACE INTO former_spaces (owner, name, space, moved_at)"
    " SELECT owner, name, id, ? FROM spaces WHERE id = ?",
    "INSERT OR REPLACE INTO former_subdomains (subdomain, space, moved_at)"
    " SELECT subdomain, id, ? FROM spaces WHERE id = ?",
)
_FORGET_ADDRESSES = (
    "DELETE FROM former_spaces WHERE space = ?1 AND moved_at < (SELECT moved_at FROM former_spaces"
    " WHERE space = ?1 ORDER BY moved_at DESC LIMIT 1 OFFSET ?2)",
    "DELETE FROM former_subdomains WHERE space = ?1 AND moved_at < (SELECT moved_at FROM former_subdomains"
    " WHERE space = ?1 ORDER BY moved_at DESC LIMIT 1 OFFSET ?2)",
)
_SPACE_OF_NAME = (
    "WITH named AS (SELECT coalesce((SELECT id FROM owners WHERE name = ?1),"
    " (SELECT owner FROM former_owners WHERE name = ?1)) AS id)"
    " SELECT s.id FROM spaces s, named n WHERE s.owner = n.id AND s.name = ?2"
    " UNION ALL SELECT f.space FROM former_spaces f, named n WHERE f.owner = n.id AND f.name = ?2 LIMIT 1"
)
"""A Space and a former address never have the same name: at most one row."""
_TOKENS = (
    "SELECT t.id, o.name, t.name, t.shown, t.role, t.created_at, t.expires_at, t.used_at, t.address"
    " FROM tokens t JOIN owners o ON o.id = t.owner"
)


class SqliteHubStore:
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

    # Accounts

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

    # Tokens

    def add_token(
        self,
        owner: int,
        name: str,
        shown: str,
        digest: bytes,
        role: str,
        now: float,
        expires_at: float | None,
        scopes: Sequence[TokenScope] = (),
    ) -> None:
        try:
            with self._db.transaction():
                self._db.run(
                    "INSERT INTO tokens (owner, name, shown, hash, role, created_at, expires_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (owner, name, shown, digest, role, now, expires_at),
                )
                for scope in scopes:
                    self._db.run(
                        "INSERT INTO token_scopes (token, owner, space, level)"
                        " SELECT id, ?, ?, ? FROM tokens WHERE hash = ?",
                        (scope.owner, scope.space, scope.level, digest),
                    )
        except sqlite3.IntegrityError:
            raise Conflict(f"A token with the name {name!r} already exists.") from None

    def scopes(self, token: int) -> tuple[TokenScope, ...]:
        return self._db.cached(
            lambda rows: tuple(TokenScope(*row) for row in rows),
            "SELECT owner, space, level FROM token_scopes WHERE token = ? ORDER BY rowid",
            (token,),
        )

    def token(self, digest: bytes) -> Token | None:
        return self._db.one(_token, f"{_TOKENS} WHERE t.hash = ?", (digest,))

    def tokens(self, owner: str) -> list[Token]:
        return [_token(row) for row in self._db.all(f"{_TOKENS} WHERE o.name = ? ORDER BY t.id", (owner,))]

    def token_used(self, token: int, now: float, address: str) -> None:
        self._db.run("UPDATE tokens SET used_at = ?, address = ? WHERE id = ?", (now, address, token))

    def remove_token(self, token: int) -> None:
        self._db.run("DELETE FROM tokens WHERE id = ?", (token,))

    # Spaces

    def add_space(
        self,
        owner: int,
        name: str,
        subdomain: str,
        folder: str,
        sdk: str,
        now: float,
        *,
        private: bool,
        creator: int | None = None,
    ) -> None:
        try:
            with self._db.transaction():
                self._db.run(
                    "INSERT INTO spaces (owner, name, subdomain, folder, private, sdk, created_at, updated_at, creator,"
                    " bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                    (owner, name, subdomain, folder, private, sdk, now, now, creator),
                )
                self._end_redirects(owner, name, subdomain)
        except sqlite3.IntegrityError as error:
            raise _taken(error) from None

    def move_space(self, space: int, owner: int, name: str, subdomain: str, now: float) -> None:
        try:
            with self._db.transaction():
                for remember in _REMEMBER_ADDRESS:
                    self._db.run(remember, (now, space))
                self._db.run(
                    "UPDATE spaces SET owner = ?, name = ?, subdomain = ? WHERE id = ?", (owner, name, subdomain, space)
                )
                self._end_redirects(owner, name, subdomain)
                for forget in _FORGET_ADDRESSES:
                    self._db.run(forget, (space, _MAX_FORMER_ADDRESSES - 1))
        except sqlite3.IntegrityError as error:
            raise _taken(error) from None

    def _end_redirects(self, owner: int, name: str, subdomain: str) -> None:
        """A Space has this address now."""
        self._db.run("DELETE FROM former_spaces WHERE owner = ? AND name = ?", (owner, name))
        self._db.run("DELETE FROM former_subdomains WHERE subdomain = ?", (subdomain,))

    def moved_space(self, owner: str, name: str) -> SpaceRow | None:
        found = self._db.one(_number, _SPACE_OF_NAME, (owner, name))
        return None if found is None else self.space_by_id(found)

    def moved_by_subdomain(self, subdomain: str) -> SpaceRow | None:
        found = self._db.one(_number, "SELECT space FROM former_subdomains WHERE subdomain = ?", (subdomain,))
        return None if found is None else self.space_by_id(found)

    def existing(self, spaces: Sequence[int]) -> set[int]:
        numbers = json.dumps(list(spaces))
        return {
            row[0]
            for row in self._db.all(
                "SELECT s.id FROM spaces s WHERE s.id IN (SELECT value FROM json_each(?))", (numbers,)
            )
        }

    def space(self, owner: str, name: str) -> SpaceRow | None:
        return self._db.one(_space, f"{_SPACES} WHERE o.name = ? AND s.name = ?", (owner, name))

    def space_by_id(self, space: int) -> SpaceRow | None:
        return self._db.one(_space, f"{_SPACES} WHERE s.id = ?", (space,))

    def by_subdomain(self, subdomain: str) -> SpaceRow | None:
        return self._db.one(_space, f"{_SPACES} WHERE s.subdomain = ?", (subdomain,))

    def spaces(self, *, author: str | None = None, search: str | None = None) -> list[SpaceRow]:
        pattern = None if search is None else f"%{search.replace('%', '').replace('_', '')}%"
        rows = self._db.all(
            f"{_SPACES} WHERE (? IS NULL OR o.name = ?) AND (? IS NULL OR o.name || '/' || s.name LIKE ?)"
            " ORDER BY s.updated_at DESC, s.id DESC",
            (author, author, pattern, pattern),
        )
        return [_space(row) for row in rows]

    def page(self, wanted: SpacePage) -> list[ListedSpace]:
        of_owners, of_spaces = ", ".join("?" * len(wanted.viewers)), ", ".join("?" * len(wanted.spaces))
        conditions = [f"(NOT s.private OR ? OR s.owner IN ({of_owners}) OR s.id IN ({of_spaces}))"]
        values: list[Any] = [wanted.everything, *wanted.viewers, *wanted.spaces]
        if wanted.author is not None:
            conditions.append("o.name = ?")
            values.append(wanted.author)
        if wanted.after is not None:
            conditions.append(f"(s.{wanted.order}, s.id) < (?, ?)")
            values += wanted.after
        rows = self._db.all(
            f"{_LISTED} WHERE {' AND '.join(conditions)} ORDER BY s.{wanted.order} DESC, s.id DESC LIMIT ?",
            (*values, wanted.limit),
        )
        return [ListedSpace(_space(row[:11]), row[11], bool(row[12]), bool(row[13])) for row in rows]

    def set_private(self, space: int, *, private: bool) -> None:
        self._db.run("UPDATE spaces SET private = ? WHERE id = ?", (private, space))

    def space_changed(self, space: int, sdk: str, now: float) -> None:
        self._db.run("UPDATE spaces SET sdk = ?, updated_at = ? WHERE id = ?", (sdk, now, space))

    def remove_space(self, space: int) -> None:
        self._db.run("DELETE FROM spaces WHERE id = ?", (space,))

    def how_it_runs(self, space: int) -> tuple[float | None, bool]:
        found = self._db.one(_run_of, "SELECT sleep_s, paused FROM space_runs WHERE space = ?", (space,))
        return found or (None, False)

    def set_sleep(self, space: int, sleep_s: float | None) -> None:
        self._db.run(
            "INSERT INTO space_runs (space, sleep_s) VALUES (?, ?)"
            " ON CONFLICT (space) DO UPDATE SET sleep_s = excluded.sleep_s",
            (space, sleep_s),
        )

    def set_paused(self, space: int, *, paused: bool) -> None:
        self._db.run(
            "INSERT INTO space_runs (space, paused) VALUES (?, ?)"
            " ON CONFLICT (space) DO UPDATE SET paused = excluded.paused",
            (space, paused),
        )

    # Variables

    def values(self, space: int, *, secret: bool) -> list[SpaceValue]:
        rows = self._db.all(
            "SELECT key, value, description, updated_at FROM space_values WHERE space = ? AND secret = ? ORDER BY key",
            (space, secret),
        )
        return [SpaceValue(*row) for row in rows]

    def set_value(self, space: int, value: SpaceValue, *, secret: bool) -> None:
        self._db.run(
            "INSERT INTO space_values (space, secret, key, value, description, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (space, secret, key) DO UPDATE SET value = excluded.value,"
            " description = excluded.description, updated_at = excluded.updated_at",
            (space, secret, value.key, value.value, value.description, value.updated_at),
        )

    def remove_value(self, space: int, key: str, *, secret: bool) -> None:
        self._db.run("DELETE FROM space_values WHERE space = ? AND secret = ? AND key = ?", (space, secret, key))


def _owner(row: tuple[Any, ...]) -> Owner:
    return Owner(row[0], row[1], row[2], bool(row[3]), row[4], bool(row[5]))


def _number(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _token(row: tuple[Any, ...]) -> Token:
    return Token(*row)


def _run_of(row: tuple[Any, ...]) -> tuple[float | None, bool]:
    return row[0], bool(row[1])


def _taken(error: sqlite3.IntegrityError) -> Conflict:
    return Conflict("subdomain" if "subdomain" in str(error) else "A Space with this name already exists.")


def _space(row: tuple[Any, ...]) -> SpaceRow:
    number, owner, name, subdomain, folder, private, sdk, created_at, updated_at, owner_id, creator = row
    return SpaceRow(
        number, owner, name, subdomain, folder, bool(private), sdk, created_at, updated_at, owner_id, creator
    )
