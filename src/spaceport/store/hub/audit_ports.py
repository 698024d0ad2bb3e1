"""The seam to the log of what was done with each credential (the contract of ports.py holds for it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done. `credential`: "token laptop" or "browser 7". `account`, `space`: their names at that
    time, empty where there was none. `id`: later entries have a larger one; the store gives it."""

    at: float
    credential: str
    action: str
    status: int
    address: str
    account: str = ""
    space: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: of an account, about a Space, whose action contains a text; None: all. `before`: an entry's id."""

    account: str | None = None
    space: str | None = None
    action: str | None = None
    before: int | None = None


class AuditStore(Protocol):
    def add_entry(self, user: int | None, entry: Entry, keep: int) -> None:
        """The user's newest `keep` entries stay; those of nobody, and of accounts that are gone, count together."""
        ...

    def entries(self, user: int, limit: int, *, credential: str | None = None) -> list[Entry]:
        """Those of a user, newest first."""
        ...

    def search(self, wanted: AuditFilter, limit: int) -> tuple[list[Entry], int | None]:
        """The newest `limit` entries of all accounts, and the id before which the next ones are; None: there are none.

        One call looks at so many entries and no more: it may find fewer than there are, and the next ones elsewhere.
        """
        ...
