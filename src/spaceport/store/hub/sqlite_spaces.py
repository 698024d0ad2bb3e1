"""Spaces and their addresses in the hub's SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from spaceport.errors import Conflict
from spaceport.store.hub.database import HubDatabase
from spaceport.store.hub.ports import ListedSpace, SpacePage, SpaceRow

_LISTED = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at, s.owner,"
    " s.creator, r.sleep_s, r.paused, o.admin"
    " FROM spaces s JOIN owners o ON o.id = s.owner LEFT JOIN space_runs r ON r.space = s.id"
)
_SPACES = (
    "SELECT s.id, o.name, s.name, s.subdomain, s.folder, s.private, s.sdk, s.created_at, s.updated_at, s.owner,"
    " s.creator FROM spaces s JOIN owners o ON o.id = s.owner"
)
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


class SqliteSpaces:
    """Implements `ports.SpaceStore`."""

    _db: HubDatabase

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


def _number(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _run_of(row: tuple[Any, ...]) -> tuple[float | None, bool]:
    return row[0], bool(row[1])


def _taken(error: sqlite3.IntegrityError) -> Conflict:
    return Conflict("subdomain" if "subdomain" in str(error) else "A Space with this name already exists.")


def _space(row: tuple[Any, ...]) -> SpaceRow:
    number, owner, name, subdomain, folder, private, sdk, created_at, updated_at, owner_id, creator = row
    return SpaceRow(
        number, owner, name, subdomain, folder, bool(private), sdk, created_at, updated_at, owner_id, creator
    )
