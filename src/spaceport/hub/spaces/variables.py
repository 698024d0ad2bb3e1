"""Variables and secrets of Spaces, which their processes find in their environment.

Secrets can be set but not read back. They are encrypted with a key in a file of its own, outside of the database.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from spaceport.errors import InvalidInput
from spaceport.store import secret_file
from spaceport.store.hub.ports import SpaceRow, SpaceValue, VariableStore

_KEY = re.compile(r"[A-Za-z]\w{0,255}", re.ASCII)
MAX_VARIABLES = 200
_MAX_BYTES = 64 << 10


class SpaceVariables:
    """The variables and secrets in the hub's store. `key_file` is made where it is missing."""

    def __init__(self, store: VariableStore, key_file: Path) -> None:
        self._store = store
        self._cipher = Fernet(secret_file(key_file, Fernet.generate_key))

    def variables(self, space: SpaceRow) -> list[SpaceValue]:
        return self._store.values(space.id, secret=False)

    def secrets(self, space: SpaceRow) -> list[SpaceValue]:
        """The secrets, their values still encrypted."""
        return self._store.values(space.id, secret=True)

    def set(self, space: SpaceRow, key: str, value: str, description: str | None, *, secret: bool) -> None:
        """Set one, or replace it. Raises `InvalidInput`."""
        check_key(key)
        check_value(value)
        known = self._store.values(space.id, secret=secret)
        if len(known) >= MAX_VARIABLES and key not in [one.key for one in known]:
            raise InvalidInput(f"A Space has at most {MAX_VARIABLES} {'secrets' if secret else 'variables'}.")
        data = value.encode("utf-8", "replace")
        stored = SpaceValue(key, self._cipher.encrypt(data) if secret else data, description, time.time())
        self._store.set_value(space.id, stored, secret=secret)

    def copy(self, source: SpaceRow, target: SpaceRow) -> None:
        """Give `target` the variables of `source`, and none of its secrets."""
        for one in self.variables(source):
            self._store.set_value(target.id, one, secret=False)

    def remove(self, space: SpaceRow, key: str, *, secret: bool) -> None:
        self._store.remove_value(space.id, key, secret=secret)

    def environment(self, space: SpaceRow) -> dict[str, str]:
        """Names and values for the Space's process. Raises `InvalidInput` where the key file is another one."""
        found = {one.key: one.value.decode() for one in self.variables(space)}
        found |= {one.key: self._plain(one) for one in self.secrets(space)}
        return found

    def _plain(self, secret: SpaceValue) -> str:
        try:
            return self._cipher.decrypt(secret.value).decode()
        except InvalidToken:
            raise InvalidInput(f"The secret {secret.key} cannot be decrypted: set it again.") from None


def check_key(key: str) -> str:
    """The name of a variable or secret. Raises `InvalidInput`."""
    if not _KEY.fullmatch(key):
        raise InvalidInput("A key must begin with a letter and have letters, digits and _, at most 256.")
    return key


def check_value(value: str) -> str:
    """Raises `InvalidInput`."""
    if len(value.encode("utf-8", "replace")) > _MAX_BYTES or "\0" in value:
        raise InvalidInput(f"A value must be text of at most {_MAX_BYTES} bytes, without NUL.")
    return value
