"""What a credential allows of all that its user may do."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Right(enum.IntEnum):
    """To a Space; each right has the ones before it."""

    CALL = 1
    """See that it is there, and call it."""
    READ = 2
    """Read its files."""
    WRITE = 3
    """Commit, set variables and secrets, read logs, restart and pause."""
    MANAGE = 4
    """Make, move and delete Spaces, and set who may see them."""


RIGHTS = {right.name.lower(): right for right in Right}
"""By the name that the API and the database use."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """The rights of a credential: by the id of an owner, to all its Spaces, by the id of a Space, and to all Spaces."""

    owners: Mapping[int, Right]
    spaces: Mapping[int, Right]
    everywhere: int = 0

    def right(self, owner: int, space: int | None) -> int:
        found = max(self.everywhere, self.owners.get(owner, 0))
        return found if space is None else max(found, self.spaces.get(space, 0))
