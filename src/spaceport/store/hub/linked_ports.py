"""The seam to accounts at an OpenID Connect provider that belong to users (the contract of ports.py holds for it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account of a provider. `email`: which the provider had verified, or empty."""

    issuer: str
    subject: str
    email: str
    linked_at: float


class LinkedAccountStore(Protocol):
    def linked_user(self, issuer: str, subject: str) -> str | None:
        """The name of the user whose it is."""
        ...

    def linked_accounts(self, user: int) -> list[LinkedAccount]: ...

    def add_link(self, issuer: str, subject: str, user: int, email: str, now: float) -> None:
        """Raises `Conflict` where the account is linked, or the user has another one of that issuer."""
        ...

    def remove_links(self, user: int) -> bool:
        """Whether there were any."""
        ...
