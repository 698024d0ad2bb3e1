"""The directory of a hub's Spaces: their records and repositories, as far as the caller may see or change them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from spaceport.errors import Conflict, InvalidInput
from spaceport.hub import names
from spaceport.hub.identity.access import may_see, must_change, must_own, must_see, sees_private
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.identity.caller import Identity
from spaceport.hub.identity.rights import Right
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.repository import Commit, Entry, Repo
from spaceport.hub.spaces.storage import Storage
from spaceport.hub.spaces.summaries import Summaries, Summary, fold
from spaceport.hub.spaces.trees import Trees
from spaceport.store.hub.ports import ListedSpace, Order, Owner, SpacePage, SpaceRow, SpaceStore

_FOLDERS = "spaces"
_MAX_WORDS = 20
_MAX_TAGS = 20
_BATCH = 1000
"""How many Spaces a search reads at once."""
_MAX_LOOKED = 5000
"""How many Spaces one request looks at; the next page goes on behind them."""


class SpaceExists(Conflict):
    """The owner already has a Space with this name."""


Position = tuple[float, int]
"""The time that sorts a listing, and the id, of the last Space of a page."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of Spaces. `next`: behind which one the next page begins; None for the last page."""

    spaces: list[ListedSpace]
    next: Position | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Which Spaces a listing shows: those of `author` that have all `tags`.

    `words`: each stands in a Space's name, owner, title, short description or tags. `accepts`: what else the caller
    asks of a Space.
    """

    author: str | None = None
    words: str = ""
    tags: tuple[str, ...] = ()
    accepts: Callable[[ListedSpace], bool] | None = None


class Spaces:
    """Makes, finds, changes and removes Spaces. Safe from any thread; what reads a repository blocks."""

    def __init__(self, store: SpaceStore, accounts: Accounts, data: Path, storage: Storage) -> None:
        self._store = store
        self._accounts = accounts
        self._storage = storage
        self._data = data
        self._heads: dict[int, str | None] = {}
        """Newest commits: only this process writes."""
        self._summaries = Summaries(data)
        self._trees = Trees()

    def create(self, identity: Identity, owner: str, name: str, sdk: str, *, private: bool) -> SpaceRow:
        """Make an empty Space. Raises `Unauthenticated`, `Forbidden`, `NotFound`, `InvalidInput`, `SpaceExists`."""
        account = must_own(identity, owner, self._accounts.find(owner))
        names.check(name, "A Space's name")
        if sdk not in readme.SDKS:
            known = ", ".join(readme.SDKS)
            raise InvalidInput(f"A Space's sdk must be one of {known} here: this hub has no containers.")
        if self._store.space(account.name, name) is not None:
            raise SpaceExists("A Space with this name already exists.")
        folder = f"{_FOLDERS}/{secrets.token_hex(8)}"
        repo = Repo(self._data / folder)
        try:
            repo.create()
            creator = None if identity.owner is None else identity.owner.id

            def add(label: str) -> None:
                now = time.time()
                self._store.add_space(account.id, name, label, folder, sdk, now, private=private, creator=creator)

            _with_label(account, name, add)
        except BaseException:
            repo.remove()
            raise
        return self.get_readable(identity, account.name, name)

    def move(self, identity: Identity, space: SpaceRow, owner: str, name: str) -> SpaceRow:
        """Give a Space another name, another owner, or both. Raises as `create` and `get_managed` do, and
        `TooLarge` where the new owner has no room for it."""
        must_change(identity, space, Right.MANAGE)
        account = must_own(identity, owner, self._accounts.find(owner))
        names.check(name, "A Space's name")

        def write(label: str) -> None:
            self._store.move_space(space.id, account.id, name, label, time.time())

        with self._storage.moving(space, account):
            _with_label(account, name, write)
        return self.get_readable(identity, account.name, name)

    def owner_renamed(self, owner: Owner) -> list[SpaceRow]:
        """Give the Spaces of an account the subdomains of its new name; they lead there from the old ones."""
        for space in self.all_of(owner):

            def move(label: str, space: SpaceRow = space) -> None:
                self._store.move_space(space.id, owner.id, space.name, label, time.time())

            _with_label(owner, space.name, move)
        return self.all_of(owner)

    def by_former_name(self, identity: Identity, owner: str, name: str) -> SpaceRow:
        """The Space that had this address before, where the caller may see it. Raises `SpaceNotFound`."""
        return must_see(identity, self._store.moved_space(owner, name))

    def by_former_subdomain(self, identity: Identity, subdomain: str) -> SpaceRow:
        """As `by_former_name`."""
        return must_see(identity, self._store.moved_by_subdomain(subdomain.lower()))

    def find_moved(self, owner: str, name: str) -> SpaceRow | None:
        """The Space that had this address before, whoever may see it."""
        return self._store.moved_space(owner, name)

    def find_moved_by_subdomain(self, subdomain: str) -> SpaceRow | None:
        """As `find_moved`."""
        return self._store.moved_by_subdomain(subdomain.lower())

    def duplicate(self, identity: Identity, source: SpaceRow, owner: str, name: str, *, private: bool) -> SpaceRow:
        """Make a Space with the files of another one, and their history. Raises as `create` does, and `TooLarge`."""
        space = self.create(identity, owner, name, source.sdk, private=private)
        commit = self.head(source)
        if commit is None:
            return space
        try:
            with self._storage.adding(space, self._storage.size(source)):
                self.repo(space).fetch_from(self.repo(source))
            self.committed(space, commit)
        except BaseException:
            self._remove(space)
            raise
        return space

    def get_readable(self, identity: Identity, owner: str, name: str) -> SpaceRow:
        """A Space that the caller may see. Raises `SpaceNotFound`."""
        return must_see(identity, self._store.space(owner, name))

    def get_managed(self, identity: Identity, owner: str, name: str) -> SpaceRow:
        """A Space that the caller may move and delete. Raises `SpaceNotFound`, `Unauthenticated`, `Forbidden`."""
        found = self.get_readable(identity, owner, name)
        must_change(identity, found, Right.MANAGE)
        return found

    def listing(
        self,
        identity: Identity,
        search: Search,
        limit: int,
        *,
        order: Order = "updated_at",
        after: Position | None = None,
    ) -> Listing:
        """The first `limit` Spaces that the caller may see and that `search` finds, newest first. Blocks.

        A search looks at so many Spaces and no more: a page that is short, or empty, need not be the last.
        `order`: the time that sorts. `after`: the `next` of the page before.
        """
        if not limit:
            return Listing([])
        viewers, shared, everything = sees_private(identity)
        rows = (self._store.space_by_id(space) for space in shared)
        shared = tuple(row.id for row in rows if row is not None and may_see(identity, row))
        page = SpacePage(limit, search.author, viewers, shared, everything, order, after)
        words, tags = fold(search.words).split()[:_MAX_WORDS], set(search.tags[:_MAX_TAGS])
        accepts = search.accepts
        if not words and not tags and accepts is None:
            found = self._store.page(replace(page, limit=limit + 1))
            return Listing(found[:limit], _position(found[limit - 1], order) if len(found) > limit else None)
        found = []
        for _ in range(_MAX_LOOKED // _BATCH):
            batch = self._store.page(replace(page, limit=_BATCH))
            for one in batch:
                if not (words or tags) or self._matches(one.space, words, tags):
                    found += [one] if accepts is None or accepts(one) else []
                if len(found) > limit:
                    return Listing(found[:limit], _position(found[limit - 1], order))
            if len(batch) < _BATCH:
                return Listing(found)
            page = replace(page, after=_position(batch[-1], order))
        return Listing(found, page.after)

    def _matches(self, space: SpaceRow, words: list[str], tags: set[str]) -> bool:
        name = space.full_name.lower()
        if not tags and all(word in name for word in words):
            return True
        found = self.summary(space, self.head(space))
        if not tags.issubset(readme.all_tags(space.sdk, {} if found is None else found.card)):
            return False
        text = name if found is None else f"{name} {found.search_text}"
        return all(word in text for word in words)

    def all(self) -> list[SpaceRow]:
        return self._store.spaces()

    def all_of(self, owner: Owner) -> list[SpaceRow]:
        return self._store.spaces(author=owner.name)

    def vanished(self, spaces: Iterable[SpaceRow]) -> list[SpaceRow]:
        """Those of them that somebody has removed, maybe in another process."""
        known = list(spaces)
        existing = self._store.existing([one.id for one in known])
        return [one for one in known if one.id not in existing]

    def remove(self, identity: Identity, owner: str, name: str) -> None:
        """Remove a Space with all its files. Raises as `get_managed` does."""
        self._remove(self.get_managed(identity, owner, name))

    def _remove(self, space: SpaceRow) -> None:
        self._store.remove_space(space.id)
        self.remove_files([space])

    def remove_files(self, spaces: Iterable[SpaceRow]) -> None:
        """Remove what is left of Spaces whose records are gone."""
        for space in spaces:
            self._heads.pop(space.id, None)
            self.repo(space).remove()

    def set_private(self, space: SpaceRow, *, private: bool) -> None:
        self._store.set_private(space.id, private=private)

    def is_admins(self, space: SpaceRow) -> bool:
        """Whether the Space's owner is an admin."""
        owner = self._accounts.find(space.owner)
        return owner is not None and owner.admin

    def sleep_s(self, space: SpaceRow) -> float | None:
        """The seconds without a request after which it sleeps, where its owner set them; below 0: it never does."""
        return self._store.how_it_runs(space.id)[0]

    def set_sleep(self, space: SpaceRow, sleep_s: float) -> None:
        self._store.set_sleep(space.id, sleep_s)

    def is_paused(self, space: SpaceRow) -> bool:
        return self._store.how_it_runs(space.id)[1]

    def set_paused(self, space: SpaceRow, *, paused: bool) -> None:
        self._store.set_paused(space.id, paused=paused)

    def find(self, owner: str, name: str) -> SpaceRow | None:
        """A Space, whoever may see it."""
        return self._store.space(owner, name)

    def find_by_subdomain(self, subdomain: str) -> SpaceRow | None:
        """As `find`."""
        return self._store.by_subdomain(subdomain.lower())

    def by_subdomain(self, identity: Identity, subdomain: str) -> SpaceRow:
        """A Space that the caller may see, by the first label of its own host. Raises `SpaceNotFound`."""
        return must_see(identity, self._store.by_subdomain(subdomain.lower()))

    def repo(self, space: SpaceRow) -> Repo:
        return Repo(self._data / space.folder)

    def head(self, space: SpaceRow) -> str | None:
        """The newest commit; None: there is none yet."""
        if space.id not in self._heads:
            self._heads[space.id] = self.repo(space).head()
        return self._heads[space.id]

    def commit_of(self, space: SpaceRow, revision: str) -> str:
        """The id of the commit that a revision names. Raises `RevisionNotFound`. Blocks."""
        head = self.head(space)
        if head is not None and revision in ("main", "HEAD", head):
            return head
        return self.repo(space).commit_of(revision)

    def tree(self, space: SpaceRow, commit: str, path: str = "", *, recursive: bool = True) -> Sequence[Entry]:
        """The entries below a directory of a revision. Raises `EntryNotFound`. Blocks."""
        return self._trees.entries(self.repo(space), space.folder, commit, path, recursive=recursive)

    def commit(self, space: SpaceRow, commit: str) -> Commit:
        """A commit as the log shows it. Blocks."""
        return self._trees.commit(self.repo(space), space.folder, commit)

    def card(self, space: SpaceRow, commit: str | None) -> dict[str, Any]:
        """The front matter of its README in a revision; empty where there is none, or where it is invalid."""
        found = self.summary(space, commit)
        return {} if found is None else found.card

    def summary(self, space: SpaceRow, commit: str | None) -> Summary | None:
        """What a listing shows of a revision; None: it has no commit."""
        if commit is None:
            return None
        newest = commit == self.head(space)
        return self._summaries.of(space, commit, newest=newest)

    def options(self, space: SpaceRow, commit: str | None) -> readme.SpaceOptions:
        """The options that the README of a revision sets."""
        return readme.options(self.card(space, commit))

    def committed(self, space: SpaceRow, commit: str) -> None:
        """Record a new revision; the sdk of its README becomes the Space's."""
        self._heads[space.id] = commit
        sdk = self.card(space, commit).get("sdk", space.sdk)
        self._store.space_changed(space.id, sdk if sdk in readme.SDKS else space.sdk, time.time())


def _position(listed: ListedSpace, order: Order) -> Position:
    return getattr(listed.space, order), listed.space.id


def _with_label(account: Owner, name: str, write: Callable[[str], None]) -> None:
    """Write the record of a Space with a subdomain that is free. Raises `SpaceExists` where the name is taken."""
    try:
        try:
            write(names.subdomain(account.name, name))
        except Conflict as error:
            if error.message != "subdomain":
                raise
            write(names.subdomain(account.name, name, taken=True))
    except Conflict as error:
        if error.message == "subdomain":
            raise
        raise SpaceExists(error.message) from None
