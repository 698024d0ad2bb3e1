"""How much the Spaces of each owner keep, and that no more comes in than the owner's tier allows.

What counts is the content of files: each once in a Space, however many of its revisions have it, as long as one has.
The number stands beside each Space in the store, is raised with each commit, and is counted anew where a commit failed
or the hub was killed meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spaceport.errors import TooLarge
from spaceport.hub.identity.access import SpaceNotFound
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.spaces.repository import Repo
from spaceport.store.hub.ports import HubStore, Owner, SpaceRow
from spaceport.store.hub.storage_ports import Uncounted

_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes. `limit`: 0 where there is none."""

    used: int
    limit: int


class Storage:
    """One process, the hub's, adds to Spaces. Its methods may be called from any thread, and block."""

    def __init__(self, store: HubStore, accounts: Accounts, data: Path) -> None:
        self._store = store
        self._accounts = accounts
        self._data = data
        self._lock = threading.Lock()
        """Held from the look at what is used until what comes is announced: of two that fit alone one is refused."""
        self._stopped = False

    def usage(self, owner: Owner) -> Usage:
        with self._lock:
            return self._usage(owner)

    def start(self) -> None:
        """Called before anything is added: what another process had announced will not come."""
        self._store.storage.forget_announced()

    def count_all(self) -> None:
        """Count what was not counted yet, so that no commit has to wait for it."""
        for one in self._store.storage.uncounted():
            if self._stopped:
                return
            with self._lock:
                self._count(one)

    def stop(self) -> None:
        """End `count_all` after the Space that it counts now."""
        self._stopped = True

    @contextmanager
    def adding(self, space: SpaceRow, size: int) -> Iterator[None]:
        """Entered while so many bytes are added to a Space. Raises `TooLarge`, `SpaceNotFound`."""
        with self._lock:
            current = self._store.space_by_id(space.id)
            if current is None:  # it was removed meanwhile; or it has moved, and is another owner's
                raise SpaceNotFound("Repository not found")
            self._check(self._accounts.get_account(current.owner), size)
            self._store.storage.announce(space.id, size)
        arrived = False
        try:
            yield
            arrived = True
        finally:
            self._store.storage.conclude(space.id, size, arrived=arrived)

    @contextmanager
    def moving(self, space: SpaceRow, owner: Owner) -> Iterator[None]:
        """Entered while a Space becomes another owner's. Raises `TooLarge`."""
        with self._lock:
            if space.owner_id != owner.id:
                self._check(owner, self._size(space))
            yield

    def size(self, space: SpaceRow) -> int:
        """What a Space keeps."""
        with self._lock:
            return self._size(space)

    def _size(self, space: SpaceRow) -> int:
        for one in self._store.storage.uncounted(space.owner_id):
            if one.space == space.id:
                self._count(one)
        return self._store.storage.size(space.id)

    def _usage(self, owner: Owner) -> Usage:
        for one in self._store.storage.uncounted(owner.id):
            self._count(one)
        return Usage(self._store.storage.used(owner.id), self._accounts.tiers.get(owner.tier).storage)

    def _check(self, owner: Owner, size: int) -> None:
        found = self._usage(owner)
        if size and found.limit and found.used + size > found.limit:
            raise TooLarge(
                f"The Spaces of {owner.name} keep {size_text(found.used)} of the {size_text(found.limit)} that the tier"
                f" {owner.tier} allows, and {size_text(size)} more would come. Remove Spaces that nobody needs (a"
                " deleted file stays in its Space's history), or ask an admin of this hub for another tier."
            )

    def _count(self, one: Uncounted) -> None:
        self._store.storage.set_size(one.space, Repo(self._data / one.folder).stored_bytes())


def size_text(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.3g} {unit}"
