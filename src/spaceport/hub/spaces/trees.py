"""The entries of revisions, read from git once and then kept in memory."""

from __future__ import annotations

from collections.abc import Sequence

from spaceport.hub.spaces.bounded_cache import BoundedCache
from spaceport.hub.spaces.repository import Commit, Entry, Repo

_MAX_CACHED_BYTES = 64 << 20
_MAX_TREE_BYTES = _MAX_CACHED_BYTES // 4
"""A larger tree is read again each time: it would push out those of many Spaces."""
_ENTRY_BYTES = 300
"""The bytes of an entry in memory beside its path."""


class Trees:
    """Safe from any thread. `folder`: the Space's, whose name is never used again."""

    def __init__(self, max_bytes: int = _MAX_CACHED_BYTES, max_tree_bytes: int = _MAX_TREE_BYTES) -> None:
        self._trees: BoundedCache[tuple[str, str, str, bool], Sequence[Entry]] = BoundedCache(max_bytes)
        self._commits: BoundedCache[tuple[str, str], Commit] = BoundedCache(max_bytes // 8)
        self._max_tree_bytes = max_tree_bytes

    def entries(self, repo: Repo, folder: str, commit: str, path: str, *, recursive: bool) -> Sequence[Entry]:
        """As `Repo.tree` says. Blocks."""
        key = (folder, commit, path, recursive)
        found = self._trees.get(key)
        if found is None:
            found = tuple(repo.tree(commit, path, recursive=recursive))
            size = _ENTRY_BYTES * (len(found) + 1) + sum(len(one.path) for one in found)
            if size <= self._max_tree_bytes:
                self._trees.put(key, found, size)
        return found

    def commit(self, repo: Repo, folder: str, commit: str) -> Commit:
        """Who made a commit, when, and why. Blocks."""
        key = (folder, commit)
        found = self._commits.get(key)
        if found is None:
            (found,) = repo.log(commit, 1)
            self._commits.put(key, found, _ENTRY_BYTES + len(found.title) + len(found.message))
        return found
