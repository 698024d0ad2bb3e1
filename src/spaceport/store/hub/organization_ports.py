"""The seams to who belongs to which organization, and to invitations (the contract of ports.py holds for them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """A user in an organization."""

    user: str
    role: str
    since: float


@dataclass(frozen=True, slots=True)
class Membership:
    """An organization that a user is in."""

    organization: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link without its secret: to the hub itself, or into an `organization` with a `role`."""

    id: int
    organization: str | None
    role: str | None
    inviter: str | None
    created_at: float
    expires_at: float
    uses_left: int


class OrganizationStore(Protocol):
    def roles(self, user: int) -> Mapping[int, str]:
        """The roles of a user by the organization's id. Read with every request: cached."""
        ...

    def memberships(self, user: int) -> list[Membership]:
        """By name."""
        ...

    def members(self, organization: int) -> list[Member]:
        """By name."""
        ...

    def set_member(self, organization: int, user: int, role: str, now: float) -> None:
        """Add a member, or change its role. Raises `Conflict` where no admin would be left."""
        ...

    def remove_member(self, organization: int, user: int) -> None:
        """Raises `Conflict` where no admin would be left."""
        ...


class InvitationStore(Protocol):
    def add_invitation(
        self,
        digest: bytes,
        organization: int | None,
        role: str | None,
        inviter: int | None,
        now: float,
        expires_at: float,
        uses: int,
    ) -> None: ...

    def invitation(self, digest: bytes, now: float) -> Invitation | None:
        """The invitation whose secret has this digest, while it is valid."""
        ...

    def invitations(self, organization: int | None) -> list[Invitation]:
        """Those into an organization, or to the hub; expired ones too, oldest first."""
        ...

    def use_invitation(self, invitation: int, now: float) -> bool:
        """Use it once; False where it has just been used up, revoked, or has expired."""
        ...

    def remove_invitation(self, invitation: int) -> None: ...

    def purge_invitations(self, now: float) -> None:
        """Remove those that have expired or are used up."""
        ...
