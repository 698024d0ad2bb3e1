"""Spaces as OAuth clients: each has an id and a secret, which its app finds in its environment.

Both are made of a key of the hub and of the Space's folder, which no other Space ever gets: they stay the same over
restarts, renames and moves, and nothing has to be stored.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from pathlib import Path

from spaceport.store import secret_file
from spaceport.store.hub.ports import SpaceRow, SpaceStore

HF_COMMAND = "26be6b09-91c5-47da-9861-d2d2bb7a7e36"
"""The client id of `hf auth login`, which has no secret. It signs in with a code that a person types, and not else."""
_ID = re.compile(r"([0-9a-f]{1,15})-[0-9a-f]{32}")


class OAuthClients:
    """`key_file` is created if it is missing."""

    def __init__(self, store: SpaceStore, key_file: Path) -> None:
        self._store = store
        self._key = secret_file(key_file, lambda: os.urandom(32))

    def id_of(self, space: SpaceRow) -> str:
        return f"{space.id:x}-{self._derived('id', space)[:32]}"

    def secret_of(self, space: SpaceRow) -> str:
        return self._derived("secret", space)

    def find(self, client: str) -> SpaceRow | None:
        """The Space with this client id."""
        found = _ID.fullmatch(client)
        space = None if found is None else self._store.space_by_id(int(found[1], 16))
        return space if space is not None and hmac.compare_digest(self.id_of(space), client) else None

    def is_secret(self, space: SpaceRow, secret: str) -> bool:
        return hmac.compare_digest(self.secret_of(space).encode(), secret.encode("utf-8", "replace"))

    def _derived(self, what: str, space: SpaceRow) -> str:
        return hmac.new(self._key, f"{what} {space.folder}".encode(), hashlib.sha256).hexdigest()
