"""The seam to how many bytes the Spaces of each owner keep (the contract of ports.py holds for it).

A Space has a size, which is unknown until it was counted, and what of commits that are on their way will be added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A Space whose size is not known, and the folder of its files."""

    space: int
    folder: str


class StorageStore(Protocol):
    def used(self, owner: int) -> int:
        """What the owner's Spaces keep, with what is on its way; without those whose size is unknown."""
        ...

    def size(self, space: int) -> int:
        """As `used`, of one Space."""
        ...

    def uncounted(self, owner: int | None = None) -> list[Uncounted]:
        """Of this owner, or of all."""
        ...

    def set_size(self, space: int, size: int) -> None: ...

    def announce(self, space: int, size: int) -> None:
        """So many bytes are on their way."""
        ...

    def conclude(self, space: int, size: int, *, arrived: bool) -> None:
        """They have arrived; or they have not, and what the Space keeps now is unknown."""
        ...

    def forget_announced(self) -> None:
        """The process that announced them is gone: what those Spaces keep is unknown."""
        ...
