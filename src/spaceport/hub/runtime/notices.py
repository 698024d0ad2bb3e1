"""What of a revision this hub does not do, in a file beside its repository: known after a restart of the hub, too."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec


class Notices(msgspec.Struct, frozen=True):
    """`notices` are sentences. Those of the revision that was built last are kept."""

    commit: str | None = None
    notices: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write them. A disk without room costs the notices, not the build."""
        draft = path.with_suffix(f".{os.urandom(4).hex()}")
        with contextlib.suppress(OSError):
            draft.write_bytes(msgspec.json.encode(self))
            draft.replace(path)


def load_notices(path: Path) -> Notices:
    """Those that were saved; none where there are none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Notices)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Notices()
