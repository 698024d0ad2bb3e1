"""The seam to who may see single private Spaces of others (the contract of ports.py holds for it)."""

from __future__ import annotations

from typing import Protocol


class SharingStore(Protocol):
    def add_guest(self, space: int, owner: int) -> None:
        """Let a user, or the members of an organization, see a Space."""
        ...

    def remove_guest(self, space: int, owner: int) -> bool:
        """Whether there was one."""
        ...

    def guests(self, space: int) -> list[str]:
        """Users and organizations, by name."""
        ...

    def shared_with(self, user: int) -> frozenset[int]:
        """The Spaces that a user is a guest of, or one of its organizations. Read with every request: cached."""
        ...

    def set_link(self, space: int, digest: bytes | None) -> None:
        """Whoever has the secret with this digest may see the Space; an earlier one ends. None: nobody."""
        ...

    def link(self, space: int) -> bytes | None:
        """The digest of its link. Cached."""
        ...

    def space_of_link(self, digest: bytes) -> int | None: ...
