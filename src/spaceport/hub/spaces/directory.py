"""The Spaces of a hub: who has them, who may see them, and where their files are."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from spaceport.errors import Conflict, InvalidInput, NotFound
from spaceport.hub import names
from spaceport.hub.identity.accounts import Accounts, Identity
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.repository import EntryNotFound, Repo
from spaceport.store.hub.ports import HubStore, SpaceRow

_FOLDERS = "spaces"
README = "README.md"


class SpaceNotFound(NotFound):
    """No such Space, or one that the caller may not see: nobody can tell which."""


class SpaceExists(Conflict):
    """There is a Space of this name."""


class Spaces:
    def __init__(self, store: HubStore, accounts: Accounts, data: Path) -> None:
        self._store = store
        self._accounts = accounts
        self._data = data
        self._heads: dict[int, str | None] = {}
        """Newest commits: only this process writes."""

    def create(self, identity: Identity, owner: str, name: str, sdk: str, *, private: bool) -> SpaceRow:
        """Raises `Unauthenticated`, `Forbidden`, `InvalidInput`, `SpaceExists`."""
        identity.must_write(owner)
        names.check(name, "A Space's name")
        if sdk not in readme.SDKS:
            known = ", ".join(readme.SDKS)
            raise InvalidInput(f"A Space's sdk is one of {known} here: this hub has no containers.")
        whose = self._accounts.named(owner)
        if self._store.space(whose.name, name) is not None:
            raise SpaceExists("You already created this Space.")
        folder = f"{_FOLDERS}/{secrets.token_hex(8)}"
        Repo(self._data / folder).create()
        for taken in (False, True):
            label = names.subdomain(whose.name, name, taken=taken)
            try:
                self._store.add_space(whose.id, name, label, folder, sdk, time.time(), private=private)
                break
            except Conflict as error:
                if error.message != "subdomain" or taken:
                    raise
        return self.seen(identity, whose.name, name)

    def duplicate(self, identity: Identity, source: SpaceRow, owner: str, name: str, *, private: bool) -> SpaceRow:
        """Its files, with their history, under another name. Raises as `create` does."""
        space = self.create(identity, owner, name, source.sdk, private=private)
        commit = self.head(source)
        if commit is not None:
            self.repo(space).take(self.repo(source))
            self.committed(space, commit)
        return space

    def seen(self, identity: Identity, owner: str, name: str) -> SpaceRow:
        """A Space that the caller may see. Raises `SpaceNotFound`."""
        found = self._store.space(owner, name)
        if found is None or not identity.may_see(found.owner, private=found.private):
            raise SpaceNotFound("Repository not found")
        return found

    def written(self, identity: Identity, owner: str, name: str) -> SpaceRow:
        """A Space that the caller may change. Raises `SpaceNotFound`, `Unauthenticated`, `Forbidden`."""
        found = self.seen(identity, owner, name)
        identity.must_write(found.owner)
        return found

    def listing(self, identity: Identity, *, author: str | None, search: str | None) -> list[SpaceRow]:
        found = self._store.spaces(author=author, search=search)
        return [space for space in found if identity.may_see(space.owner, private=space.private)]

    def all(self) -> list[SpaceRow]:
        return self._store.spaces()

    def remove(self, identity: Identity, owner: str, name: str) -> None:
        """With all its files. Raises as `written` does."""
        space = self.written(identity, owner, name)
        self._store.remove_space(space.id)
        self._heads.pop(space.id, None)
        self.repo(space).remove()

    def set_private(self, identity: Identity, owner: str, name: str, *, private: bool) -> None:
        """Raises as `written` does."""
        self._store.set_private(self.written(identity, owner, name).id, private=private)

    def is_admins(self, space: SpaceRow) -> bool:
        """Whether its owner may change everything here anyway."""
        return self._accounts.named(space.owner).admin

    def sleep_s(self, space: SpaceRow) -> float | None:
        """Seconds without a request until it sleeps, if its owner has said so; below 0: never."""
        return self._store.how_it_runs(space.id)[0]

    def set_sleep(self, space: SpaceRow, sleep_s: float) -> None:
        self._store.set_sleep(space.id, sleep_s)

    def is_paused(self, space: SpaceRow) -> bool:
        return self._store.how_it_runs(space.id)[1]

    def set_paused(self, space: SpaceRow, *, paused: bool) -> None:
        self._store.set_paused(space.id, paused=paused)

    def by_subdomain(self, identity: Identity, subdomain: str) -> SpaceRow:
        """As `seen`, by the first label of its own address."""
        found = self._store.by_subdomain(subdomain.lower())
        if found is None or not identity.may_see(found.owner, private=found.private):
            raise SpaceNotFound("Repository not found")
        return found

    def repo(self, space: SpaceRow) -> Repo:
        return Repo(self._data / space.folder)

    def head(self, space: SpaceRow) -> str | None:
        """The newest commit; None: there is none yet. Asks git once."""
        if space.id not in self._heads:
            self._heads[space.id] = self.repo(space).head()
        return self._heads[space.id]

    def card(self, space: SpaceRow, commit: str | None) -> dict[str, Any]:
        """The front matter of its README in a revision; empty where there is none that can be read."""
        if commit is None:
            return {}
        try:
            return readme.parse(self.repo(space).read(commit, README).decode("utf-8", "replace"))
        except (EntryNotFound, readme.InvalidFrontMatter):
            return {}

    def options(self, space: SpaceRow, commit: str | None) -> readme.SpaceOptions:
        """What the README of a revision wants of the hub."""
        return readme.options(self.card(space, commit))

    def committed(self, space: SpaceRow, commit: str) -> None:
        """A new revision: what the README says now counts."""
        self._heads[space.id] = commit
        sdk = self.card(space, commit).get("sdk", space.sdk)
        self._store.space_changed(space.id, sdk if sdk in readme.SDKS else space.sdk, time.time())
