"""What a listing shows of a Space's revision, read from git once and then kept beside the repository.

A listing must not start git for each of its Spaces: the newest revision's summary lies in `summary.json`, written with
the commit, and in memory, within a bound.
"""

from __future__ import annotations

import contextlib
import functools
import os
import unicodedata
from pathlib import Path
from typing import Any

import msgspec

from spaceport.errors import InvalidInput
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.bounded_cache import BoundedCache
from spaceport.hub.spaces.front_matter import MAX_BYTES
from spaceport.hub.spaces.repository import EntryNotFound, Repo
from spaceport.store.hub.ports import SpaceRow

README = "README.md"
_FILE = "summary.json"
_MAX_CACHED_BYTES = 64 << 20
_ENTRY_BYTES = 512


def fold(text: str) -> str:
    """Lower case without accents: who types "uber" finds "Über"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(one for one in parts if not unicodedata.combining(one)).lower()


class Summary(msgspec.Struct, frozen=True, dict=True):
    """`card` is the front matter of the README, empty where it is invalid. `runnable`: the app's file is there."""

    commit: str
    card: dict[str, Any]
    runnable: bool

    @functools.cached_property
    def search_text(self) -> str:
        """The words that a search looks through beside the Space's name, as `fold` makes them."""
        shown = [self.card.get(key) for key in ("title", "short_description", "emoji")]
        return fold(" ".join([*(one for one in shown if isinstance(one, str)), *readme.tags(self.card)]))


class Summaries:
    """Safe from any thread."""

    def __init__(self, data: Path, max_bytes: int = _MAX_CACHED_BYTES) -> None:
        self._data = data
        self._found: BoundedCache[tuple[str, str], Summary] = BoundedCache(max_bytes)

    def of(self, space: SpaceRow, commit: str, *, newest: bool) -> Summary:
        """The summary of a revision; that of the newest one is written beside the repository. Blocks."""
        key = (space.folder, commit)
        cached = self._found.get(key)
        if cached is not None:
            return cached
        folder = self._data / space.folder
        found = _load(folder, commit) if newest else None
        if found is None:
            found = _read(Repo(folder), commit, space.sdk)
            if newest:
                _save(folder, found)
        self._found.put(key, found, _ENTRY_BYTES + len(msgspec.json.encode(found.card)))
        return found


def _read(repo: Repo, commit: str, sdk: str) -> Summary:
    try:
        text = repo.read(commit, README, limit=2 * MAX_BYTES).decode("utf-8", "replace")
        card = readme.parse(text)
    except (EntryNotFound, readme.InvalidFrontMatter):
        card = {}
    chosen = card.get("sdk")
    try:
        repo.entry(commit, readme.app_file(card, chosen if chosen in readme.SDKS else sdk))
        runnable = True
    except (EntryNotFound, InvalidInput):
        runnable = False
    return Summary(commit, card, runnable)


def _load(folder: Path, commit: str) -> Summary | None:
    try:
        found = msgspec.json.decode((folder / _FILE).read_bytes(), type=Summary)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found.commit == commit else None


def _save(folder: Path, summary: Summary) -> None:
    """A disk without room costs the next start of the hub a look into git, nothing else."""
    draft = folder / f"{_FILE}.{os.urandom(4).hex()}"
    with contextlib.suppress(OSError):
        draft.write_bytes(msgspec.json.encode(summary))
        draft.replace(folder / _FILE)
