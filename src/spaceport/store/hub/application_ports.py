"""The seam to the applications that users have allowed to act for them (the contract of ports.py holds for it).

An application is the app of a Space, or a program on a user's machine that signed in by a browser (`space` is None).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user has allowed an application. `scopes`: names with spaces between. `about`: what a program says it is.

    `space_owner`: the id of the Space's owner at that time. `address`: where it was used last.
    """

    id: int
    user: str
    space: int | None
    space_owner: int | None
    scopes: str
    about: str
    created_at: float
    used_at: float | None
    address: str | None


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """A token of an application, without its secret. `refresh`: it is only good to get a new one.

    `scopes`: those of the grant that it was asked for. `used`: a refresh token that has been exchanged.
    """

    grant: Grant
    scopes: str
    refresh: bool
    used: bool
    expires_at: float


@dataclass(frozen=True, slots=True)
class NewToken:
    """`digest`: of its secret. `session`: the token ends with this session of a browser."""

    digest: bytes
    scopes: str
    expires_at: float
    refresh: bool = False
    session: int | None = None


class ApplicationStore(Protocol):
    def allow(
        self, user: int, space: int | None, space_owner: int | None, scopes: str, about: str, now: float, keep: int
    ) -> int:
        """The id of the grant: of a Space, the one that there is, with these scopes from now on; else a new one.

        The user keeps the newest `keep`.
        """
        ...

    def grant(self, user: int, space: int) -> Grant | None:
        """What a user has allowed a Space."""
        ...

    def grants(self, user: int) -> list[Grant]:
        """Newest first."""
        ...

    def remove_grant(self, user: int, grant: int) -> bool:
        """Its tokens end. Whether there was one."""
        ...

    def grant_used(self, grant: int, now: float, address: str) -> None: ...

    def add_oauth_token(self, grant: int, token: NewToken, now: float, keep: int) -> bool:
        """The grant keeps the newest `keep` tokens; expired ones are removed. False: the grant or session is gone."""
        ...

    def oauth_token(self, digest: bytes) -> OAuthToken | None:
        """The token whose secret has this digest, expired or not. Read with every request: cached."""
        ...

    def use_refresh_token(self, digest: bytes) -> bool:
        """Mark it as exchanged; False where it was before, or is not there."""
        ...

    def remove_oauth_token(self, digest: bytes) -> None: ...

    def remove_oauth_tokens(self, grant: int) -> None: ...
